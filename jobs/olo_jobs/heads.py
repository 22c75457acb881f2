"""What a list of jobs is filtered by, read without reading whole files: thousands of them in a moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_KEYS = ("description", "owner", "tags")
_KEY = re.compile(r"(\w+)\s*:")
_INSIDE = (" ", "\t", "\r", "\n", "#", "-", "")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Head:
    """The words of a job; '' and () where its file says none, or can't be read."""

    name: str
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


class Heads:
    """Reads heads, each file once until it changes."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], Head]] = {}

    def head(self, path: Path) -> Head:
        """The head of a job file."""
        try:
            status = path.stat()
            stamp = status.st_mtime_ns, status.st_size
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = stamp, read_head(path.stem, path.read_text(encoding="utf-8"))
                self._known[path] = known
        except (OSError, UnicodeDecodeError):
            return Head(path.stem)
        return known[1]


def read_head(name: str, text: str) -> Head:
    """The head of a job from its YAML: only the lines of the keys that matter are parsed, where they stand alone.

    Example:
        >>> read_head("daily", "version: 1\\nowner: ana\\ntags: [a, b]\\ntasks: [{name: x}]")
        Head(name='daily', description='', owner='ana', tags=('a', 'b'))
    """
    cut = _cut(text)
    values = _parsed(cut) if cut is not None else None
    if values is None:  # an alias, a flow mapping, a key in quotes: read the whole
        values = _parsed(text) or {}
    tags = values.get("tags")
    return Head(
        name,
        _text(values.get("description")),
        _text(values.get("owner")),
        tuple(sorted(map(str, tags))) if isinstance(tags, list) else (),
    )


def _cut(text: str) -> str | None:
    """The blocks of the wanted keys at the first column; None where a line there is neither a key nor a list's."""
    kept, keep = [], False
    for line in text.splitlines(keepends=True):
        if line[:1] not in _INSIDE:
            match = _KEY.match(line)
            if match is None:
                return None
            keep = match[1] in _KEYS
        if keep:
            kept.append(line)
    return "".join(kept)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = yaml.load(text, _Loader) or {}  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
