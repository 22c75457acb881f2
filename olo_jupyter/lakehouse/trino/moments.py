"""Dates, times and intervals as Trino writes them → Arrow, in every year, to the last digit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from olo_jupyter.lakehouse.errors import QueryError

_DATE = re.compile(r"([-+]?\d+)-(\d\d)-(\d\d)")
_CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?")
_DAYS = re.compile(r"(-?)(\d+) (\d\d):(\d\d):(\d\d)\.(\d{3})")
_MONTHS = re.compile(r"(-?)(\d+)-(\d+)")
_OFFSET = re.compile(r"([-+])(\d\d):(\d\d)")
_NANOS = {"us": 1_000, "ns": 1}
_CYCLE = 146_097 * 86_400
"""Seconds of 400 years."""
_EARLIEST, _LATEST = -62_104_060_800, 253_339_228_800
"""Seconds since 1970 of the years 2 and 9998."""


def dates(texts: pa.Array) -> pa.Array:
    """``2020-02-29``, ``-0044-03-15``, ``+12020-01-01`` → date32."""
    try:
        return texts.cast(pa.date32())
    except pa.ArrowInvalid:  # years that aren't of four digits
        return _each(texts, _day).cast(pa.int32()).cast(pa.date32())


def timestamps(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """``2020-02-29 12:00:00.123`` → timestamp without a zone."""
    try:
        return texts.cast(target)
    except pa.ArrowInvalid:
        return _each(texts, lambda text: _wall(text, target)).cast(target)


def times(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """``12:00:00.123`` → time of a day."""
    return pc.binary_join_element_wise("1970-01-01", texts, " ").cast(pa.timestamp(target.unit)).cast(target)


def zoned(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """``2020-02-29 12:00:00.123 Europe/Berlin`` → the instant, in UTC.

    Raises:
        QueryError: ambiguous-time: an hour that the zone has twice: the text doesn't tell which one is meant.
    """
    if pc.all(pc.ends_with(texts, " UTC"), skip_nulls=True).as_py() is not False:
        plain = pc.utf8_slice_codeunits(texts, 0, -4)
        return timestamps(plain, pa.timestamp(target.unit)).cast(target)
    return _each(texts, lambda text: _instant(text, target)).cast(target)


def intervals(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """``-1 02:03:04.500`` → milliseconds; ``1-2`` → months."""
    if pa.types.is_duration(target):
        return _each(texts, _milliseconds).cast(target)
    return _each(texts, _months)


def _each(texts: pa.Array, read: Callable[[str], int]) -> pa.Array:
    return pa.array([None if text is None else read(text) for text in texts.to_pylist()], pa.int64())


def _day(text: str) -> int:
    match = _DATE.fullmatch(text)
    if match is None:
        raise QueryError(f"{text!r} is no date that Trino writes.", code="internal-error")
    year, month, day = map(int, match.groups())
    return days_of(year, month, day)


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a date in any year of the proleptic Gregorian calendar.

    By Howard Hinnant's days_from_civil.

    Example:
        >>> days_of(1970, 1, 1), days_of(2000, 3, 1), days_of(-44, 3, 15)
        (0, 11017, -735525)
    """
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def _wall(text: str, target: pa.DataType) -> int:
    """A time on the clock as a count of the target's units since 1970."""
    day, _, clock = text.partition(" ")
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise QueryError(f"{text!r} is no timestamp that Trino writes.", code="internal-error")
    hour, minute, second = (int(part) for part in match.groups()[:3])
    nanos, rest = divmod(int((match.group(4) or "0").ljust(9, "0")), _NANOS[target.unit])
    units = 10**9 // _NANOS[target.unit]
    value = (_day(day) * 86_400 + hour * 3_600 + minute * 60 + second) * units + nanos
    if rest or not -(2**63) <= value < 2**63:
        raise QueryError(
            f"The timestamp {text} can't be held in a result: Arrow's nanoseconds reach from 1677 to 2262 only.",
            code="numeric-value-out-of-range",
            hint="CAST it to timestamp(6), or to varchar.",
        )
    return value


def _instant(text: str, target: pa.DataType) -> int:
    wall, _, zone = text.rpartition(" ")
    units = 10**9 // _NANOS[target.unit]
    value = _wall(wall, target)
    seconds = value // units
    found = {seconds - offset for offset in _offsets(seconds, _zone(zone))}
    if len(found) > 1:
        raise QueryError(
            f"{text} is in an hour that {zone} has twice: Trino's answer doesn't tell which of the two is meant.",
            code="ambiguous-time",
            hint="Ask for the instant: … AT TIME ZONE 'UTC'.",
        )
    return found.pop() * units + value % units


@lru_cache(64)
def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3))
        return timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes))
    if name in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise QueryError(
            f"The time zone {name} isn't known here.",
            code="unknown-time-zone",
            hint="pip install tzdata, or ask for the instant: … AT TIME ZONE 'UTC'.",
        ) from error


def _offsets(seconds: int, zone: tzinfo) -> set[int]:
    """Seconds that the zone can be ahead of UTC at a time on its clocks: two in the hour that it has twice."""
    # Years that Python can't hold: moved by whole cycles of 400 years, which have a whole number of days.
    if seconds >= _LATEST:
        seconds -= ((seconds - _LATEST) // _CYCLE + 1) * _CYCLE
    elif seconds < _EARLIEST:
        seconds += ((_EARLIEST - seconds) // _CYCLE + 1) * _CYCLE
    wall = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    found = set()
    for fold in (0, 1):
        offset = wall.replace(tzinfo=zone, fold=fold).utcoffset()
        assert offset is not None
        found.add(int(offset.total_seconds()))
    return found


def _milliseconds(text: str) -> int:
    match = _DAYS.fullmatch(text)
    if match is None:
        raise QueryError(f"{text!r} is no interval that Trino writes.", code="internal-error")
    days, hours, minutes, seconds, millis = (int(part) for part in match.groups()[1:])
    value = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + millis
    return -value if match.group(1) else value


def _months(text: str) -> int:
    match = _MONTHS.fullmatch(text)
    if match is None:
        raise QueryError(f"{text!r} is no interval that Trino writes.", code="internal-error")
    value = int(match.group(2)) * 12 + int(match.group(3))
    return -value if match.group(1) else value
