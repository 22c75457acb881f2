"""Findings: what a step could not decide or thinks the analyst should know. One catalogue of codes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
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


@dataclass(frozen=True)
class Meaning:
    """An entry of the catalogue: how severe a code is and what it means."""

    severity: Severity
    means: str


@cache
def catalogue() -> dict[str, Meaning]:
    """Every code that the converters give, from knowledge/findings.toml."""
    text = resources.files("olo_converters.knowledge").joinpath("findings.toml").read_text(encoding="utf-8")
    return {code: Meaning(**entry) for code, entry in tomllib.loads(text).items()}


def finding(code: str, message: str, *, cell: str | None = None, line: int | None = None, hint: str = "") -> Finding:
    """A finding with its catalogued severity.

    Raises:
        KeyError: The code is not in the catalogue.

    Example:
        >>> finding("bad-name", "The name is empty.").severity
        'error'
    """
    return Finding(code, catalogue()[code].severity, message, cell, line, hint)
