"""Trino's queries and resource groups: /olo/api/trino/…; by the person's own server, with their own sign-in."""

from __future__ import annotations

from olo_jupyter.server import trino
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.health import QueryCancelled, ResourceGroups, TrinoQueries, TrinoQueryQuery
from olo_jupyter.server.routes.route import Route


def _queries(context: Context, *, query: TrinoQueryQuery) -> TrinoQueries:
    return trino.queries(context.opened, query)


def _cancel(context: Context, *, id: str) -> QueryCancelled:
    context.audit("cancel", f"query/{id}")
    return trino.stop(context.opened, id)


def _groups(context: Context) -> ResourceGroups:
    return trino.resource_groups(context.opened)


ROUTES = [
    Route(
        "GET", "/trino/queries", "queries", "read", _queries, TrinoQueries, query=TrinoQueryQuery, local=True,
        summary="Queries that Trino knows of, running ones first.",
    ),
    Route(
        "POST", "/trino/queries/{id}/cancel", "queries", "write", _cancel, QueryCancelled, local=True,
        summary="Stop a query.",
    ),
    Route(
        "GET", "/trino/resource-groups", "queries", "read", _groups, ResourceGroups, local=True,
        summary="Resource groups with queries in them.",
    ),
]  # fmt: skip
