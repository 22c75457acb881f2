{# A model's table name. In the sandbox, models of other layers than gold carry the layer as prefix: all share one schema. #}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
  {%- if custom_alias_name -%} {%- set name = custom_alias_name | trim -%}
  {%- elif node.version -%} {%- set name = node.name ~ '_v' ~ (node.version | string | replace('.', '_')) -%}
  {%- else -%} {%- set name = node.name -%}
  {%- endif -%}
  {%- set layer = layer_of(node) | trim -%}
  {%- if target.name == 'sandbox' and layer and layer != 'gold' -%} {{ layer }}_{{ name }}
  {%- else -%} {{ name }}
  {%- endif -%}
{%- endmacro %}
