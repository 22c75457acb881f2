"""Trino's queries for the panels, as the person who asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from olo_jupyter.errors import OloError
from olo_jupyter.server.models.health import (
    QueryCancelled,
    ResourceGroup,
    ResourceGroups,
    TrinoQueries,
    TrinoQuery,
    TrinoQueryQuery,
)
from olo_jupyter.server.workspace import Opened

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.trino.connection import Connection


def queries(opened: Opened, query: TrinoQueryQuery) -> TrinoQueries:
    """Queries that the person may see."""
    from olo_jupyter.lakehouse.trino.queries import known_queries

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
    from olo_jupyter.lakehouse.trino.queries import cancel

    connection = _connection(opened)
    try:
        cancel(connection, id)
        return QueryCancelled(id=id)
    finally:
        connection.close()


def resource_groups(opened: Opened) -> ResourceGroups:
    """Resource groups with queries in them."""
    from olo_jupyter.lakehouse.trino.queries import groups, known_queries

    connection = _connection(opened)
    try:
        return ResourceGroups(groups=[ResourceGroup(**asdict(one)) for one in groups(known_queries(connection))])
    finally:
        connection.close()


def _connection(opened: Opened) -> Connection:
    from olo_jupyter.lakehouse.trino.connection import Connection

    settings = opened.settings
    if settings.engines.trino is None:
        raise OloError(
            "No Trino is set up.", code="trino-not-configured", hint="Name one in olo.yml: engines: {trino: {host: …}}."
        )
    return Connection(settings.engines.trino, settings.user)
