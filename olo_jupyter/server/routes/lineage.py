"""Lineage: /olo/api/lineage/…, and where OpenLineage's HTTP transport posts to: endpoint olo/api/v1/lineage."""

from __future__ import annotations

from olo_jupyter.server import lineage
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.lineage import (
    ColumnGraph,
    ColumnQuery,
    EventReceipt,
    GraphQuery,
    LineageGraph,
    LineageRuns,
    LineageSearch,
    LineageTests,
    NamespaceCounts,
    NodeQuery,
    PostedEvent,
    PostedEvents,
    SearchQuery,
)
from olo_jupyter.server.routes.route import Route

_LARGEST = 20_000_000


def _graph(context: Context, *, query: GraphQuery) -> LineageGraph:
    return lineage.graph(context.opened, query)


def _columns(context: Context, *, query: ColumnQuery) -> ColumnGraph:
    return lineage.columns(context.opened, query)


def _search(context: Context, *, query: SearchQuery) -> LineageSearch:
    return lineage.search(context.opened, query)


def _namespaces(context: Context) -> NamespaceCounts:
    return lineage.namespaces(context.opened)


def _runs(context: Context, *, query: NodeQuery) -> LineageRuns:
    return lineage.runs(context.opened, query)


def _tests(context: Context, *, query: NodeQuery) -> LineageTests:
    return lineage.tests(context.opened, query)


def _event(context: Context, *, body: PostedEvent) -> EventReceipt:
    return lineage.take_one(context.opened.lineage_backend, body.model_extra or {})


def _events(context: Context, *, body: PostedEvents) -> EventReceipt:
    return lineage.take_batch(context.opened.lineage_backend, body.events)


ROUTES = [
    Route(
        "GET", "/lineage/graph", "lineage", "read", _graph, LineageGraph, query=GraphQuery,
        summary="The graph of jobs and datasets around a node.",
    ),
    Route(
        "GET", "/lineage/columns", "lineage", "read", _columns, ColumnGraph, query=ColumnQuery,
        summary="What columns are made of, and what is made of them.",
    ),
    Route(
        "GET", "/lineage/search", "lineage", "read", _search, LineageSearch, query=SearchQuery,
        summary="Jobs and datasets by name.",
    ),
    Route(
        "GET", "/lineage/namespaces", "lineage", "read", _namespaces, NamespaceCounts,
        summary="All namespaces.",
    ),
    Route(
        "GET", "/lineage/runs", "lineage", "read", _runs, LineageRuns, query=NodeQuery,
        summary="Runs of a job, as their events tell.",
    ),
    Route(
        "GET", "/lineage/tests", "lineage", "read", _tests, LineageTests, query=NodeQuery,
        summary="Tests of a dataset, failing ones first.",
    ),
    Route(
        "POST", "/v1/lineage", "lineage", "write", _event, EventReceipt, body=PostedEvent, largest=_LARGEST,
        summary="Store an OpenLineage event.",
    ),
    Route(
        "POST", "/v1/lineage/batch", "lineage", "write", _events, EventReceipt, body=PostedEvents, largest=_LARGEST,
        summary="Store OpenLineage events.",
    ),
]  # fmt: skip
