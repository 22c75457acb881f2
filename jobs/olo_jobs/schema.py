"""The JSON Schema (2020-12) of the job spec, for editors and other tools."""

from __future__ import annotations

from typing import Any

from olo_jobs.spec import JobSpec


def json_schema() -> dict[str, Any]:
    """The schema of ``jobs/*.yml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://olo-jupyter.org/schema/job/v1.json",
        **JobSpec.model_json_schema(),
        "title": "OLO job",
    }
