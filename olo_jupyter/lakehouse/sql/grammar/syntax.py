"""Statements that aren't queries, as they are written: names not resolved, expressions not typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class CreateTableText:
    """CREATE TABLE with columns or AS a query; ``likes`` are tables of LIKE clauses by their place in ``columns``."""

    name: exp.Table
    columns: tuple[ColumnDefinition, ...]
    exists: Literal["error", "ignore", "replace"]
    properties: Mapping[str, Any]
    comment: str = ""
    query: exp.Expr | None = None
    aliases: tuple[exp.Identifier, ...] = ()
    with_data: bool = True


@dataclass(frozen=True)
class InsertText:
    """INSERT INTO t [(a, b)] query."""

    name: exp.Table
    columns: tuple[exp.Identifier, ...]
    query: exp.Expr


@dataclass(frozen=True)
class CreateViewText:
    """CREATE [OR REPLACE] VIEW; ``sql`` is the text of the query."""

    name: exp.Table
    query: exp.Expr
    sql: str
    replace: bool
    comment: str = ""


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
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RenameText:
    """ALTER TABLE or VIEW … RENAME TO."""

    kind: Literal["table", "view"]
    name: exp.Table
    to: exp.Table


@dataclass(frozen=True)
class AlterColumnText:
    """ALTER TABLE … ADD / DROP / RENAME COLUMN, ALTER COLUMN … SET DATA TYPE."""

    name: exp.Table
    action: Literal["add", "drop", "rename", "type"]
    column: exp.Identifier
    definition: ColumnDefinition | None = None
    to: exp.Identifier | None = None
    if_exists: bool = False


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
    | CreateViewText
    | DropText
    | CreateSchemaText
    | RenameText
    | AlterColumnText
    | CommentText
    | ExplainText
    | ShowText
)
