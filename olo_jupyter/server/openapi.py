"""The OpenAPI description of the routes, made from the table that serves them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from olo_jupyter.server.models.base import Failure, Query
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API, Route

Mode = Literal["validation", "serialization"]
_REF = "#/components/schemas/{model}"


def document(routes: Sequence[Route] = ROUTES) -> dict[str, Any]:
    """The description, OpenAPI 3.1, of these routes."""
    wanted: dict[tuple[type[BaseModel], Mode], None] = {(Failure, "serialization"): None}
    for route in routes:
        wanted[route.answer, "serialization"] = None
        for given in (route.query, route.body):
            if given is not None:
                wanted[given, "validation"] = None
    schemas, definitions = models_json_schema(list(wanted), ref_template=_REF)
    components = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda route: (route.path, route.method)):
        paths.setdefault(f"{API}{route.path}", {})[route.method.lower()] = _operation(route, schemas, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OLO Jupyter",
            "version": version("olo-jupyter"),
            "description": "Routes behind the panels, in Jupyter Server and in the shared service `olo serve`. "
            "`x-olo-local` routes are answered by a person's own server only.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(components.items())),
        },
    }


def _operation(route: Route, schemas: Any, components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", route.path)]),
        "tags": [route.area],
        "summary": route.summary,
        "x-olo-scope": route.scope,
        "x-olo-local": route.local,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
              for name in route.names),
            *_query(route.query, schemas, components),
        ],
        "responses": {
            "200": _json("Done.", schemas[route.answer, "serialization"]),
            "default": _json("Why not: code, message, hint.", schemas[Failure, "serialization"]),
        },
    }  # fmt: skip
    if route.body is not None:
        content = {"application/json": {"schema": schemas[route.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _query(query: type[Query] | None, schemas: Any, components: dict[str, Any]) -> list[dict[str, Any]]:
    if query is None:
        return []
    model = components[schemas[query, "validation"]["$ref"].rpartition("/")[2]]
    required = model.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(schema)}
        for name, schema in model.get("properties", {}).items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what isn't given isn't there."""
    ways = [way for way in schema.get("anyOf", []) if way != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default") or value is not None}
    if "anyOf" not in schema:
        return rest
    rest.pop("anyOf", None)
    return {**rest, **ways[0]} if len(ways) == 1 else {**rest, "anyOf": ways}


def _json(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
