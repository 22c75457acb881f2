"""Dates and times: parts, truncation, shifts, differences, the current moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import calls, iso, zones
from olo_jupyter.lakehouse.sql.expressions.casts import cast
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import bound, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.intervals import shift
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import (
    BIGINT,
    DATE,
    DAY_TO_SECOND,
    UNKNOWN,
    VARCHAR,
    YEAR_TO_MONTH,
    TrinoType,
    varchar,
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
    """The text of a date, time or timestamp; of an instant its local time."""
    return zones.local(value.sql, value.type) if value.type.base in _UTC else value.sql


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
    if value.type.zone and unit in _TIME_UNITS:  # of the local time, at the offset that it has
        size = _MICROSECONDS[unit]

        def floor(i: str) -> str:
            past = f"olo_floor_mod(epoch_us({zones.local(i, value.type)}), {size})"
            return f"make_timestamptz(epoch_us({i}) - {past})"

        return Typed(bound(value.sql, "t", floor), value.type)
    if value.type.base not in _UTC:
        return Typed(f"date_trunc('{unit}', {local(value)})", value.type)

    def start(i: str) -> str:
        return zones.instant_near(f"date_trunc('{unit}', {zones.local(i, value.type)})", i, value.type)

    return Typed(bound(value.sql, "t", start), value.type)


def _date_add(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 3 or values[2].type.base not in _POINTS or not can_coerce(values[1].type, BIGINT):
        raise _wrong("date_add", values)
    count, value = coerce(values[1], BIGINT), values[2]
    if count.constant is None:
        return cast(values[1], value.type)
    unit = _unit(values[0], value.type.base)
    if value.type.zone and unit in ("day", "week"):
        days = f"to_days(CAST({count.sql} * {7 if unit == 'week' else 1} AS INTEGER))"
        return Typed(zones.shifted(value.sql, days, value.type), value.type)
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
    common = common_type(zones.bare(value.type) for value in values[1:])
    if common is None:
        raise _wrong("date_diff", values)
    unit = _unit(values[0], common.base)
    start = replace(values[1], type=zones.bare(values[1].type)) if unit in _MONTHS else zones.instants(values[1])
    first, second = coerce(start, common), coerce(zones.instants(values[2]), common)
    zone = values[1].type.zone
    if zone and unit in _DATE_UNITS:  # the days of the first one's zone
        common = replace(common, zone=zone)
        first, second = replace(first, type=common), replace(second, type=common)
    a, b = local(first), local(second)
    if unit in _MONTHS:
        return Typed(f"(olo_months_between(CAST({a} AS TIMESTAMP), CAST({b} AS TIMESTAMP)) // {_MONTHS[unit]})", BIGINT)
    if common.base == "date":
        days = f"CAST({b} - {a} AS BIGINT)"
        return Typed(f"({days} // 7)" if unit == "week" else days, BIGINT)
    # Trino counts in whole milliseconds.
    return Typed(f"((olo_milliseconds({b}) - olo_milliseconds({a})) // {_MICROSECONDS[unit] // 1000})", BIGINT)


def _zone(name: str, value: Typed) -> str:
    if not isinstance(value.constant, str):
        raise unsupported(f"function {name} with a zone that isn't a literal")
    return zones.zone(value.constant)


def at_timezone(values: list[Typed], env: Environment) -> Typed:
    """The same instant in another zone: ``at_timezone(value, zone)``, ``value AT TIME ZONE zone``."""
    if len(values) != 2 or not values[0].type.base.startswith("timestamp"):
        raise _wrong("at_timezone", values)
    zone = _zone("at_timezone", values[1])
    value = coerce(zones.instants(values[0]), TrinoType(zones.ZONED, values[0].type.parameters))
    return Typed(value.sql, replace(value.type, zone=zone))


def _with_timezone(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 2 or values[0].type.base not in ("timestamp", "date"):
        raise _wrong("with_timezone", values)
    value = values[0] if values[0].type.base == "timestamp" else coerce(values[0], TrinoType("timestamp", (0,)))
    type_ = TrinoType(zones.ZONED, value.type.parameters, zone=_zone("with_timezone", values[1]))
    return Typed(zones.instant(value.sql, type_), type_)


def _from_unixtime(values: list[Typed], env: Environment) -> Typed:
    """``from_unixtime(seconds)``, in a zone, or so many hours and minutes ahead of UTC."""
    moment = calls.scalar("from_unixtime", values[:1], _no_lambda)
    if len(values) == 2:
        return Typed(moment.sql, replace(moment.type, zone=_zone("from_unixtime", values[1])))
    if len(values) == 3:
        hours, minutes = values[1].constant, values[2].constant
        if not isinstance(hours, int) or not isinstance(minutes, int) or abs(minutes) > 59 or hours * minutes < 0:
            raise unsupported("function from_unixtime with an offset that isn't two literals")
        sign = "-" if hours < 0 or minutes < 0 else "+"
        zone = zones.zone(f"{sign}{abs(hours):02d}:{abs(minutes):02d}")
        return Typed(moment.sql, replace(moment.type, zone=zone))
    if len(values) > 3 or not values:
        raise _wrong("from_unixtime", values)
    return moment


def _no_lambda(node: exp.Lambda, types: list[TrinoType]) -> Typed:
    raise unsupported("lambda here")


def _timezone(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 1 or values[0].type.base != zones.ZONED:
        raise unsupported("function timezone of this argument")
    written = text(zones.name_of(values[0].type))
    return Typed(f"CASE WHEN {values[0].sql} IS NOT NULL THEN {written} END", VARCHAR)


def _timezone_part(name: str, divide: str) -> Callable[[list[Typed], Environment], Typed]:
    def build(values: list[Typed], env: Environment) -> Typed:
        if len(values) != 1 or values[0].type.base != zones.ZONED:
            raise unsupported(f"function {name} of this argument")
        minutes = bound(values[0].sql, "t", lambda t: zones.offset(t, values[0].type))
        return Typed(f"CAST({minutes} {divide} 60 AS BIGINT)", BIGINT)

    return build


def _to_iso8601(values: list[Typed], env: Environment) -> Typed:
    if [value.type.base for value in values] == ["unknown"]:
        return Typed("CAST(NULL AS VARCHAR)", varchar(16))  # Trino takes NULL for a date here
    if len(values) != 1 or values[0].type.base not in ("date", "timestamp", zones.ZONED):
        raise _wrong("to_iso8601", values)
    value = values[0]
    if value.type.base == "date":
        return Typed(cast(value, VARCHAR).sql, varchar(16))
    precision = value.type.parameters[0]
    length = 22 + (precision + 1 if precision else 0)
    written = f"replace(olo_timestamp_text_or_refuse({local(value)}, {precision}), ' ', 'T')"
    if value.type.base == "timestamp":
        return Typed(written, varchar(length))
    minutes = bound(value.sql, "t", lambda t: zones.offset(t, value.type))
    shown = "CASE WHEN {0} = 0 THEN 'Z' ELSE olo_offset_text({0}) END"
    end = bound(minutes, "m", shown.format) if value.type.zone else "'Z'"
    return Typed(f"({written} || {end})", varchar(length + 6))


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
    "at_timezone": at_timezone,
    "with_timezone": _with_timezone,
    "from_unixtime": _from_unixtime,
    "timezone": _timezone,
    "timezone_hour": _timezone_part("timezone_hour", "//"),
    "timezone_minute": _timezone_part("timezone_minute", "%"),
    "to_iso8601": _to_iso8601,
    **iso.FUNCTIONS,
}
