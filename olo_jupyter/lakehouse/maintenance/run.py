"""All maintenance of one table, in the order in which each step makes the next one worth more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.maintenance.compact import SMALL_BYTES, compact
from olo_jupyter.lakehouse.maintenance.expire import expire_snapshots
from olo_jupyter.lakehouse.maintenance.orphans import remove_orphans
from olo_jupyter.lakehouse.maintenance.reports import Compacted, Expired, OnStep, Orphans, silent
from olo_jupyter.lakehouse.names import TableName

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine


@dataclass(frozen=True)
class Chores:
    """What to do.

    Args:
        expire: Expire snapshots older than this moment (aware); None doesn't expire.
        retain_last: Snapshots to keep in each branch, whatever their age.
        orphans: Remove orphan files of at least this age; None doesn't.
        compact: Rewrite small files, and files with deleted rows.
        dry_run: Only tell what would be done.
    """

    expire: datetime | None = None
    retain_last: int | None = None
    orphans: timedelta | None = None
    compact: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Maintained:
    """What was done to a table; None for what wasn't asked for."""

    table: TableName
    compacted: Compacted | None = None
    expired: Expired | None = None
    orphans: Orphans | None = None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        parts = {"compacted": self.compacted, "expired": self.expired, "orphans": self.orphans}
        return {name: part.as_json() for name, part in parts.items() if part is not None}


def maintain(
    engine: EmbeddedEngine, name: TableName, chores: Chores, on_step: OnStep = silent, small_bytes: int = SMALL_BYTES
) -> Maintained:
    """Look after a table: compact, then expire (a compaction leaves old files to old snapshots), then orphans.

    Raises:
        QueryError: What any of the steps raises; the steps before it are done.
    """
    catalogs, dry = engine.catalogs, chores.dry_run
    compacted = expired = orphans = None
    if chores.compact:
        compacted = compact(engine, name, small_bytes, dry_run=dry, on_step=on_step)
    if chores.expire is not None:
        expired = expire_snapshots(catalogs, name, chores.expire, chores.retain_last, dry_run=dry, on_step=on_step)
    if chores.orphans is not None:
        orphans = remove_orphans(catalogs, name, chores.orphans, dry_run=dry, on_step=on_step)
    return Maintained(name, compacted, expired, orphans)
