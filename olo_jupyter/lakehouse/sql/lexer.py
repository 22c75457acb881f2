"""Trino's lexical rules, as far as they decide what is code: strings, quoted names, comments.

Scripts are split, identifiers filled in and comments blanked out by the same rules (SqlBase.g4): comments don't nest, a
backslash is nothing special, quotes are doubled.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from olo_jupyter.lakehouse.errors import QueryError

Kind = Literal["code", "string", "quoted", "comment"]

_NOT_CODE = re.compile(
    r"""(?P<comment>--[^\r\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<broken>/\*|'|")
      | (?P<backquoted>`[^`]*`?)""",
    re.DOTALL | re.VERBOSE,
)
_UNCLOSED = {"'": "string", '"': "quoted identifier", "/*": "comment"}


@dataclass(frozen=True)
class Segment:
    """A stretch of the text: ``text[start:end]`` is all code, one string, one quoted name or one comment."""

    kind: Kind
    start: int
    end: int


def segments(text: str) -> Iterator[Segment]:
    """``text`` cut into stretches of code, strings, quoted names and comments, without gaps.

    Raises:
        QueryError: syntax-error: a string, name or comment that isn't closed; a name in backquotes.

    Example:
        >>> [(s.kind, "a -- ';'"[s.start:s.end]) for s in segments("a -- ';'")]
        [('code', 'a '), ('comment', "-- ';'")]
    """
    at = 0
    for match in _NOT_CODE.finditer(text):
        kind = match.lastgroup
        if kind == "broken":
            what = _UNCLOSED[match.group()]
            raise syntax_error(text, match.start(), f"unterminated {what}", hint=f"Close the {what}.")
        if kind == "backquoted":
            message = "backquoted identifiers are not supported; use double quotes to quote identifiers"
            raise syntax_error(text, match.start(), message)
        if match.start() > at:
            yield Segment("code", at, match.start())
        yield Segment(kind, match.start(), match.end())  # type: ignore[arg-type]
        at = match.end()
    if at < len(text):
        yield Segment("code", at, len(text))


def without_comments(text: str) -> str:
    """``text`` of the same length with blanks in place of comments; line breaks stay.

    Example:
        >>> without_comments("a/*+ b */+c")
        'a        +c'
    """
    return "".join(
        re.sub(r"[^\r\n]", " ", text[part.start : part.end]) if part.kind == "comment" else text[part.start : part.end]
        for part in segments(text)
    )


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column of a 0-based offset.

    Example:
        >>> line_and_column("a\\nbc", 3)
        (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def syntax_error(text: str, offset: int, message: str, *, hint: str = "") -> QueryError:
    """A ``syntax-error`` at an offset of ``text``."""
    line, column = line_and_column(text, offset)
    return QueryError(message, code="syntax-error", hint=hint, line=line, column=column)


class Source:
    """A statement as it is parsed, and the way back to the user's own text.

    Args:
        text: What is parsed.
        original: What the user wrote; differs where ``{{ name | ident }}`` was filled in.
        shifts: For each replacement, ascending: offset in ``text`` behind it, and the offset in ``original`` behind it.
    """

    def __init__(self, text: str, original: str | None = None, shifts: list[tuple[int, int]] | None = None) -> None:
        self.text = text
        self.original = text if original is None else original
        self._shifts = [(0, 0), *(shifts or [])]
        self._starts = [start for start, _ in self._shifts]
        self._lines = [0, *(match.end() for match in re.finditer("\n", self.original))]

    def place(self, offset: int) -> tuple[int, int]:
        """1-based line and column in the user's text of an offset in ``text``."""
        behind, original = self._shifts[bisect_right(self._starts, offset) - 1]
        at = min(original + offset - behind, len(self.original))
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1
