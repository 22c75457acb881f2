"""``format(pattern, …)``: the specifiers of Java's Formatter, written out for a pattern that is a literal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.casts import INTEGERS, as_text, cast
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce
from olo_jupyter.lakehouse.sql.expressions.duck import bound, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail_text
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, DOUBLE, VARCHAR, decimal

_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_LARGEST = 30
"""Digits before the point up to which a double is written out by ``%f``."""


@dataclass(frozen=True)
class _Specifier:
    flags: str
    width: int
    precision: int | None
    kind: str


def _format(values: list[Typed], env: Environment) -> Typed:
    if len(values) < 2:
        raise QueryError("The 'format' function must have at least two arguments", code="syntax-error")
    pattern = values[0].constant
    if values[0].type.base not in ("varchar", "char", "unknown"):
        raise QueryError(f"Type of first argument must be varchar (actual: {values[0].type})", code="type-mismatch")
    if not isinstance(pattern, str):
        raise unsupported("function format of a pattern that isn't a literal")
    parts, at, following = [], 0, 0
    for found in _SPECIFIER.finditer(pattern):
        parts += _plain(pattern[at : found.start()])
        at = found.end()
        index, flags, width, precision, kind = found.groups()
        if kind in ("%", "n"):
            if flags or width or precision:
                raise unsupported(f"format specifier {found.group()!r}")
            parts.append(text("%" if kind == "%" else "\n"))
            continue
        if "<" in flags or kind not in "sSdfbB":
            raise unsupported(f"format specifier {found.group()!r}")
        number = int(index) if index else (following := following + 1)
        if not 1 <= number < len(values):
            raise QueryError(f"Invalid format string: {pattern} (MissingFormatArgument)", code=ARGUMENT)
        specifier = _Specifier(flags, int(width or 0), int(precision) if precision else None, kind)
        parts.append(_written(specifier, values[number], found.group()))
    parts += _plain(pattern[at:])
    whole = f"({' || '.join(parts)})" if parts else "''"
    # What isn't written is computed all the same: it may be an error.
    return Typed(whole, VARCHAR)


def _plain(piece: str) -> list[str]:
    if "%" in piece:
        raise QueryError(f"Invalid format string: {piece}", code=ARGUMENT)
    return [text(piece)] if piece else []


def _written(specifier: _Specifier, value: Typed, written: str) -> str:
    build, types = _KINDS[specifier.kind.lower()]
    if value.type.base != "unknown" and value.type.base not in types:
        if value.type.base in ("array", "map", "row", "varbinary", "interval day to second", "interval year to month"):
            raise unsupported(f"function format of {value.type}")
        if specifier.kind in "sSbB":
            raise unsupported(f"format specifier {written!r} of {value.type}")
        raise QueryError(f"Invalid format string: {written} (IllegalFormatConversion)", code=ARGUMENT)
    allowed = {"s": "-", "b": "-", "d": "-+ 0,(", "f": "-+ 0,("}[specifier.kind.lower()]
    if set(specifier.flags) - set(allowed) or (set("-0") & set(specifier.flags) and not specifier.width):
        raise unsupported(f"format specifier {written!r}")
    if {"-", "0"} <= set(specifier.flags) or {"+", " "} <= set(specifier.flags):
        raise unsupported(f"format specifier {written!r}")
    if value.type.base == "unknown":
        result = "CAST(NULL AS VARCHAR)"
    else:
        result = bound(value.sql, "f", lambda f: build(specifier, Typed(f, value.type)))
    absent = ("false" if specifier.kind in "bB" else "null")[: specifier.precision]
    result = f"coalesce({result}, {text(absent)})"
    if specifier.kind.isupper():
        result = f"olo_upper({result})"
    return _padded(specifier, result)


def _padded(specifier: _Specifier, result: str) -> str:
    if not specifier.width:
        return result
    side = "left" if "-" in specifier.flags else "right"
    return f"olo_{side}_aligned({result}, {specifier.width})"


def _text(specifier: _Specifier, value: Typed) -> str:
    base = value.type.base
    if base in ("varchar", "char"):
        result = value.sql
    elif base == "double":
        result = f"trim(olo_java_double({value.sql}), '\"')"
    elif base == "real":
        result = f"trim(olo_json_real({value.sql}), '\"')"
    elif base == "decimal":
        result = f"olo_json_decimal({as_text(value.sql, value.type)})"
    else:
        result = as_text(value.sql, value.type)
    return result if specifier.precision is None else f"left({result}, {specifier.precision})"


def _whole(specifier: _Specifier, value: Typed) -> str:
    if specifier.precision is not None:
        raise QueryError("Invalid format string: %d with a precision (IllegalFormatPrecision)", code=ARGUMENT)
    number = coerce(value, BIGINT).sql
    return _signed(specifier, f"{number} < 0", f"ltrim(CAST({number} AS VARCHAR), '-')")


def _fixed(specifier: _Specifier, value: Typed) -> str:
    places = 6 if specifier.precision is None else specifier.precision
    if places > 38 - _LARGEST:
        raise unsupported(f"format specifier with {places} places")
    type_ = decimal(38, places)
    if value.type.base == "decimal":
        precision, scale = value.type.parameters
        if precision - scale > 38 - places:
            raise unsupported(f"format specifier with {places} places of {value.type}")
        rounded = cast(value, type_).sql
        return _signed(specifier, f"{value.sql} < 0", f"ltrim({as_text(rounded, type_)}, '-')")
    number = value.sql
    # A double is rounded by the digits that Java writes it with, as a cast to decimal rounds it.
    refused = fail_text("unsupported", text("format of a double beyond 30 digits"))
    size = f"(CASE WHEN abs({number}) >= 1e{_LARGEST} THEN CAST({refused} AS DOUBLE) ELSE abs({number}) END)"
    if value.type.base == "real":
        digits = f"CAST(CAST(CAST(CAST({size} AS FLOAT) AS VARCHAR) AS DECIMAL(38,{places})) AS VARCHAR)"
    else:
        digits = bound(size, "x", lambda x: as_text(cast(Typed(x, DOUBLE), type_).sql, type_))
    below = f"({number} < 0 OR ({number} = 0 AND signbit({number})))"
    above = f"{'+' if '+' in specifier.flags else ' ' if ' ' in specifier.flags else ''}Infinity"
    under = "(Infinity)" if "(" in specifier.flags else "-Infinity"
    odd = f"CASE WHEN isnan({number}) THEN 'NaN' WHEN {number} < 0 THEN '{under}' ELSE '{above}' END"
    return f"CASE WHEN isnan({number}) OR isinf({number}) THEN {odd} ELSE {_signed(specifier, below, digits)} END"


def _signed(specifier: _Specifier, negative: str, digits: str) -> str:
    """Digits with groups, zeros and sign."""
    flags = specifier.flags
    if "," in flags:
        digits = f"olo_grouped({digits})"
    plus = "'+'" if "+" in flags else "' '" if " " in flags else "''"
    left, right = ("'('", "')'") if "(" in flags else ("'-'", "")
    if "0" in flags:
        room = specifier.width - (1 if {"+", " "} & set(flags) else 0)
        below = specifier.width - (2 if "(" in flags else 1)
        digits = f"olo_zeros({digits}, CASE WHEN {negative} THEN {below} ELSE {room} END)"
    before = f"CASE WHEN {negative} THEN {left} ELSE {plus} END"
    after = f" || CASE WHEN {negative} THEN {right} ELSE '' END" if "(" in flags else ""
    return f"{before} || {digits}{after}"


def _boolean(specifier: _Specifier, value: Typed) -> str:
    result = as_text(value.sql, value.type)
    return result if specifier.precision is None else f"left({result}, {specifier.precision})"


_KINDS: dict[str, tuple[Callable[[_Specifier, Typed], str], tuple[str, ...]]] = {
    "s": (_text, ("varchar", "char", *INTEGERS, "real", "double", "decimal", "boolean", "date", "uuid")),
    "d": (_whole, INTEGERS),
    "f": (_fixed, ("real", "double", "decimal")),
    "b": (_boolean, ("boolean",)),
}

FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {"format": _format}
