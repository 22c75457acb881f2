"""What the translator gives to the embedded engine: statements with names resolved and every type known.

Pure values: nothing here knows DuckDB's or PyIceberg's API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.types import TrinoType


@dataclass(frozen=True)
class Field:
    """A column: name (lower case where stored, as written in a query's output), Trino type, nullability."""

    name: str
    type: TrinoType
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table (or metadata table) at the pin that was asked for."""

    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ViewSchema:
    """A view: its Trino text and where unqualified names in that text count from."""

    sql: str
    catalog: str
    namespace: str
    fields: tuple[Field, ...] = ()


class Schemas(Protocol):
    """What the translator needs to know of the world. Implemented by the lakehouse."""

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema | ViewSchema:
        """The schema of ``table`` at ``pin``; ``metadata`` is ``snapshots`` for ``"t$snapshots"``, None for data.

        Raises:
            QueryError: catalog-not-found, schema-not-found, table-not-found (nearest names offered), or the pin
                doesn't exist (what exists is listed). Without line and column: the translator adds them.
        """


@dataclass(frozen=True)
class Predicate:
    """A conjunct of WHERE on one column with a constant: lets a scan leave out files. Never needed for correctness."""

    column: str
    op: Literal["=", "<", "<=", ">", ">=", "in", "is-null", "not-null"]
    value: Any = None


@dataclass(frozen=True)
class Scan:
    """One occurrence of a table in a query.

    Args:
        alias: The relation's name in ``Query.sql``; the engine creates it before it executes.
        table: Resolved name; namespace ``information_schema`` and catalog ``system`` are answered by the engine.
        metadata: ``snapshots``, ``refs`` … for ``"t$snapshots"``; None for data.
        pin: As written in the text; None leaves it to the session's pins, else the current snapshot.
        columns: The columns that the query needs, in schema order.
        predicates: Conjuncts that may prune files.
    """

    alias: str
    table: TableName
    metadata: str | None
    pin: Pin | None
    columns: tuple[str, ...]
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True)
class Query:
    """A SELECT (or VALUES, WITH …) as DuckDB SQL.

    Args:
        sql: DuckDB SQL over the scans' aliases and ``result_<name>`` relations; parameters as ``$name``.
        fields: Output columns, each with its Trino type. The Arrow types that DuckDB gives must fit (see types.py).
        scans: Relations that the engine registers first.
        results: Names of earlier results used.
        parameters: Values to bind to ``$name``, already of the right Python type.
    """

    sql: str
    fields: tuple[Field, ...]
    scans: tuple[Scan, ...] = ()
    results: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PartitionField:
    """One element of ``partitioning = ARRAY['month(day)', 'bucket(id, 16)']``."""

    column: str
    transform: str  # PyIceberg's spelling: identity, year, month, day, hour, bucket[16], truncate[4]


@dataclass(frozen=True)
class CreateTable:
    """CREATE TABLE with columns, or AS a query (``query`` set; fields come from it)."""

    table: TableName
    fields: tuple[Field, ...]
    query: Query | None = None
    exists: Literal["error", "ignore", "replace"] = "error"
    partitioning: tuple[PartitionField, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""


@dataclass(frozen=True)
class Insert:
    """INSERT INTO: ``query`` gives the table's ``columns`` in order, coerced; the others become NULL."""

    table: TableName
    columns: tuple[str, ...]
    query: Query


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW: ``sql`` is Trino's text of the query."""

    table: TableName
    sql: str
    fields: tuple[Field, ...]
    replace: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Drop:
    """DROP TABLE, VIEW or SCHEMA (``table.table`` is '' for a schema)."""

    kind: Literal["table", "view", "schema"]
    table: TableName
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True)
class CreateSchema:
    """CREATE SCHEMA [IF NOT EXISTS]."""

    catalog: str
    namespace: str
    if_not_exists: bool = False


@dataclass(frozen=True)
class Rename:
    """ALTER TABLE or VIEW … RENAME TO."""

    kind: Literal["table", "view"]
    table: TableName
    to: TableName


@dataclass(frozen=True)
class AlterColumns:
    """ALTER TABLE … ADD / DROP / RENAME COLUMN, SET DATA TYPE."""

    table: TableName
    action: Literal["add", "drop", "rename", "type"]
    column: str
    field: Field | None = None
    to: str = ""
    if_exists: bool = False


@dataclass(frozen=True)
class Comment:
    """COMMENT ON TABLE, VIEW or COLUMN (``column`` set). ``text`` None removes it."""

    kind: Literal["table", "view", "column"]
    table: TableName
    column: str
    text: str | None


@dataclass(frozen=True)
class Explain:
    """EXPLAIN of a query: the engine's plan, one varchar column ``Query Plan``."""

    query: Query


Statement = Query | CreateTable | Insert | CreateView | Drop | CreateSchema | Rename | AlterColumns | Comment | Explain
