"""What Marquez answers, as nodes, runs, tests and columns; and how it names what it is asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from olo_jupyter.backends.lineage.base import (
    ColumnOf,
    Count,
    LineageError,
    Node,
    NodeName,
    Run,
)
from olo_jupyter.backends.lineage.remote import object_in, objects_in

_STATES = {"NEW": "unknown", "RUNNING": "running", "COMPLETED": "success", "FAILED": "failed", "ABORTED": "cancelled"}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every run."""


def node_id(name: NodeName, column: str = "") -> str:
    """Marquez's id: its names' colons aren't encoded, so it reads some names as others.

    Raises:
        LineageError: lineage-not-supported: this is such a name.
    """
    parts = [name.kind, name.namespace, name.name]
    if column:
        parts = ["datasetField", name.namespace, name.name, column]
    id = ":".join(parts)
    if "#" in id or (id.count(":") >= len(parts) and re.split(r":(?!//|\d)", id, maxsplit=len(parts) - 1) != parts):
        raise LineageError(
            f"Marquez can't be asked for {name.name} in {name.namespace}: its ids don't tell such names apart.",
            code="lineage-not-supported",
            hint="Use the own lineage store, or a namespace without colons.",
        )
    return id


def dataset_of(node: str) -> NodeName:
    """The dataset of an id.

    Raises:
        LineageError: lineage-bad-node: it is a job's.
    """
    name = NodeName.of(node)
    if name.kind != "dataset":
        raise LineageError("Only datasets have columns and tests.", code="lineage-bad-node")
    return name


def dataset_name(told: dict[str, Any]) -> NodeName:
    """The dataset that a job names."""
    return NodeName("dataset", text_of(told, "namespace"), text_of(told, "name"))


def field_dataset(told: dict[str, Any]) -> NodeName:
    """The dataset of a field."""
    return NodeName("dataset", text_of(told, "namespace"), text_of(told, "dataset"))


def read_job(name: NodeName, told: dict[str, Any]) -> Node:
    """A job of a graph, with its newest run."""
    latest = told.get("latestRun")
    parent = text_of(told, "parentJobName")
    return Node(
        name.id, "job", name.namespace, name.name, text_of(told, "description"),
        parent=NodeName("job", name.namespace, parent).id if parent else "", updated=time_of(told, "updatedAt"),
        run=read_run(latest, name.id) if isinstance(latest, dict) else None,
    )  # fmt: skip


def read_count(told: dict[str, Any]) -> Count | None:
    """How many of a dataset's newest tests passed; None where it has none."""
    assertions = list_of(object_of(object_of(told, "facets"), "dataQualityAssertions"), "assertions")
    if not assertions:
        return None
    failed = [one for one in assertions if one.get("success") is not True]
    warned = sum(text_of(one, "severity").lower() == "warn" for one in failed)
    at = time_of(told, "lastModifiedAt") or time_of(told, "updatedAt")
    return Count(len(assertions) - len(failed), len(failed) - warned, warned, at)


def read_dataset(name: NodeName, told: dict[str, Any]) -> Node:
    """A dataset of a graph, with its columns."""
    at = time_of(told, "lastModifiedAt") or time_of(told, "updatedAt")
    return Node(
        name.id, "dataset", name.namespace, name.name, text_of(told, "description"), updated=at,
        columns=[
            ColumnOf(text_of(one, "name"), text_of(one, "type"), text_of(one, "description"))
            for one in list_of(told, "fields")
        ],
    )  # fmt: skip


def read_run(told: dict[str, Any], job: str) -> Run:
    """A run of a job."""
    facets = object_of(told, "facets")
    message = text_of(object_of(facets, "errorMessage"), "message")
    parent = object_of(object_of(facets, "parent"), "run")
    return Run(
        text_of(told, "id"), job, _STATES.get(text_of(told, "state"), "unknown"), time_of(told, "startedAt"),
        time_of(told, "endedAt"), message, text_of(parent, "runId"),
    )  # fmt: skip


def text_of(told: dict[str, Any], key: str) -> str:
    """A text of an answer, '' where it isn't there."""
    return str(told.get(key) or "")


def time_of(told: dict[str, Any], key: str) -> datetime | None:
    """A time of an answer, None where it isn't there.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    value = told.get(key)
    if not value:
        return None
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LineageError(f"Marquez answered what this version can't read: {key}.", code="lineage-protocol") from None


def count_of(told: dict[str, Any], key: str) -> int:
    """A count of an answer, 0 where it isn't there.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    found = told.get(key) or 0
    if not isinstance(found, int):
        raise LineageError(f"Marquez answered what this version can't read: {key}.", code="lineage-protocol")
    return found


def object_of(told: dict[str, Any], key: str) -> dict[str, Any]:
    """An object of an answer, {} where it isn't there.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    return object_in(told, key, "Marquez")


def list_of(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer.

    Raises:
        LineageError: lineage-protocol: it is none.
    """
    return objects_in(told, key, "Marquez")
