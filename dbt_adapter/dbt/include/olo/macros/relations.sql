{# A contract without constraints is one statement here: dbt-trino's CREATE and INSERT would show an empty table between. #}
{% macro olo__create_table_as(temporary, relation, sql, on_exists=None) -%}
  {%- set contract = config.get('contract') -%}
  {%- if contract.enforced and not olo__has_constraints(model) -%}
    {%- set or_replace = ' or replace' if on_exists == 'replace' else '' -%}
    {%- set if_not_exists = ' if not exists' if on_exists == 'skip' else '' -%}
    {{ get_assert_columns_equivalent(sql) }}
    create{{ or_replace }} table{{ if_not_exists }} {{ relation }}
      {{ comment(model.get('description')) }}
      {{ properties(temporary) }}
    as (
      select
      {%- for name, column in model['columns'].items() %}
        {%- set quoted = adapter.quote(name) if column.get('quote') else name %}
        cast({{ quoted }} as {{ column['data_type'] }}) as {{ quoted }}{{ "," if not loop.last }}
      {%- endfor %}
      from (
        {{ sql }}
      ) as model_subq
    )
  {%- else -%}
    {%- if contract.enforced and on_exists == 'replace' -%}
      {%- do olo__assert_not_null(sql) -%}
    {%- endif -%}
    {{ trino__create_table_as(temporary, relation, sql, on_exists) }}
  {%- endif -%}
{%- endmacro %}

{# With constraints the table is replaced before its rows are inserted: a NULL must be found while the old rows stand. #}
{% macro olo__assert_not_null(sql) -%}
  {%- set names = [] -%}
  {%- for name, column in model['columns'].items() -%}
    {%- if column.get('constraints') | selectattr('type', 'equalto', 'not_null') | list -%}
      {%- do names.append(adapter.quote(name) if column.get('quote') else name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if names -%}
    {%- set counted -%}
      select {% for name in names %}count_if({{ name }} is null){{ ", " if not loop.last }}{% endfor %}
      from (
        {{ sql }}
      ) as model_subq
    {%- endset -%}
    {%- set counts = run_query(counted).rows[0] -%}
    {%- for name in names -%}
      {%- if counts[loop.index0] -%}
        {{ exceptions.raise_compiler_error(
            "NULL value not allowed for NOT NULL column: " ~ name ~ " (" ~ counts[loop.index0] ~ " rows). "
            ~ this ~ " keeps the rows it had.") }}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro olo__has_constraints(model) -%}
  {%- set found = [] -%}
  {%- do found.extend(model.get('constraints') or []) -%}
  {%- for column in model['columns'].values() -%}
    {%- do found.extend(column.get('constraints') or []) -%}
  {%- endfor -%}
  {{ return(found | length > 0) }}
{%- endmacro %}

{% macro olo__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall -%}
{% endmacro %}

{# The embedded engine has no users: who may read is decided where the files are. #}
{% macro olo__apply_grants(relation, grant_config, should_revoke=True) -%}
  {%- if grant_config -%}
    {%- do exceptions.warn("grants of " ~ relation ~ " are ignored: the embedded engine has no users. Trino applies them.") -%}
  {%- endif -%}
{%- endmacro %}
