"""Functions of JSON: of text that may be JSON, and of values of type json, which are text here too.

Trino reads JSON token by token: of a key that occurs twice the first counts, and of text that is no JSON it finds what
stands before the place where it breaks. Such text is refused while it runs, unless nothing can be found there.
"""

from __future__ import annotations

from collections.abc import Callable

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import json_casts, jsonpath, literals
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS, STRINGS, cast
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce
from olo_jupyter.lakehouse.sql.expressions.duck import bound, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, BOOLEAN, DOUBLE, JSON, VARCHAR, TrinoType

__all__ = ["FUNCTIONS", "json_casts"]


def _check(name: str, values: list[Typed], count: int, first: tuple[str, ...] = ("varchar", "json", "unknown")) -> None:
    if len(values) != count or values[0].type.base not in first:
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")


def _null(values: list[Typed], type_: TrinoType) -> Typed | None:
    """A NULL of the type where one of the arguments is NULL; None where none is."""
    if any(value.constant is None or value.type.base == "unknown" for value in values):
        return cast(literals.null(), type_)
    return None


def _path(name: str, value: Typed) -> tuple[list[str], str]:
    if not isinstance(value.constant, str):
        raise unsupported(f"function {name} with a path that isn't a literal")
    return jsonpath.steps(value.constant), text(jsonpath.pointer(value.constant))


def _whole(source: Typed, steps: list[str]) -> str:
    """The text where it is JSON; NULL where it isn't, and a name of the path can't be found in it."""
    if source.type == JSON:
        return source.sql
    plain = [step for step in steps if step.isascii() and step.replace("_", "").isalnum() and not step.isdigit()]

    def absent(t: str) -> str:
        tests = [f"NOT contains({t}, {text(chr(34) + step + chr(34))})" for step in plain]
        return " OR ".join(tests) or (f"NOT olo_json_begins({t}, '[{{')" if steps else "false")

    return bound(source.sql, "t", lambda t: f"olo_json_valid_or_refuse({t}, {absent(t)})")


def _extract(values: list[Typed], env: Environment) -> Typed:
    _check("json_extract", values, 2)
    if (null := _null(values, JSON)) is not None:
        return null
    steps, pointer = _path("json_extract", values[1])
    return Typed(f"olo_json_extract({_whole(values[0], steps)}, {pointer})", JSON)


def _extract_scalar(values: list[Typed], env: Environment) -> Typed:
    _check("json_extract_scalar", values, 2)
    kind = VARCHAR if values[0].type == JSON else values[0].type
    if kind.base == "unknown":
        raise QueryError(
            "Could not choose a best candidate operator: json_extract_scalar(unknown, varchar)",
            code="ambiguous-function-call",
        )
    if (null := _null(values, kind)) is not None:
        return null
    steps, pointer = _path("json_extract_scalar", values[1])
    return Typed(f"olo_json_scalar({_whole(values[0], steps)}, {pointer})", kind)


def _size(values: list[Typed], env: Environment) -> Typed:
    _check("json_size", values, 2)
    if (null := _null(values, BIGINT)) is not None:
        return null
    steps, pointer = _path("json_size", values[1])
    return Typed(f"olo_json_size({_whole(values[0], steps)}, {pointer})", BIGINT)


def _parse(values: list[Typed], env: Environment) -> Typed:
    _check("json_parse", values, 1, ("varchar", "unknown", "char"))
    if (null := _null(values, JSON)) is not None:
        return null
    return Typed(f"olo_json_parse_or_refuse({coerce(values[0], VARCHAR).sql})", JSON)


def _format(values: list[Typed], env: Environment) -> Typed:
    _check("json_format", values, 1, ("json", "unknown"))
    return Typed(values[0].sql, VARCHAR) if values[0].type == JSON else cast(literals.null(), VARCHAR)


def _array(value: Typed) -> str:
    return f"olo_json_array_or_refuse({value.sql})"


def _array_length(values: list[Typed], env: Environment) -> Typed:
    _check("json_array_length", values, 1)
    return _null(values, BIGINT) or Typed(f"olo_json_length({_array(values[0])})", BIGINT)


def _array_get(values: list[Typed], env: Environment) -> Typed:
    _check("json_array_get", values, 2)
    if (null := _null(values, JSON)) is not None:
        return null
    return Typed(f"olo_json_get({_array(values[0])}, {coerce(values[1], BIGINT).sql})", JSON)


def _array_contains(values: list[Typed], env: Environment) -> Typed:
    """Whether an array has a scalar: whole numbers match whole numbers only, others as doubles."""
    _check("json_array_contains", values, 2)
    if (null := _null(values, BOOLEAN)) is not None:
        return null
    base = values[1].type.base
    if base == "boolean":
        wanted, kind = f"CAST({values[1].sql} AS VARCHAR)", "e IN ('true', 'false')"
        test = f"{kind} AND e = {wanted}"
    elif base in STRINGS:
        test = f"e[1] = '\"' AND olo_json_string(e) = {coerce(values[1], VARCHAR).sql}"
    elif base in INTEGERS:
        test = f"regexp_matches(e, '^-?[0-9]+$') AND TRY_CAST(e AS BIGINT) = {coerce(values[1], BIGINT).sql}"
    elif base in (*FLOATS, "decimal"):
        number = "regexp_matches(e, '^-?[0-9]') AND regexp_matches(e, '[.eE]')"
        test = f"{number} AND TRY_CAST(e AS DOUBLE) = {coerce(values[1], DOUBLE).sql}"
    else:
        _check("json_array_contains", [], 2)
    found = f"len(list_filter(olo_json_items({_array(values[0])}), lambda e: {test})) > 0"
    if base in FLOATS:  # such a number is in no array, whatever the text holds
        never = f"NOT isfinite({values[1].sql}) AND {values[0].sql} IS NOT NULL"
        found = f"CASE WHEN {never} THEN false ELSE {found} END"
    return Typed(f"CASE WHEN {values[1].sql} IS NOT NULL THEN {found} END", BOOLEAN)


def _is_scalar(values: list[Typed], env: Environment) -> Typed:
    _check("is_json_scalar", values, 1)
    if (null := _null(values, BOOLEAN)) is not None:
        return null
    return Typed(f"olo_json_is_scalar_or_refuse({values[0].sql})", BOOLEAN)


FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "json_extract": _extract,
    "json_extract_scalar": _extract_scalar,
    "json_size": _size,
    "json_parse": _parse,
    "json_format": _format,
    "json_array_length": _array_length,
    "json_array_get": _array_get,
    "json_array_contains": _array_contains,
    "is_json_scalar": _is_scalar,
}
"""Functions of JSON."""
