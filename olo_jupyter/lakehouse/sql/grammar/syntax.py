"""Statements that aren't queries, as they are written: names not resolved, expressions not typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import exp

from olo_jupyter.lakehouse.sql.types import TrinoType


@dataclass(frozen=True)
class ColumnDefinition:
    """``name type [NOT NULL] [COMMENT '…']``."""

    name: exp.Identifier
    type: TrinoType
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True)
class LikeClause:
    """``LIKE t [INCLUDING PROPERTIES]`` among the columns of a new table."""

    name: exp.Table
    properties: bool = False


@dataclass(frozen=True)
class PropertyText:
    """``name = value`` of a WITH or SET PROPERTIES clause; ``value`` is a constant, None for DEFAULT."""

    name: exp.Identifier
    value: Any


@dataclass(frozen=True)
class CreateTableText:
    """CREATE TABLE with columns or AS a query."""

    name: exp.Table
    columns: tuple[ColumnDefinition | LikeClause, ...]
    exists: Literal["error", "ignore", "replace"]
    properties: tuple[PropertyText, ...]
    comment: str = ""
    query: exp.Expr | None = None
    aliases: tuple[exp.Identifier, ...] = ()
    with_data: bool = True


@dataclass(frozen=True)
class InsertText:
    """INSERT INTO t [@ branch] [(a, b)] query."""

    name: exp.Table
    columns: tuple[exp.Identifier, ...]
    query: exp.Expr
    branch: exp.Identifier | None = None


@dataclass(frozen=True)
class DeleteText:
    """DELETE FROM t [@ branch] [WHERE …]."""

    name: exp.Table
    where: exp.Expr | None
    branch: exp.Identifier | None = None


@dataclass(frozen=True)
class UpdateText:
    """UPDATE t [@ branch] SET a = …, b = … [WHERE …]."""

    name: exp.Table
    assignments: tuple[tuple[exp.Identifier, exp.Expr], ...]
    where: exp.Expr | None
    branch: exp.Identifier | None = None


@dataclass(frozen=True)
class MergeCaseText:
    """WHEN [NOT] MATCHED [AND condition] THEN UPDATE SET …, DELETE, or INSERT [(…)] VALUES (…)."""

    place: exp.Expr
    action: Literal["delete", "update", "insert"]
    condition: exp.Expr | None
    columns: tuple[exp.Identifier, ...] = ()
    values: tuple[exp.Expr, ...] = ()


@dataclass(frozen=True)
class MergeText:
    """MERGE INTO t [@ branch] [AS alias] USING relation ON condition WHEN …; ``name`` has the alias."""

    name: exp.Table
    source: exp.Expr
    on: exp.Expr
    cases: tuple[MergeCaseText, ...]
    branch: exp.Identifier | None = None


@dataclass(frozen=True)
class TruncateText:
    """TRUNCATE TABLE t."""

    name: exp.Table


@dataclass(frozen=True)
class BranchText:
    """CREATE, DROP or ALTER BRANCH (``other``: where it begins, or what it is moved to) and SHOW BRANCHES."""

    action: Literal["create", "drop", "forward", "show"]
    name: exp.Table
    branch: exp.Identifier | None = None
    other: exp.Identifier | None = None
    exists: Literal["error", "ignore", "replace"] = "error"


@dataclass(frozen=True)
class CreateViewText:
    """CREATE [OR REPLACE] VIEW; ``sql`` is the text of the query."""

    name: exp.Table
    query: exp.Expr
    sql: str
    replace: bool
    comment: str = ""
    security: Literal["definer", "invoker"] = "definer"


@dataclass(frozen=True)
class DropText:
    """DROP TABLE, VIEW or SCHEMA; a schema's name has one or two parts."""

    kind: Literal["table", "view", "schema"]
    name: exp.Table
    if_exists: bool
    cascade: bool = False


@dataclass(frozen=True)
class CreateSchemaText:
    """CREATE SCHEMA."""

    name: exp.Table
    if_not_exists: bool
    properties: tuple[PropertyText, ...] = ()


@dataclass(frozen=True)
class RenameText:
    """ALTER TABLE or VIEW … RENAME TO."""

    kind: Literal["table", "view"]
    name: exp.Table
    to: exp.Table
    table_if_exists: bool = False


@dataclass(frozen=True)
class AlterColumnText:
    """ALTER TABLE … ADD / DROP / RENAME COLUMN, ALTER COLUMN … SET DATA TYPE / DROP NOT NULL.

    ``column`` is a path: a column, or fields inside one. ``place`` is where a new column goes: ``first``, ``last``, or
    the column it goes after.
    """

    name: exp.Table
    action: Literal["add", "drop", "rename", "type", "nullable"]
    column: tuple[exp.Identifier, ...]
    definition: ColumnDefinition | None = None
    to: exp.Identifier | None = None
    if_exists: bool = False
    place: Literal["first", "last"] | exp.Identifier = "last"
    table_if_exists: bool = False


@dataclass(frozen=True)
class SetPropertiesText:
    """ALTER TABLE … SET PROPERTIES."""

    name: exp.Table
    properties: tuple[PropertyText, ...]


@dataclass(frozen=True)
class ArgumentText:
    """``[name =>] value`` of a table procedure."""

    name: str
    value: Any
    node: exp.Expr


@dataclass(frozen=True)
class ExecuteText:
    """ALTER TABLE … EXECUTE procedure[(arguments)]; names and values in the order they are written."""

    name: exp.Table
    procedure: exp.Identifier
    arguments: tuple[ArgumentText, ...] = ()


@dataclass(frozen=True)
class CommentText:
    """COMMENT ON TABLE, VIEW or COLUMN."""

    kind: Literal["table", "view", "column"]
    name: exp.Table
    column: exp.Identifier | None
    text: str | None


@dataclass(frozen=True)
class ExplainText:
    """EXPLAIN of a query."""

    query: exp.Expr


@dataclass(frozen=True)
class ShowText:
    """SHOW …, DESCRIBE: ``kind`` is what is shown, ``name`` where from (None: the session's), ``like`` a pattern."""

    kind: Literal[
        "catalogs", "schemas", "tables", "columns", "functions", "create table", "create view", "create schema"
    ]
    name: exp.Table | None = None
    like: str | None = None
    escape: str | None = None


Text = (
    CreateTableText
    | InsertText
    | DeleteText
    | UpdateText
    | MergeText
    | TruncateText
    | BranchText
    | CreateViewText
    | DropText
    | CreateSchemaText
    | RenameText
    | AlterColumnText
    | SetPropertiesText
    | ExecuteText
    | CommentText
    | ExplainText
    | ShowText
)


def trees(text: exp.Expr | Text) -> list[exp.Expr]:
    """The trees in which ``?`` may stand."""
    match text:
        case exp.Expr():
            return [text]
        case DeleteText(where=where):
            found = [where]
        case UpdateText(assignments=assignments, where=where):
            found = [*(value for _, value in assignments), where]
        case MergeText(source=source, on=on, cases=cases):
            found = [source, on, *(each for case in cases for each in (case.condition, *case.values))]
        case _:
            found = [getattr(text, "query", None)]
    return [each for each in found if each is not None]
