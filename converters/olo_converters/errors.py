"""The base of what this package raises: front ends print it without a traceback."""

from __future__ import annotations


class ConvertError(Exception):
    """Input that can't be used at all; what can be used but not decided is a Finding instead.

    Args:
        message: What is wrong, in the user's words.
        code: Stable kebab-case identifier.
        hint: What to do now.
        line: 1-based line in the file or cell, where known.
    """

    default_code = "convert"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.line = line
