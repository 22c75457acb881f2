"""Statements: which one it is by its first words, and its parts."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.grammar import branches, dml
from olo_jupyter.lakehouse.sql.grammar.alter import alter
from olo_jupyter.lakehouse.sql.grammar.ddl import comment, create, drop
from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    ExplainText,
    ShowText,
    Text,
)
from olo_jupyter.lakehouse.sql.grammar.tokens import QUERY_WORDS, Token

_OTHERS = frozenset(
    [
        "ANALYZE",
        "CALL",
        "COMMIT",
        "DEALLOCATE",
        "DENY",
        "EXECUTE",
        "GRANT",
        "PREPARE",
        "REFRESH",
        "RESET",
        "REVOKE",
        "ROLLBACK",
        "SET",
        "START",
        "USE",
    ]
)
"""First words of Trino's statements that aren't read here."""

_EXPECTED = (
    "<query>, 'CREATE', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'TRUNCATE', 'DROP', 'ALTER', 'COMMENT', 'SHOW', "
    "'DESCRIBE', 'EXPLAIN'"
)


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


def _explain(reader: Reader) -> ExplainText:
    if reader.sees("ANALYZE"):
        raise reader.refuse("EXPLAIN ANALYZE")
    if reader.sees("(") and reader.ahead().upper in ("TYPE", "FORMAT"):
        raise reader.refuse("options of EXPLAIN")
    return ExplainText(reader.query())


def _show(reader: Reader) -> Text:
    word = reader.next().upper
    if word == "BRANCHES":
        return branches.show(reader)
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
    "CREATE": create,
    "INSERT": dml.insert,
    "DELETE": dml.delete,
    "UPDATE": dml.update,
    "MERGE": dml.merge,
    "TRUNCATE": dml.truncate,
    "DROP": drop,
    "ALTER": alter,
    "COMMENT": comment,
    "EXPLAIN": _explain,
    "SHOW": _show,
    "DESCRIBE": _describe,
    "DESC": _describe,
}
