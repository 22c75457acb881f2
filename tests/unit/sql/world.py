"""A small world for the analyzer: tables in an in-memory DuckDB, a Schemas over them, statements really run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.expressions.macros import MACROS, SETTINGS
from olo_jupyter.lakehouse.sql.statement import Field, Query, Statement, TableDefinition, TableSchema, ViewSchema
from olo_jupyter.lakehouse.sql.translate import Context, translate
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

NOW = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
_PLAIN = {
    "FLOAT": "real",
    "BLOB": "varbinary",
    "TIMESTAMP WITH TIME ZONE": "timestamp(6) with time zone",
    "TIMESTAMP": "timestamp(6)",
}


def trino_type(duck: str) -> TrinoType:
    """The Trino type of a column of a DuckDB table of these tests."""
    if duck.endswith("[]"):
        return TrinoType("array", (), (trino_type(duck[:-2]),))
    if duck.startswith("STRUCT("):
        fields = [part.strip().partition(" ") for part in duck[7:-1].split(", ")]
        return TrinoType(
            "row", (), tuple(trino_type(kind) for _, _, kind in fields), tuple(name.strip('"') for name, _, _ in fields)
        )
    if duck.startswith("MAP("):
        key, _, value = duck[4:-1].partition(", ")
        return TrinoType("map", (), (trino_type(key), trino_type(value)))
    return parse_type(_PLAIN.get(duck, duck.lower()))


@dataclass
class World:
    """Tables ``c.s.<name>`` in DuckDB; views and earlier results by name."""

    duck: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)
    views: dict[TableName, ViewSchema] = field(default_factory=dict)
    results: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    asked: list[tuple[TableName, Pin | None, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, value in SETTINGS.items():
            self.duck.execute(f"SET {name} = '{value}'")
        for macro in MACROS:
            self.duck.execute(macro)

    def table(self, ddl: str) -> None:
        """Make tables by DuckDB statements."""
        self.duck.execute(ddl)

    def parquet(self, path: Path) -> None:
        self.duck.execute(f"CREATE VIEW \"{path.stem}\" AS SELECT * FROM read_parquet('{path}')")

    def result(self, name: str, select: str) -> None:
        """An earlier result, by DuckDB text."""
        self.duck.execute(f'CREATE TABLE "result_{name}" AS {select}')
        self.results[name] = self._fields(f"result_{name}")

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema | ViewSchema:
        self.asked.append((table, pin, metadata))
        if table in self.views:
            return self.views[table]
        if metadata == "snapshots":
            names = (
                ("committed_at", "timestamp(6) with time zone"),
                ("snapshot_id", "bigint"),
                ("operation", "varchar"),
            )
            return TableSchema(tuple(Field(name, parse_type(kind)) for name, kind in names))
        fields = self._fields(table.table) if (table.catalog, table.namespace) == ("c", "s") else ()
        if not fields:
            raise QueryError(f"Table '{table}' does not exist", code="table-not-found")
        return TableSchema(fields)

    def definition(self, table: TableName) -> TableDefinition | ViewSchema:
        found = self.relation(table, None, None)
        if isinstance(found, ViewSchema):
            return found
        return TableDefinition(found.fields, "a table", {"format": "PARQUET", "max_commit_retry": 3})

    def schema_location(self, catalog: str, namespace: str) -> str:
        return f"file:///lake/{namespace}"

    def _fields(self, name: str) -> tuple[Field, ...]:
        query = (
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns()"
            " WHERE table_name = ? ORDER BY column_index"
        )
        rows = self.duck.execute(query, [name]).fetchall()
        return tuple(Field(column, trino_type(kind), bool(nullable)) for column, kind, nullable in rows)

    def translate(self, text: str, *positional: Any, namespace: str = "s", **parameters: Any) -> Statement:
        return translate(text, self.context(*positional, namespace=namespace, **parameters))

    def context(self, *positional: Any, namespace: str = "s", **parameters: Any) -> Context:
        return Context(
            self, "c", namespace, parameters=parameters, positional=positional, results=self.results, now=NOW
        )

    def query(self, text: str, *positional: Any, **parameters: Any) -> Query:
        statement = self.translate(text, *positional, **parameters)
        assert isinstance(statement, Query)
        return statement

    def execute(self, query: Query) -> list[tuple[Any, ...]]:
        """Run a translated query: only the columns that each scan lists are there."""
        for scan in query.scans:
            listed = ", ".join(f'"{column}"' for column in scan.columns) or "1 AS nothing"
            self.duck.execute(
                f'CREATE OR REPLACE TEMPORARY VIEW {scan.alias} AS SELECT {listed} FROM "{scan.table.table}"'
            )
        return self.duck.execute(query.sql, dict(query.parameters) or None).fetchall()

    def run(self, text: str, *positional: Any, **parameters: Any) -> list[tuple[Any, ...]]:
        return self.execute(self.query(text, *positional, **parameters))

    def names(self, text: str) -> list[str]:
        return [each.name for each in self.query(text).fields]

    def types(self, text: str) -> list[str]:
        return [str(each.type) for each in self.query(text).fields]

    def error(self, text: str, *positional: Any, **parameters: Any) -> QueryError:
        """The error that translating ``text`` raises."""
        try:
            statement = self.translate(text, *positional, **parameters)
        except QueryError as error:
            return error
        raise AssertionError(f"no error: {statement}")
