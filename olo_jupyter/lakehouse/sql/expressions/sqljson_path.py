"""Paths of SQL/JSON (``lax $.a[0].b``): read, and written as DuckDB text over a list of JSON values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported

_MODE = re.compile(r"\s*(lax|strict)\b")
_STEP = re.compile(
    r"""\s*(?:
      \.\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?!\s*[\w(])
    | \.\s*"(?P<quoted>(?:[^"]|"")*)"
    | \.\s*(?P<members>\*)
    | \[\s*(?P<elements>\*)\s*\]
    | \[\s*(?P<index>\d{1,9})\s*\]
    | \[\s*last\s*(?:-\s*(?P<back>\d{1,9})\s*)?\](?P<last>)
    | \[\s*(?P<low>\d{1,9})\s+to\s+(?P<high>\d{1,9}|last)\s*\]
    )""",
    re.VERBOSE,
)


_ENDLESS = 2_000_000_000


@dataclass(frozen=True)
class Step:
    """One accessor.

    Args:
        kind: A member by name, all members, an element from 0, one from the end, elements from ``at`` to ``end``, all.
        end: Last place of a range; -1 for the array's last.
    """

    kind: Literal["member", "members", "element", "last", "range", "elements"]
    name: str = ""
    at: int = 0
    end: int = 0


@dataclass(frozen=True)
class Path:
    """A path; ``strict`` makes errors of what ``lax`` unwraps, wraps or leaves out."""

    strict: bool
    steps: tuple[Step, ...]


def read_path(path: str) -> Path:
    """Read a path.

    Raises:
        QueryError: syntax-error.
        Unsupported: Filters, methods, arithmetic, variables.

    Example:
        >>> read_path('lax $.a[0]."b c"').steps[2].name
        'b c'
    """
    mode = _MODE.match(path)
    if mode is None:
        raise QueryError(f"missing {{'lax', 'strict'}} at '{path.strip()[:1]}'", code="syntax-error")
    root = re.compile(r"\s*\$(?![\w$])").match(path, mode.end())
    if root is None:
        if re.match(r"\s*[.\[*?)]|\s*$", path[mode.end() :]):
            raise QueryError(f"mismatched input in JSON path: '{path}'", code="syntax-error")
        raise unsupported(f"JSON path {path!r}")
    steps, at = [], root.end()
    while path[at:].strip():
        found = _STEP.match(path, at)
        if found is None:
            if re.match(r"\s*\.\s*[^\w\s\"*]", path[at:]) or not path[at:].isascii():
                raise QueryError(f"no viable alternative in JSON path: '{path}'", code="syntax-error")
            raise unsupported(f"JSON path {path!r}")
        steps.append(_step(found))
        at = found.end()
    return Path(mode[1] == "strict", tuple(steps))


def _step(found: re.Match[str]) -> Step:
    if found["name"] is not None or found["quoted"] is not None:
        return Step("member", found["name"] or (found["quoted"] or "").replace('""', '"'))
    if found["members"]:
        return Step("members")
    if found["elements"]:
        return Step("elements")
    if found["index"] is not None:
        return Step("element", at=int(found["index"]))
    if found["low"] is not None:
        return Step("range", at=int(found["low"]), end=-1 if found["high"] == "last" else int(found["high"]))
    return Step("last", at=int(found["back"] or 0))


def items(path: Path, value: str) -> str:
    """DuckDB text of the list of JSON values that ``path`` finds in ``value`` (JSON); NULL for a structural error."""
    found = f"[{value}]"
    mode = "strict" if path.strict else "lax"
    for step in path.steps:
        match step.kind:
            case "member":
                pointer = "/" + step.name.replace("~", "~0").replace("/", "~1")
                found = f"olo_path_member_{mode}({found}, {text(pointer)})"
            case "element":
                found = f"olo_path_element_{mode}({found}, {text(f'$[{step.at}]')}, {str(step.at == 0).lower()})"
            case "last":
                place = text(f"$[#-{step.at + 1}]")
                found = f"olo_path_element_{mode}({found}, {place}, {str(step.at == 0).lower()})"
            case "range":
                if path.strict:
                    raise unsupported("range of places in a strict JSON path")
                found = f"olo_path_range({found}, {step.at + 1}, {step.end + 1 if step.end >= 0 else _ENDLESS})"
            case _:
                found = f"olo_path_{step.kind}_{mode}({found})"
    return found
