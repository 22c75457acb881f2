"""Values as Trino's own literals: what EXECUTE … USING binds, and what the VALUES of an earlier result are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from olo_jupyter.lakehouse.sql.parameters import python_value, type_of
from olo_jupyter.lakehouse.sql.types import TrinoType


def literal(value: Any) -> str:
    """The literal that a Python value stands for; its type is ``type_of(value)``.

    Raises:
        QueryError: invalid-parameter: there is no such literal.

    Example:
        >>> literal("a' OR 1=1 --"), literal(2**40), literal(Decimal("1.50")), literal([1, None])
        ("'a'' OR 1=1 --'", "BIGINT '1099511627776'", "DECIMAL '1.50'", 'ARRAY[1, NULL]')
    """
    value = python_value(value)
    return _of_type(value, type_of(value))


def text_literal(text: str) -> str:
    """A varchar literal; characters beyond ASCII stand as they are.

    Example:
        >>> text_literal("it's")
        "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def typed_literal(value: Any, type_: TrinoType) -> str:
    """An expression of just this type and value.

    Args:
        value: As Arrow gives it (``to_pylist``) for a result's column of the type.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> typed_literal({"a": 1}, parse_type("row(a bigint)"))
        'CAST(ROW(CAST(1 AS bigint)) AS row(a bigint))'
    """
    if value is None:
        return f"CAST(NULL AS {type_})" if type_.base != "unknown" else "NULL"
    return _TYPED.get(type_.base, _by_text)(value, type_)


def _of_type(value: Any, type_: TrinoType) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"ARRAY[{', '.join('NULL' if each is None else _of_type(each, type_of(each)) for each in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if 0 <= value < 2**31 else f"{type_.base.upper()} '{value}'"
    if isinstance(value, float):
        return _double(value, type_)
    if isinstance(value, Decimal):
        return f"DECIMAL '{value:f}'"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{_timestamp(value)}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, time):
        return f"TIME '{value:%H:%M:%S.%f}'"
    return text_literal(str(value))


def _double(value: float, type_: TrinoType) -> str:
    kind = "real" if type_.base == "real" else "double"
    if math.isfinite(value):
        return f"CAST('{value!r}' AS {kind})" if kind == "real" else f"{value!r}" + ("" if "e" in repr(value) else "E0")
    text = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return f"CAST('{text}' AS {kind})"


def _timestamp(value: datetime) -> str:
    zone = " UTC" if value.tzinfo is not None else ""
    moment = value.astimezone(UTC) if value.tzinfo is not None else value
    nanos = getattr(moment, "nanosecond", 0)  # pandas' own kind, which holds a timestamp(9)
    fraction = f"{moment.microsecond:06d}" + (f"{nanos:03d}" if nanos else "")
    return f"{moment.year:04d}-{moment:%m-%d %H:%M:%S}.{fraction}{zone}"


def _by_text(value: Any, type_: TrinoType) -> str:
    """By the text that Trino casts to the type, every digit of it."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, datetime):
        text = _timestamp(value)
    elif isinstance(value, time):
        text = f"{value:%H:%M:%S.%f}"
    return f"CAST({text_literal(text)} AS {type_})"


def _integer(value: int, type_: TrinoType) -> str:
    return f"CAST({value} AS {type_})"


def _days(value: timedelta, _: TrinoType) -> str:
    seconds, millis = divmod(abs(value) // timedelta(milliseconds=1), 1000)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}.{millis:03d}"
    return f"INTERVAL {'-' if value < timedelta() else ''}'{days} {clock}' DAY TO SECOND"


def _months(value: int, _: TrinoType) -> str:
    return f"INTERVAL {'-' if value < 0 else ''}'{abs(value) // 12}-{abs(value) % 12}' YEAR TO MONTH"


def _array(value: list[Any], type_: TrinoType) -> str:
    inner = ", ".join(typed_literal(each, type_.elements[0]) for each in value)
    return f"CAST(ARRAY[{inner}] AS {type_})"


def _map(value: list[tuple[Any, Any]], type_: TrinoType) -> str:
    key, item = type_.elements
    keys = ", ".join(typed_literal(each, key) for each, _ in value)
    items = ", ".join(typed_literal(each, item) for _, each in value)
    return f"CAST(MAP(ARRAY[{keys}], ARRAY[{items}]) AS {type_})"


def _row(value: dict[str, Any], type_: TrinoType) -> str:
    inner = ", ".join(
        typed_literal(each, element) for each, element in zip(value.values(), type_.elements, strict=True)
    )
    return f"CAST(ROW({inner}) AS {type_})"


_TYPED: dict[str, Callable[[Any, TrinoType], str]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _integer),
    "boolean": lambda value, _: "true" if value else "false",
    "real": lambda value, type_: _double(value, type_),
    "double": lambda value, type_: _double(value, type_),
    "varbinary": lambda value, _: f"X'{value.hex()}'",
    "json": lambda value, _: f"json_parse({text_literal(value)})",
    "interval day to second": _days,
    "interval year to month": _months,
    "array": _array,
    "map": _map,
    "row": _row,
}
