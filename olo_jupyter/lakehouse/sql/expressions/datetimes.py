"""Dates and times: parts, truncation, shifts, differences, the current moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import unsupported
from olo_jupyter.lakehouse.sql.expressions.intervals import shift
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import (
    BIGINT,
    DATE,
    DAY_TO_SECOND,
    UNKNOWN,
    YEAR_TO_MONTH,
    TrinoType,
)

_POINTS = ("date", "time", "timestamp", "timestamp with time zone")
_UTC = ("timestamp with time zone",)
EXTRACT = {
    "year": ("date", "timestamp", *_UTC, "interval year to month"),
    "quarter": ("date", "timestamp", *_UTC),
    "month": ("date", "timestamp", *_UTC, "interval year to month"),
    **dict.fromkeys(
        ("week", "day_of_week", "dow", "day_of_year", "doy", "year_of_week", "yow"), ("date", "timestamp", *_UTC)
    ),
    **dict.fromkeys(("day", "day_of_month"), ("date", "timestamp", *_UTC, "interval day to second")),
    **dict.fromkeys(("hour", "minute", "second"), ("time", "timestamp", *_UTC, "interval day to second")),
    **dict.fromkeys(("timezone_hour", "timezone_minute"), ("time with time zone", *_UTC)),
}
"""Fields of EXTRACT, each a function too, and the types that each is for."""


def _wrong(name: str, values: list[Typed]) -> QueryError:
    shown = ", ".join(str(value.type) for value in values)
    return QueryError(f"Unexpected parameters ({shown}) for function {name}", code="function-not-found")


def local(value: Typed) -> str:
    """The text of a date, time or timestamp; of an instant its time in UTC."""
    return f"CAST({value.sql} AS TIMESTAMP)" if value.type.base in _UTC else value.sql


_DATE_UNITS = ("day", "week", "month", "quarter", "year")
_TIME_UNITS = ("millisecond", "second", "minute", "hour")
_MICROSECONDS = {
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 7 * 86_400_000_000,
}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _unit(value: Typed, base: str) -> str:
    if not isinstance(value.constant, str):
        raise unsupported("date function whose unit isn't a literal")
    unit = value.constant.lower()
    allowed = {"date": _DATE_UNITS, "time": _TIME_UNITS}.get(base, (*_DATE_UNITS, *_TIME_UNITS))
    if unit not in allowed:
        kind = {"date": "DATE", "time": "TIME"}.get(base, "TIMESTAMP")
        raise QueryError(f"'{unit}' is not a valid {kind} field", code="invalid-function-argument")
    return unit


def _date_trunc(values: list[Typed], env: Environment) -> Typed:
    if len(values) == 2 and values[0].type == UNKNOWN and values[1].type.base in _POINTS:
        return cast(values[0], values[1].type)
    if len(values) != 2 or values[1].type.base not in _POINTS or values[0].type.base != "varchar":
        raise _wrong("date_trunc", values)
    value = values[1]
    unit = _unit(values[0], value.type.base)
    if value.type.base == "date":
        return Typed(f"CAST(date_trunc('{unit}', {value.sql}) AS DATE)", DATE)
    if value.type.base == "time":
        us = f"epoch_us({value.sql})"
        return Typed(f"CAST(make_timestamp({us} - {us} % {_MICROSECONDS[unit]}) AS TIME)", value.type)
    truncated = f"date_trunc('{unit}', {local(value)})"
    return Typed(f"CAST({truncated} AS TIMESTAMPTZ)" if value.type.base in _UTC else truncated, value.type)


def _date_add(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 3 or values[2].type.base not in _POINTS or not can_coerce(values[1].type, BIGINT):
        raise _wrong("date_add", values)
    count, value = coerce(values[1], BIGINT), values[2]
    if count.constant is None:
        return cast(values[1], value.type)
    unit = _unit(values[0], value.type.base)
    if unit in _MONTHS:
        moved = shift(value, Typed(f"({count.sql} * {_MONTHS[unit]})", YEAR_TO_MONTH), "+")
    else:
        moved = shift(value, Typed(f"({count.sql} * {_MICROSECONDS[unit] // 1000})", DAY_TO_SECOND), "+")
    assert moved is not None
    if value.type.parameters and unit == "millisecond" and value.type.parameters[0] < 3:
        raise unsupported(f"date_add of milliseconds to {value.type}")
    return Typed(moved.sql, value.type)


def _date_diff(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 3 or any(value.type.base not in _POINTS for value in values[1:]):
        raise _wrong("date_diff", values)
    common = common_type(value.type for value in values[1:])
    if common is None:
        raise _wrong("date_diff", values)
    first, second = coerce(values[1], common), coerce(values[2], common)
    unit = _unit(values[0], common.base)
    a, b = local(first), local(second)
    if unit in _MONTHS:
        return Typed(f"(olo_months_between(CAST({a} AS TIMESTAMP), CAST({b} AS TIMESTAMP)) // {_MONTHS[unit]})", BIGINT)
    if common.base == "date":
        days = f"CAST({b} - {a} AS BIGINT)"
        return Typed(f"({days} // 7)" if unit == "week" else days, BIGINT)
    # Trino counts in whole milliseconds.
    return Typed(f"((olo_milliseconds({b}) - olo_milliseconds({a})) // {_MICROSECONDS[unit] // 1000})", BIGINT)


def _instant(now: datetime, precision: int) -> str:
    digits = now.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    whole, _, fraction = digits.partition(".")
    return f"{whole}.{fraction[:precision]}" if precision else whole


def _precision(name: str, values: list[Typed]) -> int:
    if not values:
        return 3
    precision = values[0].constant
    if len(values) > 1 or not isinstance(precision, int):
        raise _wrong(name, values)
    if precision > 6:
        raise unsupported(f"{name} beyond microseconds")
    return precision


def _current_timestamp(values: list[Typed], env: Environment) -> Typed:
    precision = _precision("current_timestamp", values)
    type_ = TrinoType("timestamp with time zone", (precision,))
    return Typed(f"CAST(TIMESTAMP '{_instant(env.now, precision)}' AS TIMESTAMPTZ)", type_)


def _localtimestamp(values: list[Typed], env: Environment) -> Typed:
    precision = _precision("localtimestamp", values)
    return Typed(f"TIMESTAMP '{_instant(env.now, precision)}'", TrinoType("timestamp", (precision,)))


def _localtime(values: list[Typed], env: Environment) -> Typed:
    precision = _precision("localtime", values)
    return Typed(f"TIME '{_instant(env.now, precision)[11:]}'", TrinoType("time", (precision,)))


def _current_date(values: list[Typed], env: Environment) -> Typed:
    return Typed(f"DATE '{env.now.date().isoformat()}'", DATE, env.now.date())


def _date(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 1:
        raise _wrong("date", values)
    return cast(values[0], DATE)


def _from_iso8601_date(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 1 or values[0].type.base != "varchar":
        raise _wrong("from_iso8601_date", values)
    return Typed(f"CAST(olo_iso_date_or_refuse({values[0].sql}) AS DATE)", DATE)


FUNCTIONS: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "date_trunc": _date_trunc,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "current_date": _current_date,
    "current_timestamp": _current_timestamp,
    "now": _current_timestamp,
    "localtimestamp": _localtimestamp,
    "localtime": _localtime,
    "date": _date,
    "from_iso8601_date": _from_iso8601_date,
}
