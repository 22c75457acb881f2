"""Decimal arithmetic in whole numbers, exact, half away from zero, with Trino 483's result types."""

from __future__ import annotations

from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions.coercion import coerce
from olo_jupyter.lakehouse.sql.expressions.shorts import DIGITS, combined, lazily
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import TrinoType, decimal

_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}


def arithmetic(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` where one side is a decimal and the other a decimal, a whole number or NULL."""
    a, b = _as_decimal(left), _as_decimal(right)
    result = result_type(op, a.type, b.type)
    if op == "/":
        return Typed(_divide(a, b, result), result)
    if op == "%":
        return Typed(_modulo(a, b, result), result)
    precision, scale = result.parameters
    if scale < _unbounded(op, a.type, b.type)[1]:
        return Typed(_narrowed(op, a, b, result), result)
    short = lazily(lambda: combined(op, a, b))
    text = f"{a.sql} {op} {b.sql}"
    if precision > DIGITS:
        found = short()
        if found is not None:
            text = found.sql
        elif max(a.type.parameters[0], b.type.parameters[0]) <= DIGITS:
            # DuckDB stays in 64 bits and overflows where Trino goes on.
            text = f"CAST({a.sql} AS DECIMAL(38,{a.type.parameters[1]})) {op} {b.sql}"
    return Typed(f"CAST({text} AS DECIMAL({precision},{scale}))", result, short=short)


def result_type(op: str, left: TrinoType, right: TrinoType) -> TrinoType:
    """The type of ``left op right`` for two decimals; beyond 38 digits the scale gives way, as Trino 483 does it.

    Example:
        >>> str(result_type("/", decimal(10, 2), decimal(12, 4)))
        'decimal(27,15)'
        >>> str(result_type("+", decimal(38, 10), decimal(38, 0)))
        'decimal(38,0)'
    """
    precision, scale, kept = _unbounded(op, left, right)
    if precision <= 38:
        return decimal(precision, scale)
    return decimal(38, min(scale, max(38 - (precision - scale), kept)))


def _unbounded(op: str, left: TrinoType, right: TrinoType) -> tuple[int, int, int]:
    """Precision and scale that hold every result, and the scale that is kept when there are too many digits."""
    (p1, s1), (p2, s2) = left.parameters, right.parameters
    match op:
        case "+" | "-":
            scale = max(s1, s2)
            integral = max(p1 - s1, p2 - s2)
            return integral + scale + 1, scale, min(scale, 38 - integral)
        case "*":
            return p1 + p2, s1 + s2, min(s1 + s2, 6)
        case "/":
            scale = max(6, s1 + p2 + 1)
            return p1 - s1 + s2 + scale, scale, 6
        case _:
            scale = max(s1, s2)
            return min(p2 - s2, p1 - s1) + scale, scale, scale


def _narrowed(op: str, a: Typed, b: Typed, result: TrinoType) -> str:
    """A sum or product whose last digits have no room: exact first, then rounded half away from zero."""
    exact = _unbounded(op, a.type, b.type)[1]
    unit = _power(exact - result.parameters[1])
    if op == "*":
        return scaled(f"olo_half_up(olo_times_or_refuse({unscaled(a)}, {unscaled(b)}), {unit})", result)
    sides = [_times(unscaled(side), side.type.parameters[0], exact - side.type.parameters[1]) for side in (a, b)]
    return scaled(f"olo_half_up({sides[0]} {op} {sides[1]}, {unit})", result)


def _as_decimal(value: Typed) -> Typed:
    if value.type.base == "decimal":
        return value
    if value.type.base == "unknown":
        return coerce(value, decimal(1, 0))
    # A whole number that is known is known as a decimal too.
    return replace(coerce(value, decimal(_DIGITS[value.type.base], 0)), constant=value.constant)


def unscaled(value: Typed) -> str:
    """The decimal ``value`` times ten to its scale, as a HUGEINT."""
    precision, scale = value.type.parameters
    if scale == 0:
        return f"CAST({value.sql} AS HUGEINT)"
    if precision + scale <= 38:
        return f"CAST(CAST({value.sql} AS DECIMAL({precision + scale},{scale})) * {_power(scale)} AS HUGEINT)"
    return f"olo_unscaled({value.sql})"


def _times(units: str, digits: int, exponent: int) -> str:
    """``units`` times ten to ``exponent``; refused at run time where it doesn't fit into 128 bits."""
    if exponent == 0:
        return units
    if digits + exponent <= 38:
        return f"({units} * {_power(exponent)})"
    return f"olo_shift_or_refuse({units}, {_power(exponent)}, {_power(max(38 - exponent, 0))})"


def _power(exponent: int) -> str:
    return f"CAST('1{'0' * exponent}' AS HUGEINT)"


def scaled(whole: str, result: TrinoType) -> str:
    """A HUGEINT of units as a decimal of type ``result``; more than its digits raises."""
    precision, scale = result.parameters
    if scale == 0:
        return f"CAST({whole} AS DECIMAL({precision},0))"
    unit = f"CAST('0.{'0' * (scale - 1)}1' AS DECIMAL({scale},{scale}))"
    return f"CAST(CAST({whole} AS DECIMAL(38,0)) * {unit} AS DECIMAL({precision},{scale}))"


def _divide(a: Typed, b: Typed, result: TrinoType) -> str:
    shift = result.parameters[1] - a.type.parameters[1] + b.type.parameters[1]
    dividend = _times(unscaled(a), a.type.parameters[0], shift)
    return scaled(f"olo_half_up({dividend}, {unscaled(b)})", result)


def _modulo(a: Typed, b: Typed, result: TrinoType) -> str:
    scale = result.parameters[1]
    sides = []
    for side in (a, b):
        shift = scale - side.type.parameters[1]
        sides.append(_times(unscaled(side), side.type.parameters[0], shift))
    return scaled(f"({sides[0]} % olo_divisor({sides[0]}, {sides[1]}))", result)
