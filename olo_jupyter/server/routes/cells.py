"""SQL of notebook cells: /olo/api/sql/…"""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.cells import FormattedSql, SqlText, TablesRead
from olo_jupyter.server.routes.route import Route


def _format(context: Context, *, body: SqlText) -> FormattedSql:  # noqa: ARG001 - every route's work is given it
    from olo_jupyter.server.cells import formatted_cell

    return formatted_cell(body.text)


def _tables(context: Context, *, body: SqlText) -> TablesRead:
    from olo_jupyter.server.cells import tables_read

    return tables_read(context.opened, body.text)


ROUTES = [
    Route(
        "POST", "/sql/format", "queries", "read", _format, FormattedSql, body=SqlText, local=True, apart=True,
        summary="A statement laid out; refused where its meaning would change.",
    ),
    Route(
        "POST", "/sql/tables", "catalog", "read", _tables, TablesRead, body=SqlText, apart=True,
        summary="The tables that a statement reads, with the snapshots and refs that each may be pinned to.",
    ),
]  # fmt: skip
