"""ruff on generated source: formatted, unused imports taken out, and what it still finds."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

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
    return text, [Lint(str(one["code"]), str(one["message"]), int(one["location"]["row"])) for one in found]


def _run(arguments: list[str], text: str) -> str:
    from ruff import find_ruff_bin

    command = [find_ruff_bin(), arguments[0], *_COMMON, *arguments[1:]]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    return done.stdout
