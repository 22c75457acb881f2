"""The JSON Schemas (2020-12) of job specs and targets, for editors and other tools."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from olo_jobs.spec import JobSpec
from olo_jobs.target import TargetSpec

_BASE = "https://olo-jupyter.org/schema"


def json_schema() -> dict[str, Any]:
    """The schema of ``jobs/*.yml``."""
    return model_schema(JobSpec, "job", "OLO job")


def target_schema() -> dict[str, Any]:
    """The schema of ``targets/*.yml``."""
    return model_schema(TargetSpec, "target", "OLO target")


def model_schema(model: type[BaseModel], name: str, title: str) -> dict[str, Any]:
    """The schema of another file of a project, from its model; ``name`` goes into its id."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_BASE}/{name}/v1.json",
        **_closed(model.model_json_schema()),
        "title": title,
    }


def _closed(schema: Any) -> Any:
    """Mappings whose keys have a form allow no others: pydantic leaves that open."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "patternProperties" in schema else {}
        return {**closed, **{key: _closed(value) for key, value in schema.items()}}
    return [_closed(value) for value in schema] if isinstance(schema, list) else schema
