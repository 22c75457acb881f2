"""Findings: what a step could not decide or thinks the analyst should know. One catalogue of codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """Something that the analyst has to know: what, where, why, what to do now.

    Args:
        code: An entry of the catalogue, kebab-case.
        severity: ``error`` stops the promotion, ``warning`` goes into the pull request, ``info`` is a note.
        message: What and why, naming the statement.
        cell: Id of the cell, None where the finding is about the whole notebook.
        line: 1-based line in that cell.
        hint: What to do now.
    """

    code: str
    severity: Severity
    message: str
    cell: str | None = None
    line: int | None = None
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding as ``--json`` shows it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "cell": self.cell,
            "line": self.line,
            "message": self.message,
            "hint": self.hint,
        }
