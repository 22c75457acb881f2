"""The relations of a query in DuckDB: made on a statement's cursor before it runs, taken away after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from olo_jupyter.lakehouse import information_schema, metadata_tables
from olo_jupyter.lakehouse.engines.table_source import TableSource
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier
from olo_jupyter.lakehouse.sql.statement import Scan
from olo_jupyter.lakehouse.sql.types import parse_type

if TYPE_CHECKING:
    import duckdb


class Source(Protocol):
    """A relation that a query names."""

    def install(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make it on the cursor."""

    def remove(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Take it away again."""


def scan_source(scan: Scan, reading: Reading, planner: Planner, *, inline: bool = False) -> Source:
    """What a scan reads: the planned files of a table, or the rows of a table that is made here.

    ``inline`` is for a query that :func:`~olo_jupyter.lakehouse.engines.table_source.inlined` is used on.

    Raises:
        QueryError: No such table or pin, or its files can't be read.
    """
    if information_schema.answers(scan.table):
        return RowsSource(scan.alias, information_schema.rows(reading.catalogs, scan))
    pinned = reading.pinned(scan.table, scan.pin)
    if scan.metadata is not None:
        return RowsSource(scan.alias, metadata_tables.rows(scan.metadata, pinned))
    reading.note(pinned, scan.pin)
    plan = planner.plan(pinned, scan.columns, scan.predicates)
    reading.bytes += plan.bytes
    return TableSource(scan.alias, plan, inline=inline, hidden=scan.hidden)


class RowsSource:
    """Rows that are known already."""

    def __init__(self, alias: str, rows: pa.Table) -> None:
        self._alias = alias
        self._rows = rows

    def install(self, cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.register(self._alias, self._rows)

    def remove(self, cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.unregister(self._alias)


class ResultSource:
    """An earlier result as the relation ``result_<name>``.

    Raises:
        QueryError: Two of its columns have the same name.
    """

    def __init__(self, name: str, result: Result) -> None:
        names = [column.name.lower() for column in result.columns]
        double = sorted({column for column in names if names.count(column) > 1})
        if double:
            raise QueryError(
                f"The result {name} has two columns named {double[0]}: it can't be used as a table.",
                code="duplicate-column-name",
                hint="Give them names of their own with AS.",
            )
        self._name = f"result_{name}"
        self._result = result

    def install(self, cursor: duckdb.DuckDBPyConnection) -> None:
        columns, casts = [], []
        for position, column in enumerate(self._result.columns):
            values = self._result.arrow.column(position)
            columns.append(values.cast(pa.int64()) if pa.types.is_duration(values.type) else values)
            name = identifier(column.name)
            casts.append(f"CAST(c{position} AS {duck_type(parse_type(column.type))}) AS {name}")
        rows = f"{self._name}_rows"
        cursor.register(rows, pa.table(columns, names=[f"c{position}" for position in range(len(columns))]))
        _run(cursor, f"CREATE TEMP VIEW {identifier(self._name)} AS SELECT {', '.join(casts)} FROM {identifier(rows)}")

    def remove(self, cursor: duckdb.DuckDBPyConnection) -> None:
        _run(cursor, f"DROP VIEW temp.{identifier(self._name)}")
        cursor.unregister(f"{self._name}_rows")


def _run(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    cursor.execute(sql).fetchall()
