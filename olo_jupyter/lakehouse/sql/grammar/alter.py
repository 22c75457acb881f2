"""ALTER TABLE and ALTER VIEW."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar import branches
from olo_jupyter.lakehouse.sql.grammar.ddl import column, constant, properties_list
from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    AlterColumnText,
    ArgumentText,
    ColumnDefinition,
    ExecuteText,
    RenameText,
    SetPropertiesText,
    Text,
)
from olo_jupyter.lakehouse.sql.grammar.tokens import error
from olo_jupyter.lakehouse.sql.grammar.types import read_type


def alter(reader: Reader) -> Text:
    """What follows ALTER."""
    if reader.take("VIEW"):
        name = reader.table_name()
        _refuse_owner(reader, "VIEW")
        if reader.sees("REFRESH"):
            raise reader.refuse("ALTER VIEW … REFRESH")
        reader.expect("RENAME", "TO")
        return RenameText("view", name, reader.table_name())
    if not reader.take("TABLE"):
        if reader.take("BRANCH"):
            return branches.alter(reader)
        if reader.sees_any("SCHEMA", "MATERIALIZED"):
            raise reader.refuse(f"ALTER {reader.token.upper}")
        raise reader.mismatch("'TABLE', 'VIEW'")
    if_exists = reader.take("IF", "EXISTS")
    name = reader.table_name()
    if not if_exists:
        _refuse_owner(reader, "TABLE")
        if reader.take("SET"):
            reader.expect("PROPERTIES")
            return SetPropertiesText(name, properties_list(reader))
        if reader.take("EXECUTE"):
            return _execute(reader, name)
    if reader.take("RENAME", "TO"):
        return RenameText("table", name, reader.table_name(), if_exists)
    return _columns(reader, name, if_exists)


def _refuse_owner(reader: Reader, kind: str) -> None:
    if reader.sees("SET", "AUTHORIZATION"):
        raise reader.refuse(f"ALTER {kind} … SET AUTHORIZATION")


def _columns(reader: Reader, name: exp.Table, if_exists: bool) -> AlterColumnText:
    if reader.take("ADD", "COLUMN"):
        present = reader.take("IF", "NOT", "EXISTS")
        path = tuple(reader.qualified_name())
        definition = column(reader, path[-1])
        place: Literal["first", "last"] | exp.Identifier = "last"
        at = reader.token.start
        if reader.take("FIRST"):
            place = "first"
        elif reader.take("AFTER"):
            place = reader.identifier()
        written = reader.take("LAST") or place != "last"
        if written and len(path) > 1:
            message = "Specifying column position is not supported for nested columns"
            raise error(reader.source, at, message, code="not-supported")
        return AlterColumnText(name, "add", path, definition, None, present, place, if_exists)
    if reader.take("DROP", "COLUMN"):
        missing = reader.take("IF", "EXISTS")
        path = tuple(reader.qualified_name())
        return AlterColumnText(name, "drop", path, if_exists=missing, table_if_exists=if_exists)
    if reader.take("RENAME", "COLUMN"):
        missing = reader.take("IF", "EXISTS")
        path = tuple(reader.qualified_name())
        reader.expect("TO")
        to = reader.identifier()
        return AlterColumnText(name, "rename", path, to=to, if_exists=missing, table_if_exists=if_exists)
    if reader.take("ALTER", "COLUMN"):
        path = tuple(reader.qualified_name())
        if reader.take("DROP", "NOT", "NULL"):
            if len(path) > 1:
                raise reader.refuse("DROP NOT NULL inside a column")
            return AlterColumnText(name, "nullable", path, table_if_exists=if_exists)
        if reader.sees("SET", "DEFAULT") or reader.sees("DROP", "DEFAULT"):
            raise reader.refuse("columns with a DEFAULT")
        if not reader.sees("SET"):
            raise reader.mismatch("'SET', 'DROP'")
        reader.expect("SET", "DATA", "TYPE")
        definition = ColumnDefinition(path[-1], read_type(reader))
        return AlterColumnText(name, "type", path, definition, table_if_exists=if_exists)
    raise reader.mismatch("'ADD', 'ALTER', 'DROP', 'RENAME'" + ("" if if_exists else ", 'EXECUTE', 'SET'"))


def _execute(reader: Reader, name: exp.Table) -> ExecuteText:
    procedure = reader.identifier()
    arguments: list[ArgumentText] = []
    if reader.take("("):
        if not reader.sees(")"):
            arguments = reader.listed(lambda: _argument(reader))
        reader.expect(")")
    if reader.sees("WHERE"):
        raise reader.refuse("ALTER TABLE … EXECUTE … WHERE")
    return ExecuteText(name, procedure, tuple(arguments))


def _argument(reader: Reader) -> ArgumentText:
    at = reader.at
    name = ""
    if reader.sees_identifier() and reader.ahead().text == "=>":
        name = reader.identifier().name.lower()
        reader.expect("=>")
    node = reader.put(exp.Identifier(this=name), at)
    return ArgumentText(name, constant(reader), node)
