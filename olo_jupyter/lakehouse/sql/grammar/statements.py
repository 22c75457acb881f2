"""Statements: which one it is by its first words, and its parts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    AlterColumnText,
    ColumnDefinition,
    CommentText,
    CreateSchemaText,
    CreateTableText,
    CreateViewText,
    DropText,
    ExplainText,
    InsertText,
    RenameText,
    ShowText,
    Text,
)
from olo_jupyter.lakehouse.sql.grammar.tokens import QUERY_WORDS, Token
from olo_jupyter.lakehouse.sql.grammar.types import read_type

_OTHERS = frozenset(
    [
        "ANALYZE",
        "CALL",
        "COMMIT",
        "DEALLOCATE",
        "DELETE",
        "DENY",
        "EXECUTE",
        "GRANT",
        "MERGE",
        "PREPARE",
        "REFRESH",
        "RESET",
        "REVOKE",
        "ROLLBACK",
        "SET",
        "START",
        "TRUNCATE",
        "UPDATE",
        "USE",
    ]
)
"""First words of Trino's statements that aren't read here."""

_EXPECTED = "<query>, 'CREATE', 'INSERT', 'DROP', 'ALTER', 'COMMENT', 'SHOW', 'DESCRIBE', 'EXPLAIN'"


def read_statement(reader: Reader) -> exp.Expr | Text:
    """One statement, to the end of the text.

    Raises:
        QueryError: syntax-error; ``Unsupported`` for statements that only Trino runs.
    """
    first = reader.token
    if first.kind == "end":
        raise reader.mismatch(_EXPECTED)
    if first.text == "(" or first.upper in QUERY_WORDS:
        statement: exp.Expr | Text = reader.query()
    else:
        build = _STATEMENTS.get(first.upper) if first.kind == "word" else None
        if build is None:
            raise _unknown(reader, first)
        reader.next()
        statement = build(reader)
    ended = reader.take(";")
    if reader.token.kind != "end":
        mismatch = reader.mismatch("<EOF>")
        if ended:
            mismatch.hint = "One statement at a time: put the next one into a cell of its own."
        raise mismatch
    return statement


def _unknown(reader: Reader, first: Token) -> QueryError:
    if first.kind == "word" and first.upper in _OTHERS:
        return reader.refuse(f"the statement {first.upper}")
    return reader.mismatch(_EXPECTED)


def _create(reader: Reader) -> Text:
    replace = reader.take("OR", "REPLACE")
    if reader.take("TABLE"):
        return _create_table(reader, replace)
    if reader.take("VIEW"):
        return _create_view(reader, replace)
    if not replace and reader.take("SCHEMA"):
        absent = reader.take("IF", "NOT", "EXISTS")
        name = reader.table_name()
        if reader.sees("AUTHORIZATION"):
            raise reader.refuse("CREATE SCHEMA … AUTHORIZATION")
        return CreateSchemaText(name, absent, _properties(reader))
    if reader.token.kind == "word" and reader.token.upper in ("MATERIALIZED", "FUNCTION", "ROLE", "CATALOG", "BRANCH"):
        raise reader.refuse(f"CREATE {reader.token.upper}")
    raise reader.mismatch("'TABLE', 'VIEW', 'SCHEMA'")


def _create_table(reader: Reader, replace: bool) -> CreateTableText:
    ignore = reader.take("IF", "NOT", "EXISTS")
    exists: Literal["error", "ignore", "replace"] = "replace" if replace else "ignore" if ignore else "error"
    name = reader.table_name()
    aliases: list[exp.Identifier] = []
    columns: list[ColumnDefinition] = []
    if reader.sees("(") and not reader.query_ahead():
        if reader.ahead(2).text in (",", ")"):
            aliases = reader.identifiers()
        else:
            reader.expect("(")
            columns = reader.listed(lambda: _column(reader))
            reader.expect(")")
    comment = reader.string() if reader.take("COMMENT") else ""
    properties = _properties(reader)
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


def _column(reader: Reader) -> ColumnDefinition:
    if reader.sees("LIKE"):
        raise reader.refuse("CREATE TABLE … LIKE")
    name = reader.identifier()
    type_ = read_type(reader)
    if reader.sees("DEFAULT"):
        raise reader.refuse("columns with a DEFAULT")
    nullable = not reader.take("NOT", "NULL")
    comment = reader.string() if reader.take("COMMENT") else ""
    if reader.sees("WITH"):
        raise reader.refuse("properties of a column")
    return ColumnDefinition(name, type_, nullable, comment)


def _properties(reader: Reader) -> dict[str, Any]:
    """``WITH (key = value, …)``: values of constants only."""
    if not reader.take("WITH", "("):
        return {}
    properties: dict[str, Any] = {}
    while True:
        key = reader.identifier().name.lower()
        reader.expect("=")
        if key in properties:
            raise reader.mismatch(f"another property than {key}")
        properties[key] = None if reader.take("DEFAULT") else _constant(reader)
        if not reader.take(","):
            break
    reader.expect(")")
    return {key: value for key, value in properties.items() if value is not None}


def _constant(reader: Reader) -> Any:
    token = reader.token
    if reader.take("ARRAY", "["):
        items = [] if reader.sees("]") else reader.listed(lambda: _constant(reader))
        reader.expect("]")
        return items
    if reader.sees("MAP", "("):
        reader.at += 2
        keys = _constant(reader)
        reader.expect(",")
        values = _constant(reader)
        reader.expect(")")
        return dict(zip(keys, values, strict=True))
    if token.kind in ("string", "unicode"):
        return reader.string()
    if token.kind == "integer":
        return int(reader.next().text.replace("_", ""), 10)
    if token.kind in ("decimal", "double"):
        text = reader.next().text
        return float(text) if token.kind == "double" else Decimal(text)
    if token.upper in ("TRUE", "FALSE"):
        return reader.next().upper == "TRUE"
    raise reader.mismatch("<string>, <number>, 'TRUE', 'FALSE', 'ARRAY'")


def _create_view(reader: Reader, replace: bool) -> CreateViewText:
    name = reader.table_name()
    comment = reader.string() if reader.take("COMMENT") else ""
    if reader.take("SECURITY") and not reader.take("DEFINER"):
        reader.expect("INVOKER")
    if reader.sees("WITH"):
        raise reader.refuse("properties of a view")
    reader.expect("AS")
    start = reader.token.start
    query = reader.query()
    end = reader.tokens[reader.at - 1].end
    return CreateViewText(name, query, reader.source.text[start:end], replace, comment)


def _insert(reader: Reader) -> InsertText:
    reader.expect("INTO")
    name = reader.table_name()
    columns: list[exp.Identifier] = []
    if reader.sees("(") and not reader.query_ahead():
        columns = reader.identifiers()
    return InsertText(name, tuple(columns), reader.query())


def _drop(reader: Reader) -> DropText:
    kinds: dict[str, Literal["table", "view", "schema"]] = {"TABLE": "table", "VIEW": "view", "SCHEMA": "schema"}
    word = reader.token.upper
    if word not in kinds:
        if word in ("MATERIALIZED", "FUNCTION", "ROLE", "CATALOG", "BRANCH"):
            raise reader.refuse(f"DROP {word}")
        raise reader.mismatch("'TABLE', 'VIEW', 'SCHEMA'")
    reader.next()
    if_exists = reader.take("IF", "EXISTS")
    name = reader.table_name()
    cascade = word == "SCHEMA" and reader.take("CASCADE")
    if word == "SCHEMA" and not cascade:
        reader.take("RESTRICT")
    return DropText(kinds[word], name, if_exists, cascade)


def _alter(reader: Reader) -> Text:
    if reader.take("VIEW"):
        name = reader.table_name()
        if not reader.sees("RENAME"):
            raise reader.refuse("this ALTER VIEW")
        reader.expect("RENAME", "TO")
        return RenameText("view", name, reader.table_name())
    if not reader.sees("TABLE"):
        raise reader.refuse(f"ALTER {reader.token.upper}")
    reader.next()
    if reader.take("IF", "EXISTS"):
        raise reader.refuse("ALTER TABLE IF EXISTS")
    name = reader.table_name()
    if reader.take("RENAME", "TO"):
        return RenameText("table", name, reader.table_name())
    if reader.take("RENAME", "COLUMN"):
        missing = reader.take("IF", "EXISTS")
        column = _single_name(reader)
        reader.expect("TO")
        return AlterColumnText(name, "rename", column, to=reader.identifier(), if_exists=missing)
    if reader.take("ADD", "COLUMN"):
        present = reader.take("IF", "NOT", "EXISTS")
        definition = _column(reader)
        if reader.sees_any("FIRST", "LAST", "AFTER"):
            raise reader.refuse("ADD COLUMN at a place of its own")
        return AlterColumnText(name, "add", definition.name, definition, if_exists=present)
    if reader.take("DROP", "COLUMN"):
        missing = reader.take("IF", "EXISTS")
        return AlterColumnText(name, "drop", _single_name(reader), if_exists=missing)
    if reader.take("ALTER", "COLUMN"):
        column = _single_name(reader)
        if not reader.sees("SET", "DATA", "TYPE"):
            raise reader.refuse("this ALTER COLUMN")
        reader.expect("SET", "DATA", "TYPE")
        return AlterColumnText(name, "type", column, ColumnDefinition(column, read_type(reader)))
    raise reader.refuse("this ALTER TABLE")


def _single_name(reader: Reader) -> exp.Identifier:
    name = reader.identifier()
    if reader.sees("."):
        raise reader.refuse("changing a field inside a column")
    return name


def _comment(reader: Reader) -> CommentText:
    reader.expect("ON")
    kinds: dict[str, Literal["table", "view", "column"]] = {"TABLE": "table", "VIEW": "view", "COLUMN": "column"}
    kind = kinds.get(reader.token.upper)
    if kind is None:
        raise reader.mismatch("'TABLE', 'VIEW', 'COLUMN'")
    reader.next()
    start = reader.at
    names = reader.qualified_name()
    column = names.pop() if kind == "column" else None
    if not 1 <= len(names) <= 3:
        raise reader.mismatch("<identifier>")
    parts = dict(zip(("this", "db", "catalog"), reversed(names), strict=False))
    table = reader.put(exp.Table(**parts), start)
    reader.expect("IS")
    text = None if reader.take("NULL") else reader.string()
    return CommentText(kind, table, column, text)


def _explain(reader: Reader) -> ExplainText:
    if reader.sees("ANALYZE"):
        raise reader.refuse("EXPLAIN ANALYZE")
    if reader.sees("(") and reader.ahead().upper in ("TYPE", "FORMAT"):
        raise reader.refuse("options of EXPLAIN")
    return ExplainText(reader.query())


def _show(reader: Reader) -> ShowText:
    word = reader.next().upper
    if word == "CREATE":
        kind = reader.next().upper
        if kind not in ("TABLE", "VIEW", "SCHEMA"):
            raise reader.refuse(f"SHOW CREATE {kind}")
        return ShowText(f"create {kind.lower()}", reader.table_name())  # type: ignore[arg-type]
    if word == "COLUMNS":
        if not reader.take("FROM"):
            reader.expect("IN")
        return ShowText("columns", reader.table_name(), *_like(reader))
    if word not in ("CATALOGS", "SCHEMAS", "TABLES", "FUNCTIONS"):
        raise reader.refuse(f"SHOW {word}", reader.tokens[reader.at - 1])
    name = reader.table_name() if word != "CATALOGS" and (reader.take("FROM") or reader.take("IN")) else None
    return ShowText(word.lower(), name, *_like(reader))  # type: ignore[arg-type]


def _like(reader: Reader) -> tuple[str | None, str | None]:
    if not reader.take("LIKE"):
        return None, None
    return reader.string(), reader.string() if reader.take("ESCAPE") else None


def _describe(reader: Reader) -> ShowText:
    if reader.sees_any("INPUT", "OUTPUT") and reader.ahead().kind != "end":
        raise reader.refuse(f"DESCRIBE {reader.token.upper}")
    return ShowText("columns", reader.table_name())


_STATEMENTS: dict[str, Callable[[Reader], Text]] = {
    "CREATE": _create,
    "INSERT": _insert,
    "DROP": _drop,
    "ALTER": _alter,
    "COMMENT": _comment,
    "EXPLAIN": _explain,
    "SHOW": _show,
    "DESCRIBE": _describe,
    "DESC": _describe,
}
