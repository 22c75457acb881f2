"""What a magic means, from knowledge/magics.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Meaning = Literal["python", "display", "setup", "install", "shell", "file", "dynamic", "unknown"]


@cache
def _facts() -> dict[str, dict[str, Meaning]]:
    text = resources.files("olo_converters.knowledge").joinpath("magics.toml").read_text(encoding="utf-8")
    return {
        kind: {name: meaning for meaning, names in meanings.items() for name in names}
        for kind, meanings in tomllib.loads(text).items()
    }


def meaning_of(kind: Literal["cell", "line"], name: str) -> Meaning:
    """What the magic ``%%name`` (cell) or ``%name`` (line) does.

    Example:
        >>> meaning_of("cell", "time"), meaning_of("line", "pip"), meaning_of("line", "nosuch")
        ('python', 'install', 'unknown')
    """
    return _facts()[kind].get(name, "unknown")


def shown_by_shell() -> frozenset[str]:
    """Commands of the shell that only show something."""
    return frozenset(name for name, meaning in _facts()["shell"].items() if meaning == "display")


def only_shown(name: str) -> bool:
    """Whether what the line magic ``%name`` gives is what it shows, and no data.

    Example:
        >>> only_shown("sqlplot"), only_shown("sql")
        (True, False)
    """
    return name in _facts()["shown"]
