{# A seed is one commit: the table is made (or replaced, its snapshots kept) together with its rows. #}

{% macro olo__create_csv_table(model, agate_table) %}
  {{ return(olo__write_seed(model, agate_table)) }}
{% endmacro %}

{% macro olo__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {{ return(olo__write_seed(model, agate_table)) }}
{% endmacro %}

{% macro olo__load_csv_rows(model, agate_table) %}
  {{ return('') }}
{% endmacro %}

{% macro olo__write_seed(model, agate_table) %}
  {%- set column_override = model['config'].get('column_types', {}) -%}
  {%- set quote_seed_column = model['config'].get('quote_columns', None) -%}
  {%- set columns = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set type = column_override.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
    {%- do columns.append((adapter.quote_seed_column(name, quote_seed_column), type)) -%}
  {%- endfor -%}
  {%- do adapter.write_seed(this, agate_table, columns) -%}
  {{ return('-- ' ~ columns | length ~ ' columns, ' ~ agate_table.rows | length ~ ' rows, one commit') }}
{% endmacro %}
