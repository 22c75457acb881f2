"""Time travel in the text: ``FOR VERSION AS OF``, ``FOR TIMESTAMP AS OF``, ``"t$snapshots"``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.pins import Pin, RefPin, SnapshotPin, TimestampPin
from olo_jupyter.lakehouse.sql.analyze.pin_times import Times
from olo_jupyter.lakehouse.sql.parse import fail

_METADATA = re.compile(r"(.+)\$([a-z_]+)")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?)?"
    r"\s*(Z|[A-Za-z][\w/+-]*|[+-]\d{1,2}(?::?\d{2})?)?"
)


def metadata_of(name: str) -> tuple[str, str | None]:
    """``t$snapshots`` as table and metadata table.

    Example:
        >>> metadata_of("flights$snapshots"), metadata_of("flights")
        (('flights', 'snapshots'), ('flights', None))
    """
    match = _METADATA.fullmatch(name)
    return (name, None) if match is None else (match.group(1), match.group(2))


def pin_of(
    version: exp.Version, value_of: Callable[[exp.Placeholder], Any], now: Callable[[], datetime] | None = None
) -> Pin:
    """The pin that ``FOR … AS OF`` names; a time without a zone is UTC.

    Args:
        value_of: The value of a parameter.
        now: The start of the statement, aware, UTC: asked where the text does; default: the clock's time.

    Raises:
        QueryError: type-mismatch, invalid-arguments: not a snapshot id, name or time, or a time to come.
    """
    value = Times(value_of, now or _clock, read_instant).value(version.expression)
    if value is None:
        raise fail("Pointer value cannot be NULL", "invalid-arguments", version)
    if str(version.this).upper() == "VERSION":
        if isinstance(value, int) and not isinstance(value, bool):
            return SnapshotPin(value)
        if isinstance(value, str):
            return RefPin(value)
        raise fail(
            f"A version is a snapshot id or the name of a branch or tag, not {value!r}", "type-mismatch", version
        )
    at = _instant(value, version)
    if at > _clock():
        message = f"Pointer value '{at:%Y-%m-%d %H:%M:%S} UTC' is not in the past"
        hint = "The newest rows are read without FOR TIMESTAMP AS OF."
        raise fail(message, "invalid-arguments", version, hint=hint)
    return TimestampPin(at)


def _clock() -> datetime:
    return datetime.now(UTC)


def _instant(value: Any, node: exp.Expr) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        hint = f"Write TIMESTAMP '{value}'." if _TIMESTAMP.fullmatch(value.strip()) else ""
        raise fail("FOR TIMESTAMP AS OF needs a timestamp or date, not a varchar", "type-mismatch", node, hint=hint)
    raise fail(f"FOR TIMESTAMP AS OF needs a timestamp or date, not {value!r}", "type-mismatch", node)


def read_instant(text: str, node: exp.Expr) -> datetime:
    """A timestamp as Trino writes it: ``2026-01-31``, ``2026-01-31 08:00``, with a zone, an offset, or none (UTC)."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    match = _TIMESTAMP.fullmatch(text.strip())
    if match is None:
        raise fail(f"'{text}' is not a valid timestamp literal", "invalid-literal", node)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro = int((match.group(7) or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(year, month, day, hour, minute, second, micro)
    except ValueError as error:
        raise fail(f"'{text}' is not a valid timestamp literal", "invalid-literal", node) from error
    zone = match.group(8)
    if zone is None or zone.upper() in ("Z", "UTC", "GMT"):
        return local.replace(tzinfo=UTC)
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3].rstrip(":")), int(zone[-2:]) if len(zone) > 3 else 0
        offset = timedelta(hours=hours, minutes=minutes)
        return (local - offset if zone[0] == "+" else local + offset).replace(tzinfo=UTC)
    try:
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise fail(f"'{zone}' is not a time zone", "invalid-literal", node) from error
