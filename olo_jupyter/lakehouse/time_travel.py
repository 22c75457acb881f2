"""From a pin to a snapshot: ids, refs, times; and the text of ``--as-of``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin, Pin, RefPin, SnapshotPin, TimestampPin

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.snapshots import Snapshot

SHOWN = 10
"""How many snapshots an error lists."""

_AGO = re.compile(r"(\d+)\s+(minute|hour|day|week)s?\s+ago", re.IGNORECASE)


def snapshot_at(metadata: TableMetadata, pin: Pin | None, name: TableName) -> Snapshot | None:
    """The snapshot of a table that ``pin`` chooses.

    Args:
        metadata: The table's metadata.
        pin: None for the current snapshot; a head means the newest one of its branch. A time means the snapshot that
            was current on the main branch then, by the table's own log (so one that was rolled back later still counts
            for its time).
        name: The table, for the errors.

    Returns:
        The snapshot; None only for a table that has none and no pin.

    Raises:
        QueryError: No such snapshot, ref, or time; what exists is listed.
    """
    match pin:
        case None:
            return metadata.current_snapshot()
        case SnapshotPin(snapshot_id):
            found = metadata.snapshot_by_id(snapshot_id)
            if found is None:
                raise _not_found(f"Table {name} has no snapshot {snapshot_id}.", _snapshots_hint(metadata))
            return found
        case RefPin(ref):
            if ref not in metadata.refs:
                raise _not_found(f"Table {name} has no branch or tag {ref!r}.", _refs_hint(metadata, ref))
            return metadata.snapshot_by_id(metadata.refs[ref].snapshot_id)
        case HeadPin(branch):
            return _head_of(metadata, branch, name)
        case TimestampPin(at):
            return _at_time(metadata, at, name)


def schema_at(metadata: TableMetadata, snapshot: Snapshot | None, pin: Pin | None) -> Schema:
    """The columns that a read at ``pin`` has: the table's own now, the snapshot's where there is a pin, as in Trino.

    Raises:
        QueryError: The metadata no longer holds the snapshot's schema.
    """
    if pin is None or isinstance(pin, HeadPin) or snapshot is None or snapshot.schema_id is None:
        return metadata.schema()
    for schema in metadata.schemas:
        if schema.schema_id == snapshot.schema_id:
            return schema
    raise QueryError(
        f"The table's metadata no longer holds schema {snapshot.schema_id} of snapshot {snapshot.snapshot_id}.",
        code="iceberg-invalid-metadata",
    )


def _head_of(metadata: TableMetadata, branch: str, name: TableName) -> Snapshot | None:
    """The newest snapshot of a branch; None for main where nothing was written yet."""
    ref = metadata.refs.get(branch)
    if ref is None and branch == "main":
        return None
    if ref is None or ref.snapshot_ref_type != "branch":
        raise QueryError(
            f"Branch '{branch}' does not exist" if ref is None else f"'{branch}' is a tag of {name}, not a branch",
            code="branch-not-found",
            hint=f"CREATE BRANCH {branch} IN TABLE {name} makes it."
            if ref is None
            else "A tag never moves: write to a branch.",
        )
    return metadata.snapshot_by_id(ref.snapshot_id)


def _at_time(metadata: TableMetadata, at: datetime, name: TableName) -> Snapshot:
    wanted = at.timestamp() * 1000
    current: int | None = None
    for entry in sorted(metadata.snapshot_log, key=lambda entry: entry.timestamp_ms):
        if entry.timestamp_ms <= wanted:
            current = entry.snapshot_id
    found = metadata.snapshot_by_id(current) if current is not None else None
    if found is None:
        raise _not_found(
            f"Table {name} has no snapshot at or before {at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC.",
            _snapshots_hint(metadata),
        )
    return found


def _not_found(message: str, hint: str) -> QueryError:
    return QueryError(message, code="invalid-arguments", hint=hint)


def _snapshots_hint(metadata: TableMetadata) -> str:
    """The newest snapshots with their times, and the first."""
    snapshots = sorted(metadata.snapshots, key=lambda snapshot: (snapshot.timestamp_ms, snapshot.sequence_number or 0))
    if not snapshots:
        return "The table has no snapshots: nothing was written to it yet."
    shown = snapshots if len(snapshots) <= SHOWN else [snapshots[0], *snapshots[1 - SHOWN :]]
    lines = [f"{snapshot.snapshot_id} at {moment_text(snapshot.timestamp_ms)}" for snapshot in shown]
    if len(shown) < len(snapshots):
        lines.insert(1, f"… {len(snapshots) - len(shown)} more …")
    return "Snapshots: " + "; ".join(lines) + "."


def _refs_hint(metadata: TableMetadata, ref: str) -> str:
    known = [name for name in metadata.refs if name != "main"]
    if not known:
        return "The table has no branches or tags but main." if metadata.refs else "The table has no branches or tags."
    close = nearest(ref, known)
    if close.startswith("Did you mean"):
        return close
    return (
        "Refs: " + ", ".join(f"{name} ({ref.snapshot_ref_type})" for name, ref in sorted(metadata.refs.items())) + "."
    )


def moment_text(milliseconds: int) -> str:
    """A time of Iceberg's metadata for people, in UTC."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"


def parse_when(text: str, now: datetime | None = None) -> Pin:
    """Read what a person writes after ``--as-of``.

    Args:
        text: An ISO date or time (without a zone: UTC; a date alone means its first moment, as in Trino),
            ``3 days ago``, ``now``, ``yesterday``, ``today``, a snapshot id, or the name of a branch or tag.
        now: The present moment (aware), for the relative ones; default: the clock.

    Raises:
        QueryError: Empty, or it looks like a time and is none.

    Example:
        >>> parse_when("2026-01-31 12:00+01:00").at.isoformat()
        '2026-01-31T11:00:00+00:00'
        >>> parse_when("q1-close"), parse_when("4321")
        (RefPin(name='q1-close'), SnapshotPin(snapshot_id=4321))
    """
    words = " ".join(text.split())
    now = (now or datetime.now(UTC)).astimezone(UTC)
    if not words:
        raise QueryError("The time to travel to is empty.", code="invalid-pin", hint=_WHEN_HINT)
    if match := _AGO.fullmatch(words):
        try:
            return TimestampPin(now - timedelta(**{f"{match.group(2).lower()}s": int(match.group(1))}))
        except OverflowError as error:
            raise QueryError(f"{words!r} is before the first year.", code="invalid-pin", hint=_WHEN_HINT) from error
    midnight = datetime.combine(now.date(), time(), UTC)
    named = {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    if words.lower() in named:
        return TimestampPin(named[words.lower()])
    if re.fullmatch(r"[0-9]+", words):
        return SnapshotPin(int(words))
    if re.match(r"\d{4}-\d|\d{8}T", words):
        return TimestampPin(_instant(words))
    return RefPin(words)


def is_relative(text: str) -> bool:
    """Whether a pin means another moment each time it is read.

    Example:
        >>> is_relative("3 days ago"), is_relative("Yesterday"), is_relative("2026-01-31")
        (True, True, False)
    """
    words = " ".join(text.lower().split())
    return words in ("now", "today", "yesterday") or _AGO.fullmatch(words) is not None


_WHEN_HINT = (
    "Write an ISO time (2026-01-31 12:00, UTC where no zone is given), '3 days ago', a snapshot id, a branch or a tag."
)


def _instant(words: str) -> datetime:
    cleaned = re.sub(r"\s*(?:UTC|Z)$", "+00:00", words)
    cleaned = re.sub(r"\s+([+-]\d{2}(?::?\d{2})?)$", r"\1", cleaned)
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", cleaned):
            return datetime.combine(date.fromisoformat(cleaned), time(), UTC)
        at = datetime.fromisoformat(cleaned)
    except ValueError as error:
        raise QueryError(f"{words!r} is not a time: {error}.", code="invalid-pin", hint=_WHEN_HINT) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
