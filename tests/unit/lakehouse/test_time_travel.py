"""What people write after --as-of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.pins import Pin, RefPin, SnapshotPin, TimestampPin
from olo_jupyter.lakehouse.time_travel import parse_when

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def at(*parts: int) -> TimestampPin:
    return TimestampPin(datetime(*parts, tzinfo=UTC))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("2026-01-31", at(2026, 1, 31)),
        ("2026-01-31 08:00", at(2026, 1, 31, 8)),
        ("2026-01-31T08:00:01.5", at(2026, 1, 31, 8, 0, 1, 500_000)),
        ("2026-01-31 08:00:00 UTC", at(2026, 1, 31, 8)),
        ("2026-01-31T08:00:00Z", at(2026, 1, 31, 8)),
        ("2026-01-31 08:00 +02:00", at(2026, 1, 31, 6)),
        ("  2026-01-31  ", at(2026, 1, 31)),
        ("3 days ago", TimestampPin(NOW - timedelta(days=3))),
        ("1 Hour ago", TimestampPin(NOW - timedelta(hours=1))),
        ("now", TimestampPin(NOW)),
        ("today", at(2026, 3, 1)),
        ("yesterday", at(2026, 2, 28)),
        ("5954347424752183125", SnapshotPin(5954347424752183125)),
        ("12", SnapshotPin(12)),
        ("q1-close", RefPin("q1-close")),
        ("2026", SnapshotPin(2026)),
        ("main", RefPin("main")),
        ("release 2", RefPin("release 2")),
    ],
)
def test_read(text: str, pin: Pin) -> None:
    assert parse_when(text, NOW) == pin


@pytest.mark.parametrize("text", ["", "  ", "2026-13-01", "2026-01-31 25:00", "99999999999 days ago"])
def test_refused(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_when(text, NOW)
    assert refused.value.code == "invalid-pin"
    assert "ISO time" in refused.value.hint
