"""Arithmetic and comparison in Spark's SQL (ANSI mode), by Trino's operator rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from olo_jupyter.lakehouse.sql.expressions import comparisons, zones
from olo_jupyter.lakehouse.sql.expressions import operators as rules
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.spark.casts import coerce, is_constant, shadow
from olo_jupyter.lakehouse.sql.spark.instants import micros, moment
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import bound, fail, refuse, spark_type, unsupported
from olo_jupyter.lakehouse.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TO_SECOND,
    DOUBLE,
    YEAR_TO_MONTH,
    TrinoType,
    decimal,
)

_FLIPPED = {">": "<", ">=": "<="}
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_NEGATED = 34
"""Most digits of a decimal that Spark negates without rounding it."""


def arithmetic(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` for ``+ - * / %``."""
    type_ = rules.arithmetic(op, shadow(left), shadow(right)).type
    need(f"operator {op} on {left.type.base} and {right.type.base}")
    bases = {left.type.base, right.type.base}
    if bases == {"unknown"}:
        return coerce(left, type_)
    if type_.base == "decimal":
        return _decimal(op, left, right, type_)
    if type_.base in INTEGERS:
        return Typed(_whole(op, coerce(left, type_).sql, coerce(right, type_).sql, type_), type_)
    if type_.base in FLOATS:
        a, b = coerce(left, type_), coerce(right, type_)
        return Typed(_float(op, a, b), type_)
    return _interval(op, left, right, type_)


def _whole(op: str, a: str, b: str, type_: TrinoType) -> str:
    if op == "/":
        if type_ == BIGINT:
            return f"({a} div {b})"
        return f"CAST(CAST({a} AS BIGINT) div CAST({b} AS BIGINT) AS {spark_type(type_)})"
    return f"({a} {op} {b})"


def _float(op: str, a: Typed, b: Typed) -> str:
    type_ = spark_type(a.type)
    if op in "+-*":
        return f"({a.sql} {op} {b.sql})"

    def build(x: str, y: str) -> str:
        if op == "/":
            # Spark raises an error where IEEE 754 has an infinity or no number.
            infinite = f"(CASE WHEN ({x} > 0) = (CAST({y} AS STRING) = '0.0') THEN CAST('Infinity' AS {type_}) ELSE CAST('-Infinity' AS {type_}) END)"
            zero = f"(CASE WHEN {x} IS NULL THEN NULL WHEN {x} = 0 OR isnan({x}) THEN CAST('NaN' AS {type_}) ELSE {infinite} END)"
        else:
            zero = f"(CASE WHEN {x} IS NOT NULL THEN CAST('NaN' AS {type_}) END)"
        plain = f"CAST({x} {op} {y} AS {type_})" if a.type.base == "real" else f"{x} {op} {y}"
        if is_constant(b) and b.constant != 0:
            return f"({plain})"
        return f"(CASE WHEN {y} = 0 THEN {zero} ELSE {plain} END)"

    return bound(a.sql, lambda x: bound(b.sql, lambda y: build(x, y)))


def _sparks(op: str, left: TrinoType, right: TrinoType) -> TrinoType:
    """The type that Spark gives ``left op right`` (spark.sql.decimalOperations.allowPrecisionLoss)."""
    (p1, s1), (p2, s2) = left.parameters, right.parameters
    match op:
        case "+" | "-":
            scale = max(s1, s2)
            precision = max(p1 - s1, p2 - s2) + scale + 1
        case "*":
            scale, precision = s1 + s2, p1 + p2 + 1
        case "/":
            scale = max(6, s1 + p2 + 1)
            precision = p1 - s1 + s2 + scale
        case _:
            scale = max(s1, s2)
            precision = min(p1 - s1, p2 - s2) + scale
    if precision <= 38:
        return decimal(precision, scale)
    return decimal(38, max(38 - (precision - scale), min(scale, 6)))


def _decimal(op: str, left: Typed, right: Typed, result: TrinoType) -> Typed:
    a, b = _as_decimal(left), _as_decimal(right)
    sparks = _sparks(op, a.type, b.type)
    if sparks.parameters[1] != result.parameters[1]:
        raise unsupported(f"operator {op} on {a.type} and {b.type}")
    first = a.sql
    if op == "/":
        # Trino shifts the dividend to the scale of the quotient, for which it has 38 digits.
        shift = result.parameters[1] - a.type.parameters[1] + b.type.parameters[1]
        scale = a.type.parameters[1]
        first = _below(first, a.type, 38 - shift - scale, "decimal division beyond 38 digits on the way")
    sql = f"({first} {op} {b.sql})"
    sql = sql if sparks == result else f"CAST({sql} AS {spark_type(result)})"
    exact = a.type.parameters[1] + b.type.parameters[1]
    if op == "*" and result.parameters[1] < exact:
        sql = _below(sql, result, 38 - exact, "decimal multiplication beyond 38 digits on the way")
    return Typed(sql, result)


def _below(value: str, type_: TrinoType, exponent: int, what: str) -> str:
    """``value``, a decimal; refused while it runs from ten to ``exponent`` on.

    Raises:
        Unsupported: It has too few digits to tell.
    """
    precision, scale = type_.parameters
    if exponent >= precision - scale:
        return value
    if exponent < -scale:
        raise unsupported(what)
    limit = f"CAST('{Decimal(1).scaleb(exponent):f}' AS DECIMAL({max(exponent + 1, 0) + scale},{scale}))"
    return bound(value, lambda v: f"(CASE WHEN {v} >= {limit} OR {v} <= -{limit} THEN {refuse(what)} ELSE {v} END)")


def _as_decimal(value: Typed) -> Typed:
    if value.type.base == "decimal":
        return value
    if value.type.base == "unknown":
        return coerce(value, decimal(1, 0))
    return replace(coerce(value, decimal(_DIGITS[value.type.base], 0)), constant=value.constant)


def _interval(op: str, left: Typed, right: Typed, type_: TrinoType) -> Typed:
    if type_.base.startswith("interval"):
        if left.type == right.type == type_:
            return _held(f"({left.sql} {op} {right.sql})", type_)
        if op == "*" and right.type == type_:
            left, right = right, left
        if left.type == type_ and op in "*/":
            return _held(_scaled(op, left, right), type_)
        return _difference(left, right, type_)
    point, distance = (right, left) if left.type.base.startswith("interval") else (left, right)
    return Typed(shift(point, distance.sql, distance.type, op), type_)


def shift(point: Typed, distance: str, kind: TrinoType, op: str) -> str:
    """A date or timestamp plus or minus an interval (``kind``)."""
    base = point.type.base
    if zones.has_zone(point.type) or base == "time":
        raise unsupported(f"operator {op} on {point.type} and an interval")
    if kind == YEAR_TO_MONTH:
        months = f"CAST({'-' if op == '-' else ''}{distance} AS INT)"
        if base == "date":
            return f"add_months({point.sql}, {months})"
        return f"({point.sql} + make_ym_interval(0, {months}))"
    if base == "date":
        bad = fail("invalid-function-argument", "'Cannot add hour, minutes or seconds to a date'")
        days = f"CASE WHEN {distance} % 86400000 <> 0 THEN {bad} ELSE CAST({distance} div 86400000 AS INT) END"
        return f"date_add({point.sql}, {'-' if op == '-' else ''}({days}))"
    return moment(f"{micros(point.sql, point.type)} {op} {distance} * 1000", point.type)


def _scaled(op: str, interval: Typed, factor: Typed) -> str:
    if can_coerce(factor.type, BIGINT):
        number = coerce(factor, BIGINT)
        if op == "/" and not (is_constant(factor) and factor.constant):
            raise unsupported("division of an interval by a value that isn't a literal")
        return f"({interval.sql} {'div' if op == '/' else op} {number.sql})"
    number = coerce(factor, DOUBLE)
    if not (is_constant(factor) and factor.constant):
        raise unsupported("product of an interval and a value that isn't a literal")
    product = f"CAST({interval.sql} AS DOUBLE) {op} {number.sql}"
    most, least = "9223372036854775807L", "(-9223372036854775807L - 1L)"  # as Java makes a long of a double
    kept = f"CASE WHEN {product} >= 9223372036854775808D THEN {most} WHEN {product} <= -9223372036854775808D"
    return f"({kept} THEN {least} ELSE CAST({product} AS BIGINT) END)"


def _held(sql: str, type_: TrinoType) -> Typed:
    """Milliseconds as they are; months, which Trino holds in 32 bits, fail beyond."""
    return Typed(f"CAST(CAST({sql} AS INT) AS BIGINT)" if type_ == YEAR_TO_MONTH else sql, type_)


def _difference(left: Typed, right: Typed, type_: TrinoType) -> Typed:
    if left.type == right.type == DATE:
        return Typed(f"(CAST(datediff({left.sql}, {right.sql}) AS BIGINT) * 86400000)", DAY_TO_SECOND)
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None or not common.base.startswith("timestamp"):
        raise unsupported(f"operator - on {left.type} and {right.type}")
    a, b = coerce(left, common), coerce(right, common)
    us = f"({micros(a.sql, common)} - {micros(b.sql, common)} + 500)"
    return Typed(f"(({us} - pmod({us}, 1000L)) div 1000)", type_)


def negate(value: Typed) -> Typed:
    """``-value``."""
    type_ = rules.negate(shadow(value)).type
    need(f"negation of {type_.base}")
    if type_.base == "decimal" and type_.parameters[0] > _NEGATED:
        raise unsupported(f"negation of {type_}")
    return _held(f"(-{value.sql})", type_)


def comparison(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` for ``= <> < <= > >=``: NaN is neither equal to, nor less, nor greater than anything."""
    comparisons.comparison(op, shadow(left), shadow(right))
    a, b = comparable(left, right)
    need(f"operator {op} on {a.type.base}")
    if a.type.base not in FLOATS:
        return Typed(f"({a.sql} {op} {b.sql})", BOOLEAN)
    text = bound(a.sql, lambda x: bound(b.sql, lambda y: _float_comparison(op, replace(a, sql=x), replace(b, sql=y))))
    return Typed(text, BOOLEAN)


def comparable(*values: Typed) -> list[Typed]:
    """``values`` in their common type.

    Raises:
        Unsupported: It isn't one that Spark compares as Trino.
    """
    plain = [zones.instants(value) for value in values]
    common = common_type(value.type for value in plain)
    assert common is not None
    if common.base in ("json", "array", "map", "row", "time"):
        raise unsupported(f"comparison of {common}")
    return [_fitted(value, common) for value in plain]


def _fitted(value: Typed, common: TrinoType) -> Typed:
    """``value`` as ``common``; a decimal that this has no room for is refused while it runs."""
    if common.base == value.type.base == "decimal":
        (p, s), (p2, s2) = value.type.parameters, common.parameters
        if p - s > p2 - s2:
            refused = refuse("comparison of decimals whose common type has no room for both")
            missing = f"(CASE WHEN {value.sql} IS NOT NULL THEN {refused} END)"
            return Typed(f"coalesce(TRY_CAST({value.sql} AS {spark_type(common)}), {missing})", common)
    return coerce(value, common)


def _float_comparison(op: str, a: Typed, b: Typed) -> str:
    if op in _FLIPPED:
        return _float_comparison(_FLIPPED[op], b, a)
    if op == "<>":
        return f"(NOT {_float_comparison('=', a, b)})"
    # In Spark NaN equals itself and is above all numbers.
    if op == "=":
        plain = is_constant(a) or is_constant(b)
        return f"({a.sql} = {b.sql})" if plain else f"(({a.sql} = {b.sql}) AND NOT (isnan({a.sql}) AND isnan({b.sql})))"
    if is_constant(b):
        return f"({a.sql} {op} {b.sql})"
    return f"(CASE WHEN {a.sql} {op} {b.sql} THEN NOT isnan({b.sql}) ELSE {a.sql} {op} {b.sql} END)"


def distinct(left: Typed, right: Typed, negated: bool) -> Typed:
    """``left IS [NOT] DISTINCT FROM right``."""
    comparisons.distinct(shadow(left), shadow(right), negated)
    a, b = comparable(left, right)
    need(f"IS {'NOT ' if negated else ''}DISTINCT FROM on {a.type.base}")
    same = f"({a.sql} <=> {b.sql})"
    return Typed(same if negated else f"(NOT {same})", BOOLEAN)


def between(value: Typed, low: Typed, high: Typed) -> Typed:
    """``value BETWEEN low AND high``."""
    comparisons.between(shadow(value), shadow(low), shadow(high))
    least = comparison(">=", value, low)
    return Typed(f"({least.sql} AND {comparison('<=', value, high).sql})", BOOLEAN)


def is_in(value: Typed, items: list[Typed]) -> Typed:
    """``value IN (items)``."""
    comparisons.is_in(shadow(value), list(map(shadow, items)))
    first, *others = comparable(value, *items)
    need(f"IN on {first.type.base}")
    if first.type.base in FLOATS and not all(map(is_constant, items)):
        tests = (comparison("=", value, item).sql for item in items)
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    return Typed(f"({first.sql} IN ({', '.join(item.sql for item in others)}))", BOOLEAN)


def condition(value: Typed, what: str) -> str:
    """The text of a boolean."""
    rules.condition(shadow(value), what)
    return coerce(value, BOOLEAN).sql
