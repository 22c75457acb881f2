"""Rows for generated tests: small, and without a value of a sensitive column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from olo_converters.capture import ColumnFact, Row

MAX_ROWS = 5


class Synthetic:
    """Replaces sensitive values. The same value becomes the same stand-in everywhere, so that joins still meet."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Any] = {}

    def rows(
        self, rows: Iterable[Row], columns: Iterable[ColumnFact], keep: frozenset[str] | None = None
    ) -> tuple[Row, ...]:
        """At most a few rows, sensitive values replaced; ``keep`` names the columns that are wanted (None: all)."""
        sensitive = {column.name for column in columns if column.is_sensitive}
        return tuple(
            {
                name: self.value(value) if name in sensitive else value
                for name, value in row.items()
                if keep is None or name.lower() in keep
            }
            for row in list(rows)[:MAX_ROWS]
        )

    def value(self, value: Any) -> Any:
        """A stand-in of the same type."""
        if value is None or isinstance(value, bool):
            return value
        key = (type(value).__name__, repr(value))
        if key not in self._seen:
            self._seen[key] = _stand_in(value, len(self._seen) + 1)
        return self._seen[key]


def _stand_in(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return f"synthetic_{number}"
    if isinstance(value, bytes):
        return f"synthetic_{number}".encode()
    if isinstance(value, datetime):
        return datetime(2000, 1, 1, tzinfo=value.tzinfo) + timedelta(days=number)
    if isinstance(value, date):
        return date(2000, 1, 1) + timedelta(days=number)
    if isinstance(value, time):
        return time(number % 24, 0)
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return Decimal(number).scaleb(exponent) if isinstance(exponent, int) else Decimal(number)
    if isinstance(value, int):
        return number
    if isinstance(value, float):
        return float(number)
    if isinstance(value, Mapping):
        return {key: _stand_in(inner, number) if inner is not None else None for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_stand_in(inner, number) if inner is not None else None for inner in value]
    return f"synthetic_{number}"


def plain(value: Any) -> Any:
    """A value as YAML and Python literals keep it: text for everything but None, booleans and numbers."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value and value not in (float("inf"), float("-inf")) else str(value)
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
        return text.replace("+00:00", " UTC") if value.tzinfo is not None else text
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return str(value)
