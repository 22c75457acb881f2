{#
  Where a model is written: its layer's schema; in the sandbox always gold.
  OLO_NAMESPACE overrides both: a promotion is proved in a temporary schema.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- set override = env_var('OLO_NAMESPACE', '') -%}
  {%- if override -%} {{ override }}
  {%- elif target.name == 'sandbox' -%} gold
  {%- else -%} {{ (custom_schema_name or target.schema) | trim }}
  {%- endif -%}
{%- endmacro %}
