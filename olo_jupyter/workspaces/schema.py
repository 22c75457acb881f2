"""The JSON Schema of ``workspaces/*.yml``."""

from __future__ import annotations

from typing import Any

from olo_jobs.schema import model_schema
from olo_jupyter.workspaces.spec import WorkspaceSpec


def workspace_schema() -> dict[str, Any]:
    """The schema (2020-12), for editors."""
    return model_schema(WorkspaceSpec, "workspace", "OLO workspace")
