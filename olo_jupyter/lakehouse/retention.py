"""Pinned snapshots that the table's next expiry may remove, so that they can be tagged in time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.maintenance.expire import expirable
from olo_jupyter.lakehouse.names import parse_table_name

AGE_PROPERTY = "history.expire.max-snapshot-age-ms"
DEFAULT_AGE = timedelta(days=5)
"""Iceberg's own, for tables that don't set :data:`AGE_PROPERTY`."""
SOON = timedelta(days=1)


@dataclass(frozen=True)
class Expiring:
    """A pinned snapshot that no branch's retention and no tag keeps.

    Args:
        table: Full name.
        committed: When it was made.
        kept_until: From then on ``expire_snapshots`` with the table's own retention removes it.
    """

    table: str
    snapshot_id: int
    committed: datetime
    kept_until: datetime

    @property
    def tag(self) -> str:
        """A name for the tag that would keep it.

        Example:
            >>> Expiring("dev.s.t", 1, datetime(2026, 1, 31, 6, tzinfo=UTC), datetime(2026, 2, 5, 6, tzinfo=UTC)).tag
            'keep_20260131_060000'
        """
        return f"keep_{self.committed:%Y%m%d_%H%M%S}"

    def warning(self, now: datetime) -> str:
        """What to say, with what to do."""
        when = (
            "may be removed by the next expiry"
            if self.kept_until <= now
            else f"is kept until {_minute(self.kept_until)}"
        )
        return (
            f"Snapshot {self.snapshot_id} of {self.table} ({_minute(self.committed)}) {when}: no tag keeps it.\n"
            f"  → Keep it: %olo tag {self.table} {self.tag} --snapshot {self.snapshot_id}"
        )


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def expiring(catalogs: Catalogs, snapshots: Mapping[str, int], now: datetime | None = None) -> list[Expiring]:
    """Which of the snapshots that a statement read may be gone within a day, by each table's own retention.

    Args:
        snapshots: As in ``Provenance.snapshots``.
        now: Aware; default: the clock.

    A table that can't be loaded here (another engine's catalog) is left out: nobody here knows its retention.
    """
    now = now or datetime.fromtimestamp(time.time(), UTC)
    found = []
    for name, snapshot_id in snapshots.items():
        try:
            table = catalogs.find_exactly(parse_table_name(name.removesuffix(f"@{snapshot_id}"), ""))
        except QueryError:
            continue
        if table is None:
            continue
        metadata = table.metadata
        snapshot = metadata.snapshot_by_id(snapshot_id)
        age = timedelta(
            milliseconds=int(metadata.properties.get(AGE_PROPERTY, DEFAULT_AGE / timedelta(milliseconds=1)))
        )
        soon = round((now + SOON).timestamp() * 1000)
        oldest = soon - round(age / timedelta(milliseconds=1))
        if snapshot is None or snapshot_id not in expirable(metadata, oldest, None, soon).snapshots:
            continue
        committed = datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC)
        found.append(Expiring(str(name).removesuffix(f"@{snapshot_id}"), snapshot_id, committed, committed + age))
    return found
