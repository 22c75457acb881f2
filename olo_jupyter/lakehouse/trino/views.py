"""A view as of another time: its query stands in its place, with the tables in it pinned (Trino keeps no old views)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.statement import ViewSchema
from olo_jupyter.lakehouse.sql.table_places import TablePlace

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.trino.tables import Tables


def as_subquery(view: ViewSchema, name: TableName, place: TablePlace, request: Request, tables: Tables) -> str:
    """The text that stands for a view where a pin holds: its query of today over its tables of then.

    What it reads counts as read by the statement. It runs with the rights of the person who asks, also where the view
    would lend those of its owner: Trino refuses what they may not read.

    Raises:
        QueryError: A table in it has no such snapshot; the view reads itself.
        Unsupported: Its text can't be pinned.
    """
    from olo_jupyter.lakehouse.trino.tables import Tables as TablesOf
    from olo_jupyter.lakehouse.trino.text import prepare

    if name in tables.inside:
        raise fail(f"View is recursive: {name}", "view-is-recursive", place.node)
    inner = replace(
        request,
        sql=view.sql,
        parameters={},
        positional=(),
        results={},
        catalog=view.catalog or name.catalog,
        namespace=view.namespace,
        sources="",
    )
    names = TablesOf(inner, tables.catalogs, tables.names, in_full=True, inside=(*tables.inside, name))
    try:
        prepared = prepare(inner, names, bound=False)
    except QueryError as error:
        error.line = error.column = None  # a place in the view's text, which the user doesn't see
        message = f"View {name} can't be read as of another time: {error.message}"
        raise (type(error) if isinstance(error, Unsupported) else QueryError)(
            message, code=error.code, hint=error.hint
        ) from error
    tables.reading.snapshots.update(names.reading.snapshots)
    alias = "" if place.node.args.get("alias") else f" AS {quoted(place.node.name.lower())}"
    return f"({prepared.text}){alias}"
