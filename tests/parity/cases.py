"""Read the cases: files of expressions (one a line) and of whole queries (separated by a semicolon at a line's end).

A file is an area. ``--`` starts a comment. In files of expressions a block may begin with lines such as::

    -- each x: 1 ;; -7 ;; NULL
    {x} + {y}

which repeat the lines below them, up to the next empty line, for each value; several such lines give each combination.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
_EACH = re.compile(r"-- each (\w+): (.*)")


def areas(kind: str) -> list[Path]:
    """The files of cases of a kind, ``expressions`` or ``queries``, by name."""
    return sorted((HERE / "cases" / kind).glob("*.sql"))


def expressions(path: Path) -> list[str]:
    """The expressions in a file, in order, each once."""
    return list(dict.fromkeys(_expand(path.read_text(encoding="utf-8"))))


def queries(path: Path) -> list[str]:
    """The queries in a file, in order, each once."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
    pieces = re.split(r";[ \t]*(?:\n|$)", "\n".join(lines))
    return list(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))


def _expand(text: str) -> Iterator[str]:
    values: dict[str, list[str]] = {}
    for line in map(str.strip, text.splitlines()):
        each = _EACH.fullmatch(line)
        if each:
            values[each.group(1)] = [value.strip() for value in each.group(2).split(";;")]
        elif not line:
            values = {}
        elif not line.startswith("--"):
            used = [name for name in values if f"{{{name}}}" in line]
            for combination in itertools.product(*(values[name] for name in used)):
                expression = line
                for name, value in zip(used, combination, strict=True):
                    expression = expression.replace(f"{{{name}}}", value)
                yield expression
