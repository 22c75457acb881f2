"""The typed client of the routes for the browser: TypeScript made from their OpenAPI description."""

from __future__ import annotations

import json
import re
from typing import Any

from olo_jupyter.server.routes.route import API

_HEAD = """\
/** The routes and what they answer. Made from docs/openapi.json by scripts/published.py: do not edit. */

import type { IApi } from './api';
import { route } from './api';
"""
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def client(document: dict[str, Any]) -> str:
    """One function a route, and one interface a model; a bundle holds only the functions that are used.

    Args:
        document: What :func:`olo_jupyter.server.openapi.document` makes.
    """
    parts = [_HEAD]
    answers = _answers(document)
    for name, schema in document["components"]["schemas"].items():
        parts.append(_model(name, schema, answered=name in answers))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(_function(path.removeprefix(f"{API}/"), method, operation))
    return "\n".join(parts)


def _answers(document: dict[str, Any]) -> set[str]:
    """Models that a route answers with, those in them included: their fields with defaults are always there."""
    schemas, found = document["components"]["schemas"], set[str]()
    pending = [
        _named(operation["responses"]["200"]["content"]["application/json"]["schema"])
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schemas[name]))
    return found


def _named(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _model(name: str, schema: dict[str, Any], *, answered: bool) -> str:
    about = _comment(schema.get("description", ""), "")
    if "properties" not in schema:
        return f"{about}export type {_identifier(name)} = {_type(schema)};\n"
    lines = [f"{about}export interface {_identifier(name)} {{"]
    for key, value in schema["properties"].items():
        optional = "" if answered or key in schema.get("required", []) else "?"
        lines.append(f"{_comment(value.get('description', ''), '  ')}  {_key(key)}{optional}: {_type(value)};")
    return "\n".join([*lines, "}", ""])


def _function(path: str, method: str, operation: dict[str, Any]) -> str:
    name = re.sub(r"_+(\w)", lambda match: match[1].upper(), operation["operationId"])
    names = re.findall(r"\{(\w+)\}", path)
    asked = [one for one in operation["parameters"] if one["in"] == "query"]
    answer = _type(operation["responses"]["200"]["content"]["application/json"]["schema"])
    given = ["api: IApi", *(f"{one}: string" for one in names)]
    place = "route`" + re.sub(r"\{(\w+)\}", r"${\1}", path) + "`"
    passed = [place]
    if asked:
        fields = [f"{_key(one['name'])}{'' if one['required'] else '?'}: {_type(one['schema'])}" for one in asked]
        given.append(f"query: {{ {'; '.join(fields)} }}{'' if any(one['required'] for one in asked) else ' = {}'}")
        passed.append("{ ...query }")  # an interface is no Record
    if body := operation.get("requestBody"):
        given.append(f"body: {_type(body['content']['application/json']['schema'])}")
        passed.append("body")
    call = f"api.{method}<{answer}>({', '.join(passed)})"
    return (
        f"{_comment(operation['summary'], '')}export function {name}({', '.join(given)}): Promise<{answer}> {{\n"
        f"  return {call};\n}}\n"
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _identifier(_named(schema))
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
        inner = _type(schema.get("items", {}))
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    return _SCALARS.get(str(kind), "unknown")


def _identifier(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)


def _comment(text: str, indent: str) -> str:
    words = " ".join(text.replace("*/", "* /").split())
    return f"{indent}/** {words} */\n" if words else ""
