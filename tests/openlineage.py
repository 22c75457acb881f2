"""OpenLineage events for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

FACET = {"_producer": "https://example.org/tests", "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/Facet.json"}
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def run_id(name: str) -> str:
    """A UUID that stands for a name."""
    return str(uuid5(NAMESPACE_URL, name))


def at(minute: float) -> str:
    """A time, minutes after the first of January."""
    return (BEGIN + timedelta(minutes=minute)).isoformat()


def facet(**values: Any) -> dict[str, Any]:
    """A facet with what every facet has."""
    return {**FACET, **values}


def dataset(name: str, namespace: str = "lake", **facets: Any) -> dict[str, Any]:
    """A dataset of an event; ``inputFacets`` and ``outputFacets`` go where they belong."""
    apart = {key: facets.pop(key) for key in ("inputFacets", "outputFacets") if key in facets}
    return {"namespace": namespace, "name": name, "facets": facets, **apart}


def made_of(fields: Mapping[str, Sequence[tuple[str, str]]], **more: Any) -> dict[str, Any]:
    """A column lineage facet: ``{column: [(dataset, column), …]}``."""
    told = {
        column: {"inputFields": [{"namespace": "lake", "name": name, "field": field, **more} for name, field in inputs]}
        for column, inputs in fields.items()
    }
    return facet(fields=told)


def event(
    kind: str,
    minute: float,
    job: str,
    run: str,
    inputs: Sequence[Any] = (),
    outputs: Sequence[Any] = (),
    *,
    namespace: str = "shop",
    **facets: Any,
) -> dict[str, Any]:
    """A run event; inputs and outputs are names or datasets."""
    return {
        "eventType": kind,
        "eventTime": at(minute),
        "producer": "https://example.org/tests",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id(run), "facets": facets},
        "job": {"namespace": namespace, "name": job},
        "inputs": [dataset(one) if isinstance(one, str) else one for one in inputs],
        "outputs": [dataset(one) if isinstance(one, str) else one for one in outputs],
    }
