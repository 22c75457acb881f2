"""Trino's queries for the panels, as the person who asks."""

from __future__ import annotations

from dataclasses import asdict

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.trino.connection import Connection
from olo_jupyter.lakehouse.trino.queries import cancel, groups, known_queries
from olo_jupyter.server.models.health import (
    QueryCancelled,
    ResourceGroup,
    ResourceGroups,
    TrinoQueries,
    TrinoQuery,
    TrinoQueryQuery,
)
from olo_jupyter.server.workspace import Opened


def queries(opened: Opened, query: TrinoQueryQuery) -> TrinoQueries:
    """Queries that the person may see."""
    connection = _connection(opened)
    try:
        found = [
            one for one in known_queries(connection) if query.state in ("", one.state) and query.user in ("", one.user)
        ]
        shown = [TrinoQuery(**asdict(one), mine=one.user == connection.user) for one in found[: query.limit]]
        return TrinoQueries(queries=shown)
    finally:
        connection.close()


def stop(opened: Opened, id: str) -> QueryCancelled:
    """Stop a query."""
    connection = _connection(opened)
    try:
        cancel(connection, id)
        return QueryCancelled(id=id)
    finally:
        connection.close()


def resource_groups(opened: Opened) -> ResourceGroups:
    """Resource groups with queries in them."""
    connection = _connection(opened)
    try:
        return ResourceGroups(groups=[ResourceGroup(**asdict(one)) for one in groups(known_queries(connection))])
    finally:
        connection.close()


def _connection(opened: Opened) -> Connection:
    settings = opened.settings
    if settings.engines.trino is None:
        raise OloError(
            "No Trino is set up.", code="trino-not-configured", hint="Name one in olo.yml: engines: {trino: {host: …}}."
        )
    return Connection(settings.engines.trino, settings.user)
