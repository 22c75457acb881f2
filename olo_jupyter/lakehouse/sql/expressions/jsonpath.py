"""Trino's JSON paths (``$.a[0]["b c"]``) as DuckDB's JSON pointers, which reach the same value."""

from __future__ import annotations

import re

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported

_STEP = re.compile(r"""\.([\w:]+)|\[(\w+)\]|\["((?:[^"\\]|\\["\\])*)"\]""")


def steps(path: str) -> list[str]:
    """The names and places that a path goes through.

    Raises:
        QueryError: invalid-function-argument, Trino takes no such path.

    Example:
        >>> steps('$.a[0]["b c"]')
        ['a', '0', 'b c']
    """
    found, at = [], 1
    while path.startswith("$") and at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            break
        name = step[1] or step[2]
        found.append(name if name is not None else re.sub(r"\\(.)", r"\1", step[3]))
        at = step.end()
    if at != len(path) or not path.startswith("$"):
        raise QueryError(f"Invalid JSON path: '{path}'", code="invalid-function-argument")
    return found


def pointer(path: str) -> str:
    """A path as a JSON pointer: a number in it is a place in an array or a key of an object, as in Trino.

    Raises:
        QueryError: invalid-function-argument, Trino takes no such path.
        Unsupported: A number that a pointer spells otherwise.

    Example:
        >>> pointer('$.a[0]["b/c"]')
        '/a/0/b~1c'
    """
    names = steps(path)
    for name in names:
        if re.fullmatch(r"0\d+|\+\d+|-", name) or (name.isdigit() and not name.isascii()):
            raise unsupported(f"JSON path {path!r}")
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
