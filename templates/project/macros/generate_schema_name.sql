{#
  Where a model is written: the schema of its folder below models/ (bronze, silver, gold, ml, serving); in the sandbox always gold.
  OLO_NAMESPACE overrides both.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- set override = env_var('OLO_NAMESPACE', '') -%}
  {%- if override -%} {{ override }}
  {%- elif target.name == 'sandbox' -%} gold
  {%- elif custom_schema_name -%} {{ custom_schema_name | trim }}
  {%- else -%} {{ (layer_of(node) | trim) or target.schema }}
  {%- endif -%}
{%- endmacro %}

{# The layer of a model, '' for anything else. #}
{% macro layer_of(node) -%}
  {%- if node.resource_type == 'model' and node.fqn | length > 2 and node.fqn[1] in ('bronze', 'silver', 'gold', 'ml', 'serving') -%}
    {{ node.fqn[1] }}
  {%- endif -%}
{%- endmacro %}
