"""Arithmetic of dates, times and intervals. Intervals are whole months or whole milliseconds."""

from __future__ import annotations

from dataclasses import replace

from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, DAY_TO_SECOND, DOUBLE, YEAR_TO_MONTH, TrinoType

_POINTS = ("date", "time", "timestamp", "timestamp with time zone")
_INTERVALS = (YEAR_TO_MONTH, DAY_TO_SECOND)


def arithmetic(op: str, left: Typed, right: Typed) -> Typed | None:
    """``left op right`` where an interval or a point in time is on one side; None where Trino has no such operator."""
    if op == "+" and left.type in _INTERVALS and right.type.base in _POINTS:
        return shift(right, left, "+")
    if op in "+-" and left.type.base in _POINTS and right.type in _INTERVALS:
        return shift(left, right, op)
    if op in "+-" and left.type in _INTERVALS and left.type == right.type:
        return _held(f"({left.sql} {op} {right.sql})", left.type)
    if op == "*" and right.type in _INTERVALS and left.type not in _INTERVALS:
        return arithmetic(op, right, left)
    if op in "*/" and left.type in _INTERVALS:
        return _scale(op, left, right)
    if op == "-" and left.type.base in _POINTS and right.type.base in _POINTS:
        return _difference(left, right)
    return None


def shift(point: Typed, interval: Typed, op: str) -> Typed | None:
    """A date, time or timestamp plus or minus an interval."""
    base = point.type.base
    if interval.type == YEAR_TO_MONTH:
        if base == "time":
            return None
        months = f"to_months(CAST({op if op == '-' else ''}{interval.sql} AS INTEGER))"
        if base == "date":
            return Typed(f"CAST({point.sql} + {months} AS DATE)", point.type)
        if base == "timestamp":
            return Typed(f"({point.sql} + {months})", point.type)
        return Typed(zones.shifted(point.sql, months, point.type), point.type)
    if base == "date":
        return Typed(f"({point.sql} {op} olo_whole_days({interval.sql}))", point.type)
    if base == "time":
        moved = f"olo_floor_mod(epoch_us({point.sql}) {op} {interval.sql} * 1000, 86400000000)"
        type_ = TrinoType(base, (max(point.type.parameters[0], 3),))
        return Typed(f"CAST(make_timestamp({moved}) AS TIME)", type_)
    make = "make_timestamp" if base == "timestamp" else "make_timestamptz"
    type_ = replace(point.type, parameters=(max(point.type.parameters[0], 3),))
    return Typed(f"{make}(epoch_us({point.sql}) {op} {interval.sql} * 1000)", type_)


def _scale(op: str, interval: Typed, factor: Typed) -> Typed | None:
    if can_coerce(factor.type, BIGINT):
        sql = _factor(op, interval, coerce(factor, BIGINT))
        return _held(f"({interval.sql} {'//' if op == '/' else op} {sql})", interval.type)
    if can_coerce(factor.type, DOUBLE):
        sql = _factor(op, interval, coerce(factor, DOUBLE))
        return _held(f"olo_nearest_bigint(trunc({interval.sql} {op} {sql}))", interval.type)
    return None


def negated(interval: Typed) -> Typed:
    """``-interval``."""
    return _held(f"(CAST(0 AS BIGINT) - {interval.sql})", interval.type)


def _held(sql: str, type_: TrinoType) -> Typed:
    """Milliseconds as they are; months, which Trino holds in 32 bits, fail beyond."""
    return Typed(f"CAST(CAST({sql} AS INTEGER) AS BIGINT)" if type_ == YEAR_TO_MONTH else sql, type_)


def _factor(op: str, interval: Typed, factor: Typed) -> str:
    if op == "/" and (factor.constant is NOT_CONSTANT or not factor.constant):
        return f"olo_interval_divisor({interval.sql}, {factor.sql})"
    return factor.sql


def _difference(left: Typed, right: Typed) -> Typed | None:
    a, b = left.type, right.type
    if a.base == b.base == "date":
        return Typed(f"(CAST({left.sql} - {right.sql} AS BIGINT) * 86400000)", DAY_TO_SECOND)
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None:
        return None
    first, second = coerce(left, common), coerce(right, common)
    return Typed(f"olo_rounded_milliseconds(epoch_us({first.sql}) - epoch_us({second.sql}))", DAY_TO_SECOND)
