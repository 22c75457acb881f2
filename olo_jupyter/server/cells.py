"""What the SQL cells of a notebook ask: a layout, and the pins that their tables may have."""

from __future__ import annotations

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sql.formatting import format_sql, neutral
from olo_jupyter.lakehouse.sql.lexer import Source
from olo_jupyter.lakehouse.sql.table_places import TablePlace, read_places
from olo_jupyter.server.browse import describe_table
from olo_jupyter.server.models.cells import FormattedSql, SqlProblem, TableRead, TablesRead
from olo_jupyter.server.workspace import Opened

_PARTS = 2
"""Parts of a name whose catalog is the default one."""


def formatted_cell(text: str) -> FormattedSql:
    """A statement laid out; as it came, with the problem, where that can't be done without changing it."""
    try:
        return FormattedSql(text=format_sql(text))
    except QueryError as error:
        return FormattedSql(text=text, problem=_problem(error))


def tables_read(opened: Opened, text: str) -> TablesRead:
    """The tables that a statement reads, each with its snapshots and refs, newest first.

    Names count from the project's default catalog, as in a new kernel; what the catalog can't tell is said there.
    """
    try:
        places = read_places(Source(neutral(text))).places
    except QueryError as error:
        return TablesRead(tables=[], problem=_problem(error))
    named = [place for place in places if place.role == "read" and len(place.parts) >= _PARTS]
    return TablesRead(tables=[_table(opened, place) for place in named])


def _table(opened: Opened, place: TablePlace) -> TableRead:
    node = place.node
    catalog = node.catalog or opened.settings.default_catalog
    written = ".".join(quoted(part.name) for part in node.parts)
    name = TableName(catalog.lower(), node.db.lower(), node.name.lower())
    try:
        found = describe_table(opened.catalogs, name)
    except OloError as error:
        return TableRead(
            sql_name=str(name), written=written, end=place.end, period=place.period, snapshots=[], snapshot_count=0,
            refs=[], failure=error.message,
        )  # fmt: skip
    return TableRead(
        sql_name=str(name), written=written, end=place.end, period=place.period, snapshots=found.snapshots,
        snapshot_count=found.snapshot_count, refs=found.refs,
        failure="" if found.kind == "table" else "A view has no snapshots.",
    )  # fmt: skip


def _problem(error: QueryError) -> SqlProblem:
    return SqlProblem(code=error.code, message=error.message, hint=error.hint, line=error.line, column=error.column)
