"""Trino SQL text: its statements, its parameters, the names of tables in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.tokenizer_core import TokenType

IDENTIFIER = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\|\s*ident\s*\}\}")
ANY = "*"
"""Stands for any table."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_VALUE_ENDS = frozenset({TokenType.VAR, TokenType.IDENTIFIER, TokenType.NUMBER, TokenType.R_PAREN, TokenType.R_BRACKET})


class TrinoText(Trino):
    """sqlglot's Trino dialect with function calls kept as the analyst wrote them."""

    class Parser(Trino.Parser):  # type: ignore[valid-type, misc]
        FUNCTIONS: dict[str, Any] = {}  # noqa: RUF012

        def _warn_unsupported(self) -> None:
            """What sqlglot can't read is told as a finding, not on the user's screen."""


@dataclass(frozen=True)
class Parameter:
    """``:name`` in the text; ``start`` and ``end`` are offsets (end exclusive)."""

    name: str
    start: int
    end: int


def find_parameters(text: str) -> tuple[Parameter, ...]:
    """``:name`` parameters by the tokenizer, so that strings, comments and ``::`` are none.

    Raises:
        SqlglotError: The text can't be cut into tokens.

    Example:
        >>> [parameter.name for parameter in find_parameters("select ':a', :b -- :c")]
        ['b']
    """
    tokens = TrinoText().tokenize(text)
    found: list[Parameter] = []
    for before, colon, name in zip([None, *tokens], tokens, tokens[1:], strict=False):
        if colon.token_type != TokenType.COLON or name.start != colon.end + 1 or not _WORD.fullmatch(name.text):
            continue
        if before is not None and before.end + 1 == colon.start and before.token_type in _VALUE_ENDS:
            continue
        found.append(Parameter(name.text, colon.start, name.end + 1))
    return tuple(found)


def with_identifiers(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with ``{{ name | ident }}`` as a quoted identifier of the same length, and the names.

    Example:
        >>> with_identifiers("select * from {{ t | ident }}")
        ('select * from "t            "', ('t',))
    """
    names: list[str] = []

    def replace(match: re.Match[str]) -> str:
        names.append(match.group(1))
        return '"' + match.group(1).ljust(len(match.group(0)) - 2) + '"'

    return IDENTIFIER.sub(replace, text), tuple(names)


_TEMPLATES = (re.compile(r"\{\{.*?\}\}", re.DOTALL), re.compile(r"\{%.*?%\}", re.DOTALL), re.compile(r"\$?\{\w+\}"))
_MARKED = re.compile(r"(?<![\w:)\]\"])[:$]([A-Za-z_]\w*)")


def without_templates(text: str, *, is_native: bool = False) -> tuple[str, tuple[str, ...]]:
    """SQL of other front ends with what they fill in as identifiers of the same length, and the words in it.

    Args:
        is_native: A cell of an SQL language fills in Jinja only; ``:name`` and ``$name`` are its database's own.

    Example:
        >>> without_templates("select * from {{ t }} where a > $x")
        ('select * from "t    " where a > $x', ('t', 'x'))
    """
    words: list[str] = []

    def replace(match: re.Match[str]) -> str:
        inside = _WORD.findall(match.group(0))
        words.extend(inside)
        if match.group(0).startswith("{%"):
            return " " * len(match.group(0))
        return '"' + "".join(inside)[: len(match.group(0)) - 2].ljust(len(match.group(0)) - 2) + '"'

    for pattern in _TEMPLATES[: 2 if is_native else 3]:
        text = pattern.sub(replace, text)
    return text, tuple(dict.fromkeys([*words, *(() if is_native else _MARKED.findall(text))]))


@contextmanager
def _silent_sqlglot() -> Iterator[None]:
    """What a dialect can't read is seen in its tree; sqlglot's log is not for the user's screen."""
    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def parse(text: str, dialect: str = "") -> tuple[exp.Expression, ...]:
    """The statements of SQL text; ``dialect`` '' is Trino's.

    Raises:
        SqlglotError: Not SQL of that dialect.
    """
    with _silent_sqlglot() if dialect else nullcontext():
        parsed = sqlglot.parse(text, dialect=dialect or TrinoText)
    return tuple(
        statement
        for statement in parsed
        if isinstance(statement, exp.Expression) and not isinstance(statement, exp.Semicolon)
    )


def table_parts(table: exp.Table) -> tuple[str, ...]:
    """The parts of a table's name, lower case; () for table functions."""
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    if len(parts) != len(table.parts):
        return ()
    return tuple(part.name.lower() for part in parts)


def is_cte(table: exp.Table) -> bool:
    """Whether a table's name is that of a WITH query that it can see."""
    if len(table.parts) != 1 or not isinstance(table.this, exp.Identifier):
        return False
    name = table.this.name.lower()
    inside: exp.Expr | None = table
    while inside is not None:
        parent = inside.parent
        if parent is not None and (with_ := parent.args.get("with_") or parent.args.get("with")) is not None:
            for cte in with_.expressions:
                if cte.alias.lower() == name and not (_is_within(table, cte) and not with_.args.get("recursive")):
                    return not _defined_later(with_, cte, table)
        inside = parent
    return False


def _is_within(node: exp.Expr, outer: exp.Expr) -> bool:
    inside: exp.Expr | None = node
    while inside is not None:
        if inside is outer:
            return True
        inside = inside.parent
    return False


def _defined_later(with_: exp.Expr, cte: exp.Expr, table: exp.Table) -> bool:
    """Whether ``table`` stands in a WITH query before ``cte``, which so it can't see."""
    names = list(with_.expressions)
    user = next((other for other in names if _is_within(table, other)), None)
    return user is not None and names.index(user) < names.index(cte)


def full_name(parts: tuple[str, ...], catalog: str, namespace: str) -> str:
    """A table's name with catalog and namespace filled in; a bare name without namespace stays bare.

    A name that only running tells (``{{ name | ident }}``) is any table: ``*``.

    Example:
        >>> full_name(("silver", "flights"), "dev", "")
        'dev.silver.flights'
    """
    if any(part == ANY or part.endswith(" ") for part in parts):
        return ANY
    if len(parts) == 1 and namespace:
        parts = (catalog, namespace, *parts)
    elif len(parts) == 2:
        parts = (catalog, *parts)
    return ".".join(parts)
