"""What the translator gives to the embedded engine: statements with names resolved and every type known.

Pure values: nothing here knows DuckDB's or PyIceberg's API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.types import VARCHAR, TrinoType


@dataclass(frozen=True)
class Field:
    """A column: name (lower case where stored, as written in a query's output), Trino type, nullability."""

    name: str
    type: TrinoType
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table (or metadata table) at the pin that was asked for.

    ``bounds`` gives, for the name of a stored decimal column, proved bounds of its values in units of the last digit.
    """

    fields: tuple[Field, ...]
    bounds: Callable[[str], tuple[int, int] | None] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ViewSchema:
    """A view: its Trino text and where unqualified names in that text count from."""

    sql: str
    catalog: str
    namespace: str
    fields: tuple[Field, ...] = ()
    comment: str = ""
    security: Literal["definer", "invoker"] = "definer"
    location: str = ""


class Schemas(Protocol):
    """What the translator needs to know of the world. Implemented by the lakehouse."""

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema | ViewSchema:
        """The schema of ``table`` at ``pin``; ``metadata`` is ``snapshots`` for ``"t$snapshots"``, None for data.

        Raises:
            QueryError: catalog-not-found, schema-not-found, table-not-found (nearest names offered), or the pin
                doesn't exist (what exists is listed). Without line and column: the translator adds them.
        """

    def definition(self, table: TableName) -> TableDefinition | ViewSchema:
        """What ``table`` was made as, by the name of a table or a view.

        Raises:
            QueryError: As :meth:`relation`.
        """

    def schema_location(self, catalog: str, namespace: str) -> str:
        """Where a namespace keeps its tables, '' where the catalog doesn't tell.

        Raises:
            QueryError: catalog-not-found, schema-not-found.
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
        columns: The columns that the query needs, in schema order, then those of :data:`HIDDEN`.
        predicates: Conjuncts that may prune files.
        located: Each row's place is wanted too, in the columns ``olo$file`` and ``olo$position``.
    """

    alias: str
    table: TableName
    metadata: str | None
    pin: Pin | None
    columns: tuple[str, ...]
    predicates: tuple[Predicate, ...] = ()
    located: bool = False

    @property
    def hidden(self) -> tuple[str, ...]:
        """The needed columns that tell of a row's file."""
        return tuple(field.name for field in HIDDEN if field.name in self.columns)


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
class SortField:
    """One element of ``sorted_by = ARRAY['day DESC NULLS LAST']``."""

    column: str
    descending: bool = False
    nulls_first: bool = True


@dataclass(frozen=True)
class TableDefinition:
    """What CREATE TABLE would have to say of a table: ``properties`` by Trino's names, partitioning and order apart.

    Sizes are in bytes; a property that has its default isn't there, but ``format`` and ``format_version`` always are.
    """

    fields: tuple[Field, ...]
    comment: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    partitioning: tuple[PartitionField, ...] = ()
    sorted_by: tuple[SortField, ...] = ()


@dataclass(frozen=True)
class CreateTable:
    """CREATE TABLE with columns, or AS a query (``query`` set; fields come from it).

    ``properties`` are Trino's, of the types that Trino gives them; sizes in bytes.
    """

    table: TableName
    fields: tuple[Field, ...]
    query: Query | None = None
    exists: Literal["error", "ignore", "replace"] = "error"
    partitioning: tuple[PartitionField, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""
    sorted_by: tuple[SortField, ...] = ()


@dataclass(frozen=True)
class Insert:
    """INSERT INTO: ``query`` gives the table's ``columns`` in order, coerced; the others become NULL.

    With ``overwrites`` the partitions that get rows have them alone.
    """

    table: TableName
    columns: tuple[str, ...]
    query: Query
    branch: str = "main"
    overwrites: bool = False


@dataclass(frozen=True)
class RowCase:
    """What happens to a row: it is deleted, its ``columns`` get new values, or a new row with them is inserted."""

    action: Literal["delete", "update", "insert"]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeRows:
    """DELETE with WHERE, UPDATE or MERGE.

    ``query`` gives a row for each row that is changed or inserted: its place (columns c0 and c1 of
    :data:`LOCATION`; NULL for a new row), the number of its case (c2; -1 for a matched row that no case takes), then a
    value for each of ``columns``, of the table's own types. The scan of the table is the one that is ``located``.
    """

    kind: Literal["DELETE", "UPDATE", "MERGE"]
    table: TableName
    query: Query
    columns: tuple[str, ...]
    cases: tuple[RowCase, ...]
    fields: tuple[Field, ...]
    branch: str = "main"


@dataclass(frozen=True)
class DeleteAll:
    """DELETE without WHERE, which tells how many rows there were, or TRUNCATE, which doesn't."""

    table: TableName
    counted: bool = True
    branch: str = "main"


@dataclass(frozen=True)
class ChangeBranch:
    """CREATE BRANCH (from the head of ``other``), DROP BRANCH, ALTER BRANCH … FAST FORWARD TO ``other``."""

    action: Literal["create", "drop", "forward"]
    table: TableName
    branch: str
    other: str = "main"
    exists: Literal["error", "ignore", "replace"] = "error"


@dataclass(frozen=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW: ``sql`` is Trino's text of the query."""

    table: TableName
    sql: str
    fields: tuple[Field, ...]
    replace: bool = False
    comment: str = ""
    security: Literal["definer", "invoker"] = "definer"


@dataclass(frozen=True)
class Drop:
    """DROP TABLE, VIEW or SCHEMA (``table.table`` is '' for a schema)."""

    kind: Literal["table", "view", "schema"]
    table: TableName
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True)
class CreateSchema:
    """CREATE SCHEMA [IF NOT EXISTS] [WITH (location = …)]; '' is the catalog's own choice."""

    catalog: str
    namespace: str
    if_not_exists: bool = False
    location: str = ""


@dataclass(frozen=True)
class Rename:
    """ALTER TABLE or VIEW … RENAME TO."""

    kind: Literal["table", "view"]
    table: TableName
    to: TableName
    if_exists: bool = False


@dataclass(frozen=True)
class AlterColumns:
    """ALTER TABLE … ADD / DROP / RENAME COLUMN, ALTER COLUMN … SET DATA TYPE / DROP NOT NULL.

    Args:
        column: The path of the column: more than one name for a field inside a row.
        field: The new column, or its new type.
        to: The new name.
        if_exists: IF EXISTS (for ``add``: IF NOT EXISTS) of the column.
        first, after: Where a new column goes; default: to the end.
        table_if_exists: IF EXISTS of the table.
    """

    table: TableName
    action: Literal["add", "drop", "rename", "type", "nullable"]
    column: tuple[str, ...]
    field: Field | None = None
    to: str = ""
    if_exists: bool = False
    first: bool = False
    after: str = ""
    table_if_exists: bool = False


@dataclass(frozen=True)
class SetProperties:
    """ALTER TABLE … SET PROPERTIES: as in CreateTable; a value None, or an empty tuple, goes back to the default."""

    table: TableName
    properties: Mapping[str, Any] = field(default_factory=dict)
    partitioning: tuple[PartitionField, ...] | None = None
    sorted_by: tuple[SortField, ...] | None = None


@dataclass(frozen=True)
class Procedure:
    """ALTER TABLE … EXECUTE name(arguments), with every argument that it takes."""

    table: TableName
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


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


HIDDEN = (
    Field("$path", VARCHAR),
    Field("$partition", VARCHAR),
    Field("$file_modified_time", TrinoType("timestamp with time zone", (3,))),
)
"""Columns of every table that no star shows."""

LOCATION = ("olo$file", "olo$position")
"""The columns of a located scan that say where a row is: the number of its file in the plan, its number in the file."""

Statement = (
    Query
    | CreateTable
    | Insert
    | ChangeRows
    | DeleteAll
    | ChangeBranch
    | CreateView
    | Drop
    | CreateSchema
    | Rename
    | AlterColumns
    | SetProperties
    | Procedure
    | Comment
    | Explain
)
