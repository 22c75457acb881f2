"""The base of every error that a user may see: what, why, and what to do now."""

from __future__ import annotations

from typing import Any


class OloError(Exception):
    """An error with a message for people and a code for machines; front ends print it without a traceback.

    Args:
        message: What went wrong, in the user's words, one or two sentences.
        code: Stable kebab-case identifier, e.g. ``table-not-found``.
        hint: What to do now; empty where nothing useful can be said.
    """

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint

    def as_json(self) -> dict[str, Any]:
        """The error as the ``--json`` outputs show it: code, message, hint (and more in subclasses)."""
        return {"code": self.code, "message": self.message, "hint": self.hint}
