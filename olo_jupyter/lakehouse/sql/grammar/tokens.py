"""Words, names, numbers, strings and signs of Trino's SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from olo_converters.names import sql_reserved
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.lexer import Source, without_comments

Kind = Literal[
    "word", "quoted", "string", "unicode", "binary", "integer", "decimal", "double", "parameter", "sign", "end"
]

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<binary>[xX]'(?:[^']|'')*')
      | (?P<unicode>[uU]&'(?:[^']|'')*')
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<double>(?:\d[\d_]*(?:\.\d*)?|\.\d+)[eE][+-]?\d+)
      | (?P<decimal>\d[\d_]*\.(?:\d[\d_]*)?|\.\d[\d_]*)
      | (?P<integer>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<parameter>:[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><>|!=|<=|>=|\|\||->|=>|[=<>+\-*/%()\[\],.?:;|@])""",
    re.VERBOSE,
)

RESERVED = frozenset(word.upper() for word in sql_reserved())
"""Trino's reserved words (its documentation, reserved keywords): no identifiers unless quoted."""

QUERY_WORDS = frozenset({"SELECT", "VALUES", "TABLE", "WITH"})
"""The words that a query begins with."""


@dataclass(frozen=True)
class Token:
    """One token; ``text`` as written, ``upper`` in capitals for words."""

    kind: Kind
    text: str
    start: int
    end: int

    @cached_property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text

    @cached_property
    def mark(self) -> str:
        """What the grammar compares: ``upper`` of a word or sign, '' of everything else."""
        return self.upper if self.kind in ("word", "sign") else ""


def tokenize(source: Source) -> list[Token]:
    """The tokens of a text, and one of kind ``end``.

    Raises:
        QueryError: syntax-error: a character that begins nothing in Trino's SQL.
    """
    text = without_comments(source.text)
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise error(source, at, f"mismatched input '{text[at]}'")
        kind = match.lastgroup
        if kind != "blank":
            if (
                kind in ("integer", "decimal", "double")
                and match.end() < len(text)
                and re.match(r"\w", text[match.end()])
            ):
                message = "identifiers must not start with a digit; surround the identifier with double quotes"
                raise error(source, at, message)
            if kind == "quoted" and match.group() == '""':
                raise error(source, at, "Zero-length delimited identifier not allowed")
            tokens.append(Token(kind, match.group(), at, match.end()))  # type: ignore[arg-type]
        at = match.end()
    tokens.append(Token("end", "<EOF>", len(text), len(text)))
    return tokens


def error(source: Source, offset: int, message: str, *, hint: str = "", code: str = "syntax-error") -> QueryError:
    """An error at an offset of ``source.text``."""
    line, column = source.place(offset)
    return QueryError(message, code=code, hint=hint, line=line, column=column)
