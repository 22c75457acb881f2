"""ruff on generated source: formatted, unused imports taken out, and what it still finds."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olo_converters.findings import Finding, finding

_COMMON = ["--isolated", "--line-length", "120", "--target-version", "py311"]
_RULES = "E,F,I,B,UP"
SECONDS = 60


@dataclass(frozen=True)
class Lint:
    """A thing that ruff finds. ``line`` counts from 1."""

    code: str
    message: str
    line: int


def tidied(source: str, name: str = "module.py") -> tuple[str, list[Lint]]:
    """The source as ruff fixes and formats it, and what is left to say.

    Example:
        >>> tidied("import os\\nx=1\\n")
        ('x = 1\\n', [])
    """
    fixed = _run(["check", "--fix-only", "--exit-zero", "--select", _RULES, "--stdin-filename", name, "-"], source)
    text = _run(["format", "--stdin-filename", name, "-"], fixed or source) or fixed or source
    report = _run(
        [
            "check",
            "--exit-zero",
            "--select",
            _RULES,
            "--ignore",
            "E501",
            "--output-format",
            "json",
            "--stdin-filename",
            name,
            "-",
        ],
        text,
    )
    found = json.loads(report or "[]")
    return text, [_lint(one) for one in found]


def told(lint: Lint) -> Finding:
    """What ruff says of a module: a name without a value, or what is no Python, stops the promotion."""
    stops = lint.code.startswith(("F821", "E9", "invalid-syntax")) or not lint.code
    code = "unsupported-construct" if stops else "lint"
    return finding(code, f"ruff {lint.code} at line {lint.line} of the module: {lint.message}")


def tidied_all(folder: Path) -> dict[str, list[Lint]]:
    """Fix and format every Python file below a folder in place, and what is left to say, by path relative to it."""
    every = ["--quiet", "--no-cache", "--select", _RULES, "--ignore", "E501"]
    _run(["check", "--fix-only", "--exit-zero", *every, "."], "", folder)
    _run(["format", "--no-cache", "."], "", folder)
    report = _run(["check", "--exit-zero", "--output-format", "json", *every, "."], "", folder)
    found: dict[str, list[Lint]] = {}
    for one in json.loads(report or "[]"):
        path = Path(one["filename"]).relative_to(folder.resolve()).as_posix()
        found.setdefault(path, []).append(_lint(one))
    return found


def _lint(one: dict[str, Any]) -> Lint:
    return Lint(str(one["code"] or ""), str(one["message"]), int(one["location"]["row"]))


def _run(arguments: list[str], text: str, folder: Path | None = None) -> str:
    from ruff import find_ruff_bin

    command = [find_ruff_bin(), arguments[0], *_COMMON, *arguments[1:]]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False, cwd=folder
    )
    return done.stdout
