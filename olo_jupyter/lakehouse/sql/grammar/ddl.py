"""CREATE, DROP and COMMENT, and the constants of their properties."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar import branches
from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    BranchText,
    ColumnDefinition,
    CommentText,
    CreateSchemaText,
    CreateTableText,
    CreateViewText,
    DropText,
    LikeClause,
    PropertyText,
    Text,
)
from olo_jupyter.lakehouse.sql.grammar.tokens import error
from olo_jupyter.lakehouse.sql.grammar.types import read_type

_ELSEWHERE = ("MATERIALIZED", "FUNCTION", "ROLE", "CATALOG")


def create(reader: Reader) -> Text:
    """What follows CREATE."""
    start = reader.tokens[reader.at - 1].start
    replace = reader.take("OR", "REPLACE")
    if reader.take("TABLE"):
        if replace and reader.sees("IF", "NOT", "EXISTS"):
            message = "'OR REPLACE' and 'IF NOT EXISTS' clauses can not be used together"
            raise error(reader.source, start, message)
        return _table(reader, replace)
    if reader.take("VIEW"):
        return _view(reader, replace)
    if reader.take("BRANCH"):
        return branches.create(reader, replace=replace)
    if not replace and reader.take("SCHEMA"):
        absent = reader.take("IF", "NOT", "EXISTS")
        name = reader.table_name()
        if reader.sees("AUTHORIZATION"):
            raise reader.refuse("CREATE SCHEMA … AUTHORIZATION")
        return CreateSchemaText(name, absent, with_properties(reader))
    if reader.token.kind == "word" and reader.token.upper in _ELSEWHERE:
        raise reader.refuse(f"CREATE {reader.token.upper}")
    raise reader.mismatch("'TABLE', 'VIEW', 'SCHEMA'")


def _table(reader: Reader, replace: bool) -> CreateTableText:
    ignore = reader.take("IF", "NOT", "EXISTS")
    exists: Literal["error", "ignore", "replace"] = "replace" if replace else "ignore" if ignore else "error"
    name = reader.table_name()
    aliases: list[exp.Identifier] = []
    columns: list[ColumnDefinition | LikeClause] = []
    if reader.sees("(") and not reader.query_ahead():
        if reader.ahead(2).text in (",", ")"):
            aliases = reader.identifiers()
        else:
            reader.expect("(")
            columns = reader.listed(lambda: _element(reader))
            reader.expect(")")
    comment = reader.string() if reader.take("COMMENT") else ""
    properties = with_properties(reader)
    if columns:
        return CreateTableText(name, tuple(columns), exists, properties, comment)
    reader.expect("AS")
    if reader.sees("("):
        query: exp.Expr = reader.either(reader.query, lambda: reader.subquery().this)
    else:
        query = reader.query()
    with_data = True
    if reader.take("WITH"):
        with_data = not reader.take("NO")
        reader.expect("DATA")
    return CreateTableText(name, (), exists, properties, comment, query, tuple(aliases), with_data)


def _element(reader: Reader) -> ColumnDefinition | LikeClause:
    if not reader.sees("LIKE"):
        return column(reader, reader.identifier())
    reader.next()
    name = reader.table_name()
    including = reader.take("INCLUDING")
    if including or reader.take("EXCLUDING"):
        reader.expect("PROPERTIES")
    return LikeClause(name, including)


def column(reader: Reader, name: exp.Identifier) -> ColumnDefinition:
    """The rest of a column's definition, behind its name."""
    type_ = read_type(reader)
    if reader.sees("DEFAULT"):
        raise reader.refuse("columns with a DEFAULT")
    nullable = not reader.take("NOT", "NULL")
    comment = reader.string() if reader.take("COMMENT") else ""
    if reader.sees("WITH"):
        raise reader.refuse("properties of a column")
    return ColumnDefinition(name, type_, nullable, comment)


def with_properties(reader: Reader) -> tuple[PropertyText, ...]:
    """``WITH (key = value, …)``, if it comes next: values of constants only."""
    if not reader.take("WITH", "("):
        return ()
    properties = properties_list(reader)
    reader.expect(")")
    return properties


def properties_list(reader: Reader) -> tuple[PropertyText, ...]:
    """``key = value, …``; a key at most once."""
    properties: list[PropertyText] = []
    while True:
        start = reader.token.start
        name = reader.identifier()
        if any(name.name.lower() == before.name.name.lower() for before in properties):
            raise error(reader.source, start, f"Duplicate property: {name.name}")
        reader.expect("=")
        properties.append(PropertyText(name, None if reader.take("DEFAULT") else constant(reader)))
        if not reader.take(","):
            return tuple(properties)


def constant(reader: Reader) -> Any:
    """A constant: text, number, boolean, ARRAY[…] (a list) or MAP(ARRAY[…], ARRAY[…]) (a dict)."""
    token = reader.token
    if reader.take("ARRAY", "["):
        items = [] if reader.sees("]") else reader.listed(lambda: constant(reader))
        reader.expect("]")
        return items
    if reader.sees("MAP", "("):
        return _map(reader)
    if token.kind in ("string", "unicode"):
        return reader.string()
    negative = reader.take("-")
    if reader.token.kind == "integer":
        text = reader.next().text.replace("_", "").lower()
        number = int(text, {"0x": 16, "0o": 8, "0b": 2}.get(text[:2], 10))
        return -number if negative else number
    if reader.token.kind in ("decimal", "double"):
        is_double, text = reader.token.kind == "double", ("-" if negative else "") + reader.next().text
        return float(text) if is_double else Decimal(text)
    if not negative and token.upper in ("TRUE", "FALSE"):
        return reader.next().upper == "TRUE"
    raise reader.mismatch("<string>, <number>, 'TRUE', 'FALSE', 'ARRAY', 'MAP'")


def _map(reader: Reader) -> dict[Any, Any]:
    start = reader.token.start
    reader.at += 2
    if reader.take(")"):
        return {}
    keys = constant(reader)
    reader.expect(",")
    values = constant(reader)
    reader.expect(")")
    if not isinstance(keys, list) or not isinstance(values, list) or len(keys) != len(values):
        raise error(reader.source, start, "MAP needs two arrays of the same length")
    return dict(zip(keys, values, strict=True))


def _view(reader: Reader, replace: bool) -> CreateViewText:
    name = reader.table_name()
    comment = reader.string() if reader.take("COMMENT") else ""
    security: Literal["definer", "invoker"] = "definer"
    if reader.take("SECURITY") and not reader.take("DEFINER"):
        reader.expect("INVOKER")
        security = "invoker"
    if reader.sees("WITH"):
        raise reader.refuse("properties of a view")
    reader.expect("AS")
    start = reader.token.start
    query = reader.query()
    end = reader.tokens[reader.at - 1].end
    return CreateViewText(name, query, reader.source.text[start:end], replace, comment, security)


def drop(reader: Reader) -> DropText | BranchText:
    """What follows DROP."""
    if reader.take("BRANCH"):
        return branches.drop(reader)
    kinds: dict[str, Literal["table", "view", "schema"]] = {"TABLE": "table", "VIEW": "view", "SCHEMA": "schema"}
    word = reader.token.upper
    if word not in kinds:
        if word in _ELSEWHERE:
            raise reader.refuse(f"DROP {word}")
        raise reader.mismatch("'TABLE', 'VIEW', 'SCHEMA'")
    reader.next()
    if_exists = reader.take("IF", "EXISTS")
    name = reader.table_name()
    cascade = word == "SCHEMA" and reader.take("CASCADE")
    if word == "SCHEMA" and not cascade:
        reader.take("RESTRICT")
    return DropText(kinds[word], name, if_exists, cascade)


def comment(reader: Reader) -> CommentText:
    """What follows COMMENT."""
    reader.expect("ON")
    kinds: dict[str, Literal["table", "view", "column"]] = {"TABLE": "table", "VIEW": "view", "COLUMN": "column"}
    kind = kinds.get(reader.token.upper)
    if kind is None:
        raise reader.mismatch("'TABLE', 'VIEW', 'COLUMN'")
    reader.next()
    start = reader.at
    names = reader.qualified_name()
    on = names.pop() if kind == "column" else None
    if not 1 <= len(names) <= 3:
        raise reader.mismatch("<identifier>")
    parts = dict(zip(("this", "db", "catalog"), reversed(names), strict=False))
    table = reader.put(exp.Table(**parts), start)
    reader.expect("IS")
    text = None if reader.take("NULL") else reader.string()
    return CommentText(kind, table, on, text)
