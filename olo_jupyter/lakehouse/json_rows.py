"""Rows as JSON, each value as Trino's client protocol writes it."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

if TYPE_CHECKING:
    import pyarrow as pa

Write = Callable[[Any], Any]
_TOO_MUCH_FOR_FOUR_BYTES = 3.4028235677973366e38


def json_rows(result: Result, limit: int | None = None) -> list[list[Any]]:
    """The rows of a result as lists of JSON values.

    Whole numbers, booleans and finite doubles are JSON's own; NaN and Infinity, decimals, dates, times, uuid and
    intervals are text; varbinary is base64; arrays and rows are arrays, maps are objects.

    Args:
        limit: Only the first so many rows.

    Example:
        >>> from olo_jupyter.lakehouse.result import Column, Provenance
        >>> import pyarrow as pa
        >>> day = pa.table({"day": pa.array([20000], pa.date32())})
        >>> json_rows(Result((Column("day", "date"),), day, Provenance("embedded", "", "", 1, 0.0)))
        [['2024-10-04']]
    """
    table = result.arrow if limit is None else result.arrow.slice(0, limit)
    columns = [
        _column(table.column(position), parse_type(column.type)) for position, column in enumerate(result.columns)
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(values: pa.ChunkedArray, type_: TrinoType) -> list[Any]:
    write = _writer(type_)
    return [None if value is None else write(value) for value in values.to_pylist()]


def _writer(type_: TrinoType) -> Write:
    precision = type_.parameters[0] if type_.parameters else 0
    match type_.base:
        case "decimal":
            return lambda value: f"{value:f}"
        case "real":
            return _real
        case "double":
            return _float
        case "varbinary":
            return lambda value: base64.b64encode(value).decode("ascii")
        case "date":
            return str
        case "time":
            return lambda value: f"{value:%H:%M:%S}{_fraction(value.microsecond, precision)}"
        case "timestamp":
            return lambda value: _timestamp(value, precision)
        case "timestamp with time zone":
            return lambda value: f"{_timestamp(value.astimezone(UTC), precision)} UTC"
        case "interval day to second":
            return _days
        case "interval year to month":
            return lambda months: f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"
        case "array":
            element = _optional(_writer(type_.elements[0]))
            return lambda value: [element(item) for item in value]
        case "map":
            key, item = _writer(type_.elements[0]), _optional(_writer(type_.elements[1]))
            return lambda value: {_key(key(name)): item(entry) for name, entry in value}
        case "row":
            fields = [_optional(_writer(element)) for element in type_.elements]
            return lambda value: _row(value, fields)
    return lambda value: value


def _optional(write: Write) -> Write:
    return lambda value: None if value is None else write(value)


def _float(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")


def _real(value: float) -> float | str:
    """The number with the fewest digits that is this one in four bytes, as Java writes it.

    Example:
        >>> _real(struct.unpack("f", struct.pack("f", -0.1))[0]), _real(16777216.0), _real(3.4028234663852886e38)
        (-0.1, 16777216.0, 3.4028235e+38)
    """
    if not math.isfinite(value):
        return _float(value)
    four = struct.pack("f", value)
    shorter = (float(f"{value:.{digits}g}") for digits in range(1, 9))
    return next((one for one in shorter if _fits(one) and struct.pack("f", one) == four), float(f"{value:.9g}"))


def _fits(value: float) -> bool:
    return abs(value) < _TOO_MUCH_FOR_FOUR_BYTES


def _timestamp(value: datetime, precision: int) -> str:
    return f"{value.year:04d}-{value:%m-%d %H:%M:%S}{_fraction(value.microsecond, precision)}"


def _fraction(microseconds: int, precision: int) -> str:
    return f".{microseconds:06d}"[: precision + 1] if precision else ""


def _days(value: timedelta) -> str:
    milliseconds = round(abs(value) / timedelta(milliseconds=1))
    seconds, milliseconds = divmod(milliseconds, 1000)
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{milliseconds:03d}"
    return f"{'-' if value < timedelta() else ''}{days} {clock}"


def _key(value: Any) -> str:
    """A map's key as the name of a JSON member."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def _row(value: dict[str, Any], fields: Sequence[Write]) -> list[Any]:
    return [write(part) for write, part in zip(fields, value.values(), strict=True)]
