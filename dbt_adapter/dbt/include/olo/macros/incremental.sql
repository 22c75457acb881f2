{# dbt-trino's own statements; those that make two commits say so. #}

{% macro olo__get_incremental_delete_insert_sql(arg_dict) %}
  {%- if arg_dict["unique_key"] -%}
    {%- do adapter.warn_of_two_commits(arg_dict["target_relation"], "delete+insert") -%}
  {%- endif -%}
  {{ default__get_incremental_delete_insert_sql(arg_dict) }}
{% endmacro %}

{% macro olo__get_incremental_microbatch_sql(arg_dict) %}
  {%- do adapter.warn_of_two_commits(arg_dict["target_relation"], "microbatch") -%}
  {{ trino__get_incremental_microbatch_sql(arg_dict) }}
{% endmacro %}
