"""Errors of queries: always with the place in the user's own text where there is one."""

from __future__ import annotations

from typing import Any

from olo_jupyter.errors import OloError

GONE_HINT = "Someone removed it from storage; an older or newer snapshot may still be whole."
"""What to do where a data file isn't there any more."""


class QueryError(OloError):
    """A statement that can't be run or failed while running.

    ``code`` is ``unsupported`` where this engine refuses what Trino would run; every other code names an error that
    Trino would raise too (Trino's own error names in kebab-case: ``syntax-error``, ``column-not-found``,
    ``table-not-found``, ``type-mismatch``, ``division-by-zero``, ``numeric-value-out-of-range``,
    ``invalid-cast-argument``, ``function-not-found``, ``ambiguous-name`` …).

    Args:
        line: 1-based line in the statement as the user wrote it, None where unknown.
        column: 1-based column.
    """

    default_code = "query-failed"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.line = line
        self.column = column

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "line": self.line, "column": self.column}


class Unsupported(QueryError):
    """Valid Trino SQL that this engine can't run with Trino's answer: refused by name, never approximated."""

    default_code = "unsupported"


class QueryCancelled(QueryError):
    """The user interrupted the statement."""

    default_code = "user-canceled"


def one_line(error: object) -> str:
    """The first line of what an error says, without characters that no one can read (bytes of a damaged file).

    Example:
        >>> one_line("don't know what type: \\x0f\\nmore")
        "don't know what type"
    """
    lines = str(error).strip().splitlines() or [""]
    return "".join(letter for letter in lines[0] if letter.isprintable()).rstrip(": ")
