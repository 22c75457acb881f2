"""JSON in text: scalars by a literal path, lengths of arrays. Values of type json are for Trino only.

Trino reads the text token by token: a number is given as it is written, of a key that occurs twice the first counts.
DuckDB writes floating-point numbers anew, so that they are looked for in the text, and refused while it runs where
several there have the value; so is text that is no JSON, as Trino may find the value before the place where it breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import literals
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.duck import text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT

_STEP = re.compile(r"""\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d{1,6})\]|\["([A-Za-z0-9_ .-]+)"\]""")


def path(pattern: str) -> str:
    """A JSONPath of Trino (``$.a[0]["b c"]``) as DuckDB's.

    Raises:
        Unsupported: It has more than names and places.

    Example:
        >>> path('$.a[0]["b.c"]')
        '$."a"[0]."b.c"'
    """
    written, at = "$", 1
    while pattern.startswith("$") and at < len(pattern):
        step = _STEP.match(pattern, at)
        if step is None:
            break
        name, place = step[1] or step[3], step[2]
        written += f'."{name}"' if name else f"[{place}]"
        at = step.end()
    if at != len(pattern) or not pattern.startswith("$"):
        raise unsupported(f"JSON path {pattern!r}")
    return written


def _arguments(name: str, values: list[Typed], count: int) -> str:
    """The text, checked; '' for a NULL."""
    shown = ", ".join(str(value.type) for value in values)
    if len(values) != count or values[0].type.base not in ("varchar", "unknown"):
        raise QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")
    if values[0].type.base == "unknown":
        raise unsupported(f"function {name} of NULL")
    if any(value.constant is None for value in values[1:]):
        return ""
    source = f"olo_json_or_refuse({values[0].sql})"
    places = re.findall(r"\[(\d+)\]", str(values[1].constant)) if count > 1 else []
    for place in dict.fromkeys(places):  # Trino's [0] is the key "0" too
        source = f"olo_json_no_key_or_refuse({source}, '{place}')"
    return source


def _path(name: str, value: Typed) -> str:
    if not isinstance(value.constant, str):
        raise unsupported(f"function {name} with a path that isn't a literal")
    return text(path(value.constant))


def _extract_scalar(values: list[Typed], env: Environment) -> Typed:
    source = _arguments("json_extract_scalar", values, 2)
    if not source:
        return cast(literals.null(), values[0].type)
    return Typed(f"olo_json_scalar_or_refuse({source}, {_path('json_extract_scalar', values[1])})", values[0].type)


def _array_length(values: list[Typed], env: Environment) -> Typed:
    return Typed(f"olo_json_length({_arguments('json_array_length', values, 1)})", BIGINT)


def _size(values: list[Typed], env: Environment) -> Typed:
    source = _arguments("json_size", values, 2)
    if not source:
        return cast(literals.null(), BIGINT)
    return Typed(f"olo_json_size({source}, {_path('json_size', values[1])})", BIGINT)


FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "json_extract_scalar": _extract_scalar,
    "json_array_length": _array_length,
    "json_size": _size,
}
"""Functions of a JSON text."""
