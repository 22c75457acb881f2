"""Saved queries and history: /olo/api/queries/… Both are the person's own: their checkout, their statements."""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.queries import QueryHistory, QueryHistoryQuery, SavedMatch, SavedQueries
from olo_jupyter.server.queries import list_history, list_saved
from olo_jupyter.server.routes.route import Route


def _saved(context: Context, *, query: SavedMatch) -> SavedQueries:
    return list_saved(context.opened.settings, query.match, context.server_root)


def _history(context: Context, *, query: QueryHistoryQuery) -> QueryHistory:
    return list_history(context.opened.settings, query)


ROUTES = [
    Route(
        "GET", "/queries/saved", "queries", "read", _saved, SavedQueries, SavedMatch,
        summary="The project's saved queries.", local=True,
    ),
    Route(
        "GET", "/queries/history", "queries", "read", _history, QueryHistory, QueryHistoryQuery,
        summary="The person's statements, newest first.", local=True,
    ),
]  # fmt: skip
