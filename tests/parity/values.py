"""Trino's JSON values and our Arrow values, brought to one comparable form by their Trino type."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

EXACT, SUMMED = 4e-16, 1e-11
"""Relative tolerances of double: two units in the last place (libraries differ there), and sums in another order."""


def from_trino(value: Any, type_: TrinoType) -> Any:
    """A value of Trino's protocol, comparable."""
    if value is None:
        return None
    match type_.base:
        case "real" | "double":
            return float(value)
        case "varbinary":
            return base64.b64decode(value)
        case "timestamp with time zone":
            return _instants(value)
        case "array":
            return [from_trino(element, type_.elements[0]) for element in value]
        case "row":
            return [from_trino(element, kind) for element, kind in zip(value, type_.elements, strict=True)]
        case "map":
            kind, inner = type_.elements
            return {_trinos_key(key, kind): from_trino(element, inner) for key, element in value.items()}
    return value


def _trinos_key(key: str, type_: TrinoType) -> str:
    """The key of a map, which is always text in JSON; that of a real is as wide as ours."""
    match type_.base:
        case "double":
            return str(float(key))
        case "real":
            return str(pa.scalar(float(key), pa.float32()).as_py())
    return key


def from_arrow(column: pa.ChunkedArray, type_: TrinoType) -> list[Any]:
    """A column of ours as comparable values."""
    return [_arrow_value(scalar, type_) for scalar in column]


def _arrow_value(scalar: pa.Scalar, type_: TrinoType) -> Any:
    if not scalar.is_valid:
        return None
    number: int
    match type_.base:
        case "decimal":
            return f"{scalar.as_py():f}"
        case "date":
            return _date(scalar.value)
        case "time":
            return _clock(scalar.value * 10**6, type_.parameters[0])
        case "timestamp":
            number = scalar.value * (10**3 if scalar.type.unit == "ns" else 10**6)
            days, picos = divmod(number, 86_400 * 10**12)
            return f"{_date(days)} {_clock(picos, type_.parameters[0])}"
        case "timestamp with time zone":
            number = scalar.value * (10**3 if scalar.type.unit == "ns" else 10**6)
            return [number]
        case "interval day to second":
            return _day_to_second(scalar.value)
        case "interval year to month":
            months = abs(scalar.as_py())
            return f"{'-' if scalar.as_py() < 0 else ''}{months // 12}-{months % 12}"
        case "array":
            return [_arrow_value(element, type_.elements[0]) for element in scalar]
        case "row":
            return [_arrow_value(scalar[at], kind) for at, kind in enumerate(type_.elements)]
        case "map":
            key, value = type_.elements
            return {_key(_arrow_value(pair["key"], key)): _arrow_value(pair["value"], value) for pair in scalar.values}
    return scalar.as_py()


def same(ours: Any, theirs: Any, type_: TrinoType, tolerance: float = EXACT) -> bool:
    """Whether two comparable values are the same value."""
    if ours is None or theirs is None:
        return ours is None and theirs is None
    match type_.base:
        case "real" | "double":
            if math.isnan(theirs) or math.isnan(ours):
                return math.isnan(theirs) and math.isnan(ours)
            if theirs == 0 and tolerance == EXACT:
                return bool(ours == 0) and math.copysign(1, ours) == math.copysign(1, theirs)
            slack = max(tolerance, 1.2e-7) if type_.base == "real" else tolerance
            return math.isclose(ours, theirs, rel_tol=slack)
        case "timestamp with time zone":
            return ours[0] in theirs
        case "array":
            return len(ours) == len(theirs) and all(
                same(a, b, type_.elements[0], tolerance) for a, b in zip(ours, theirs, strict=True)
            )
        case "row":
            return all(same(a, b, kind, tolerance) for a, b, kind in zip(ours, theirs, type_.elements, strict=True))
        case "map":
            return ours.keys() == theirs.keys() and all(
                same(ours[key], theirs[key], type_.elements[1], tolerance) for key in ours
            )
    return type(ours) is type(theirs) and bool(ours == theirs)


def same_rows(
    ours: Sequence[Sequence[Any]], theirs: Sequence[Sequence[Any]], types: Sequence[str], *, ordered: bool
) -> bool:
    """Whether two lists of comparable rows are the same, as lists or (not ``ordered``) as multisets."""
    kinds = [parse_type(type_) for type_ in types]
    if len(ours) != len(theirs):
        return False
    if not ordered:
        ours, theirs = (sorted(rows, key=lambda row: _sort_key(row, kinds)) for rows in (ours, theirs))
    return all(
        same(a, b, kind, SUMMED)
        for row, other in zip(ours, theirs, strict=True)
        for a, b, kind in zip(row, other, kinds, strict=True)
    )


def _sort_key(row: Sequence[Any], kinds: Sequence[TrinoType]) -> list[str]:
    exact = [repr(value) for value, kind in zip(row, kinds, strict=True) if kind.base not in ("real", "double")]
    return [*exact, *(f"{value + 0.0:.6g}" for value in row if isinstance(value, float))]  # -0.0 beside 0.0


def _key(value: Any) -> str:
    """A map's key as the protocol writes it: an object's key is text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) else str(value)


def _date(days: int) -> str:
    """Days since 1970-01-01 as Trino prints a date, in every year."""
    cycles, rest = divmod(days + 719_468, 146_097)
    year_of_cycle = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    day = rest - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
    shifted = (5 * day + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_cycle + cycles * 400 + (month <= 2)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}-{month:02d}-{day - (153 * shifted + 2) // 5 + 1:02d}"


def _clock(picoseconds: int, precision: int) -> str:
    seconds, fraction = divmod(picoseconds, 10**12)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    digits = f"{fraction:012d}"
    # Digits beyond the precision would be a wrong value: they are shown, and so compared.
    shown = digits[:precision] + digits[precision:].rstrip("0")
    return f"{text}.{shown}" if shown else text


def _day_to_second(milliseconds: int) -> str:
    seconds, thousandths = divmod(abs(milliseconds), 1000)
    days, seconds = divmod(seconds, 86_400)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{days} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{thousandths:03d}"


_INSTANT = re.compile(r"([-+]?\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))? (\S+)")


def _instants(text: str) -> list[int]:
    """The instants, in picoseconds since 1970, that Trino's text can mean: two in the hour that a zone has twice."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a timestamp with time zone: {text}")
    year, month, day, hour, minute, second = (int(match.group(at)) for at in range(1, 7))
    picos = int((match.group(7) or "0").ljust(12, "0"))
    zone = match.group(8)
    offset = re.fullmatch(r"([-+])(\d\d):(\d\d)", zone)
    if offset:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3))
        tz: Any = timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes))
    else:
        tz = UTC if zone in ("UTC", "Z") else ZoneInfo(zone)
    # Years that Python can't hold: moved by whole cycles of 400 years, which have a whole number of days.
    cycles = (year - 2000) // 400 if not 2 <= year <= 9998 else 0
    found = set()
    for fold in (0, 1):
        moment = datetime(year - cycles * 400, month, day, hour, minute, second, tzinfo=tz, fold=fold)
        seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
        found.add((seconds + cycles * 146_097 * 86_400) * 10**12 + picos)
    return sorted(found)
