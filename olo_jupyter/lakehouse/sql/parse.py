"""Trino SQL to a tree in which function calls stand as the user wrote them.

sqlglot reads many functions into canonical nodes whose meaning is the average of twenty dialects. The product's promise
is Trino's meaning, so every call stays ``exp.Anonymous`` with Trino's own name; only real syntax (CAST, EXTRACT, TRIM FROM …)
gets nodes of its own. Every node knows its place in the user's text. What sqlglot accepts and Trino doesn't is refused
by grammar.py.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.lexer import Source, syntax_error, without_comments

_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "LISTAGG")
E = TypeVar("E", bound=exp.Expr)


class TrinoText(Trino):
    """sqlglot's Trino dialect without its reading of functions."""

    NULL_ORDERING = "nulls_are_last"
    INDEX_OFFSET = 0

    class Parser(Trino.Parser):
        FUNCTIONS = {}  # noqa: RUF012
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: parser for name, parser in Trino.Parser.FUNCTION_PARSERS.items() if name in _SYNTAX
        }

        def _parse_join(self, *args: Any, **kwargs: Any) -> Any:
            comma = self._curr is not None and self._curr.token_type == TokenType.COMMA
            join = super()._parse_join(*args, **kwargs)
            if comma and join is not None:
                join.set("comma", True)
            return join

        def expression(self, instance: E, token: Token | None = None, comments: list[str] | None = None) -> E:
            """Also remember where in the text each node was made; a leaf is made right behind its own token."""
            node: E = super().expression(instance, token, comments)
            at = token or self._prev
            if at is not None and "start" not in node.meta:
                node.meta["start"] = at.start
            return node


def parse(source: Source) -> exp.Expr:
    """The tree of the one statement in ``source``; each node of it has a place (see ``place_of``).

    Raises:
        QueryError: syntax-error, with line and column.
    """
    text = without_comments(source.text)
    dialect = TrinoText()
    try:
        tokens = dialect.tokenize(text)
        trees = dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except ParseError as error:
        detail = error.errors[0] if error.errors else {}
        raise _from_sqlglot(source, text, detail) from error
    except TokenError as error:
        raise syntax_error(source.original, 0, f"The text can't be read as SQL: {error}.") from error
    statements = [tree for tree in trees if tree is not None]
    if not statements:
        raise syntax_error(source.original, 0, "There is no statement.")
    if len(statements) > 1:
        raise QueryError(
            "Exactly one statement is expected.", code="syntax-error", hint="Remove what follows the semicolon."
        )
    for node in statements[0].walk():
        start = _start(node)
        if start is not None:
            node.meta["place"] = source.place(start)
    return statements[0]


def place_of(node: exp.Expr | None) -> tuple[int, int] | None:
    """1-based line and column where ``node`` (or the nearest node around it that has a place) begins in the user's text."""
    while node is not None:
        place: tuple[int, int] | None = node.meta.get("place")
        if place is not None:
            return place
        node = node.parent
    return None


def placed(error: QueryError, node: exp.Expr | None) -> QueryError:
    """``error`` with the place of ``node``, where it has none yet."""
    place = place_of(node)
    if error.line is None and place is not None:
        error.line, error.column = place
    return error


def fail(message: str, code: str, node: exp.Expr | None, *, hint: str = "") -> QueryError:
    """A QueryError at the place of ``node``."""
    return placed(QueryError(message, code=code, hint=hint), node)


def _start(node: exp.Expr) -> int | None:
    """Where ``node`` begins: at the first of the tokens of it and of what is in it."""
    own = node.meta.get("first")
    if own is not None:
        return int(own)
    starts = [start for child in node.iter_expressions() if (start := _start(child)) is not None]
    if "start" in node.meta:
        starts.append(node.meta["start"])
    if not starts:
        return None
    node.meta["first"] = min(starts)
    return min(starts)


def _from_sqlglot(source: Source, text: str, detail: dict[str, object]) -> QueryError:
    """sqlglot gives line and the column of a token's last character; the token's text comes with it."""
    line, column = detail.get("line"), detail.get("col")
    word = str(detail.get("highlight") or "")
    if not isinstance(line, int) or not isinstance(column, int):
        return QueryError(str(detail.get("description") or "The text isn't Trino SQL."), code="syntax-error")
    lines = text.splitlines(keepends=True)
    offset = sum(map(len, lines[: line - 1])) + column - max(len(word), 1)
    place = source.place(max(offset, 0))
    what = f"mismatched input '{word}'" if word else "mismatched input '<EOF>'"
    return QueryError(f"{what}. {detail.get('description')}.", code="syntax-error", line=place[0], column=place[1])
