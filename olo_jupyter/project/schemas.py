"""The JSON Schemas that ``olo schema`` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from olo_jobs.schema import json_schema, model_schema, target_schema
from olo_jupyter.errors import OloError
from olo_jupyter.project.resources import Dashboards, Pipelines

_SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "job": json_schema,
    "target": target_schema,
    "dashboards": lambda: model_schema(Dashboards, "dashboards", "OLO dashboards"),
    "pipelines": lambda: model_schema(Pipelines, "pipelines", "OLO pipelines"),
}


def json_schema_of(what: str, more: Mapping[str, Callable[[], dict[str, Any]]] | None = None) -> dict[str, Any]:
    """A JSON Schema by the name of what it describes: job, target, dashboards, pipelines.

    Args:
        more: Schemas of rooms above this one, by name.

    Raises:
        OloError: usage: there is none of that name.
    """
    known = {**_SCHEMAS, **(more or {})}
    if what not in known:
        near = get_close_matches(what.removesuffix("s"), known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        raise OloError(f"There is no schema of {what!r}.", code="usage", hint=hint)
    return known[what]()
