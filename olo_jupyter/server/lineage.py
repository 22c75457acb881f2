"""Lineage for the panels: what the backend says, with the tables of this project marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from olo_jupyter.backends.lineage.base import LineageBackend, Receipt, Search
from olo_jupyter.errors import OloError
from olo_jupyter.server.models.lineage import (
    ColumnGraph,
    ColumnQuery,
    EventReceipt,
    EventSummary,
    FailedEvent,
    GraphQuery,
    LineageGraph,
    LineageNode,
    LineageRuns,
    LineageSearch,
    LineageTable,
    LineageTests,
    NamespaceCounts,
    NodeQuery,
    SearchQuery,
)
from olo_jupyter.server.workspace import Opened


def graph(opened: Opened, query: GraphQuery) -> LineageGraph:
    """The graph around a node.

    Raises:
        LineageError: lineage-node-not-found.
    """
    found = opened.lineage().graph(query.node, depth=query.depth, direction=query.direction, limit=query.limit)
    nodes = [
        LineageNode.model_validate({**asdict(node), "table": _table(opened, node.kind, node.namespace, node.name)})
        for node in found.nodes
    ]
    return LineageGraph.model_validate({**asdict(found), "nodes": nodes})


def columns(opened: Opened, query: ColumnQuery) -> ColumnGraph:
    """What columns are made of, and what of them."""
    found = opened.lineage().columns(query.node, column=query.column, depth=query.depth)
    return ColumnGraph.model_validate(asdict(found))


def search(opened: Opened, query: SearchQuery) -> LineageSearch:
    """Nodes by name."""
    wanted = Search(query.text, query.kind, query.namespace, query.state or "", query.limit, query.offset)
    return LineageSearch.model_validate(asdict(opened.lineage().search(wanted)))


def namespaces(opened: Opened) -> NamespaceCounts:
    """All namespaces."""
    return NamespaceCounts.model_validate({"namespaces": [asdict(one) for one in opened.lineage().namespaces()]})


def runs(opened: Opened, query: NodeQuery) -> LineageRuns:
    """Runs of a job."""
    found = opened.lineage().runs(query.node, limit=query.limit)
    return LineageRuns.model_validate({"runs": [asdict(run) for run in found]})


def tests(opened: Opened, query: NodeQuery) -> LineageTests:
    """Tests of a dataset."""
    return LineageTests.model_validate({"tests": [asdict(one) for one in opened.lineage().tests(query.node)]})


def take_one(backend: LineageBackend, event: Any) -> EventReceipt:
    """Store one event.

    Raises:
        OloError: lineage-invalid: it is none; the message names the place.
    """
    receipt = backend.add([event])
    if receipt.refused:
        wrong = receipt.refused[0]
        raise OloError(
            f"{wrong.place}: {wrong.message}",
            code="lineage-invalid",
            hint="See the OpenLineage specification, version 2-0-2.",
        )
    return _receipt(receipt)


def take_batch(backend: LineageBackend, events: Sequence[Any]) -> EventReceipt:
    """Store those that are valid; the answer names the others."""
    return _receipt(backend.add(events))


def _receipt(receipt: Receipt) -> EventReceipt:
    failed = [FailedEvent(index=one.index, reason=f"{one.place}: {one.message}") for one in receipt.refused]
    return EventReceipt(
        status="partial_success" if failed else "success",
        summary=EventSummary(received=receipt.received, successful=receipt.received - len(failed), failed=len(failed)),
        failed_events=failed,
        stored=receipt.stored,
    )


def _table(opened: Opened, kind: str, namespace: str, name: str) -> LineageTable | None:
    """The project's table that a dataset is: its namespace is one of the catalogs."""
    inside, _, table = name.rpartition(".")
    if kind != "dataset" or not inside or namespace not in opened.settings.catalogs:
        return None
    return LineageTable(catalog=namespace, namespace=inside, name=table)
