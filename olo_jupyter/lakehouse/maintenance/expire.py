"""Expire snapshots by Iceberg's own rules: branches, tags and their retention are respected.

First one commit takes the snapshots out of the table, then their files are deleted: those that no snapshot of the
table, as it is after the commit, refers to.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.maintenance.deleting import delete_files
from olo_jupyter.lakehouse.maintenance.reach import Reach, readable, sized, statistics_files, total
from olo_jupyter.lakehouse.maintenance.reports import Expired, Files, OnStep, silent
from olo_jupyter.lakehouse.maintenance.requirements import same_refs
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.write import retried

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.refs import SnapshotRef
    from pyiceberg.table.snapshots import Snapshot

    from olo_jupyter.lakehouse.catalog import Catalogs

_FOREVER = 2**63 - 1


@dataclass(frozen=True)
class Expiry:
    """What may go: refs that are too old, and snapshots."""

    refs: tuple[str, ...]
    snapshots: tuple[int, ...]


def expire_snapshots(
    catalogs: Catalogs,
    name: TableName,
    older_than: datetime,
    retain_last: int | None = None,
    *,
    dry_run: bool = False,
    on_step: OnStep = silent,
) -> Expired:
    """Expire the snapshots of a table that are older than ``older_than``.

    Args:
        catalogs: The project's catalogs.
        name: The table.
        older_than: Aware. The branch's own ``max-snapshot-age-ms`` counts before it.
        retain_last: Snapshots to keep in each branch, whatever their age; default: the table's property
            ``history.expire.min-snapshots-to-keep``, else 1. The branch's own setting counts before it.
        dry_run: Only tell.
        on_step: Called while it runs.

    Raises:
        QueryError: ``table-not-found``; ``gc-disabled``; a manifest that can't be read; ``transaction-conflict``.
    """

    def attempt() -> Expired:
        table = catalogs.load(name)
        refuse_without_gc(table, name)
        metadata, now = table.metadata, round(time.time() * 1000)
        expiry = expirable(metadata, round(older_than.timestamp() * 1000), retain_last, now)
        gone = set(expiry.snapshots)
        leaving = [snapshot for snapshot in metadata.snapshots if snapshot.snapshot_id in gone]
        kept = len(metadata.snapshots) - len(leaving)
        if not leaving and not expiry.refs:
            return Expired(kept=kept)
        reach = Reach(table.io)
        on_step("reading manifests", 0.0)
        with readable(name):
            staying = [snapshot for snapshot in metadata.snapshots if snapshot.snapshot_id not in gone]
            files = sized(table.io, reach.only(leaving, staying) | statistics_files(metadata, gone))
        if dry_run:
            return Expired(expiry.snapshots, expiry.refs, kept, Files(len(files), total(files)))
        on_step("committing", 0.0)
        _commit(table, expiry)
        after = catalogs.load(name)  # with all that others committed meanwhile
        if any(after.metadata.snapshot_by_id(snapshot_id) for snapshot_id in gone):
            raise QueryError(f"Snapshots of '{name}' came back while they were expired.", code="transaction-conflict")
        with readable(name):
            needed = reach.of(after.metadata.snapshots) | statistics_files(after.metadata)
        unneeded = {path: size for path, size in files.items() if path not in needed}
        return Expired(expiry.snapshots, expiry.refs, kept, delete_files(table.io, unneeded, on_step))

    with writing(name):
        return retried(name, attempt)


def expirable(metadata: TableMetadata, older_than: int, retain_last: int | None, now: int) -> Expiry:
    """The refs and snapshots that may go; as Iceberg's own RemoveSnapshots decides.

    Args:
        older_than, now: Milliseconds since 1970.

    A ref goes when its snapshot is older than the ref's ``max-ref-age-ms`` (``main`` never does). Of each branch that
    stays, the newest snapshots stay: at least ``min-snapshots-to-keep``, and the unbroken row of those that are young
    enough. A snapshot that no ref leads to stays while it is young enough.
    """
    from pyiceberg.table.refs import SnapshotRefType

    properties = metadata.properties
    ref_age = int(properties.get("history.expire.max-ref-age-ms", _FOREVER))
    least = retain_last or int(properties.get("history.expire.min-snapshots-to-keep", 1))
    kept = {ref: found for ref, found in metadata.refs.items() if _stays(ref, found, metadata, ref_age, now)}
    retained = {ref.snapshot_id for ref in kept.values()}
    led_to: set[int] = set(retained)
    for ref in kept.values():
        if ref.snapshot_ref_type == SnapshotRefType.BRANCH:
            line = list(_line(metadata, ref.snapshot_id))
            led_to |= {snapshot.snapshot_id for snapshot in line}
            retained |= _newest(line, ref, least, older_than, now)
    retained |= {
        snapshot.snapshot_id
        for snapshot in metadata.snapshots
        if snapshot.snapshot_id not in led_to and snapshot.timestamp_ms >= older_than
    }
    gone = [snapshot for snapshot in metadata.snapshots if snapshot.snapshot_id not in retained]
    ordered = sorted(gone, key=lambda snapshot: snapshot.timestamp_ms)
    refs = tuple(sorted(set(metadata.refs) - set(kept)))
    return Expiry(refs, tuple(snapshot.snapshot_id for snapshot in ordered))


def refuse_without_gc(table: Table, name: TableName) -> None:
    """A table may say that its files aren't its own.

    Raises:
        QueryError: ``gc-disabled``.
    """
    if table.properties.get("gc.enabled", "true").lower() == "false":
        raise QueryError(
            f"'{name}' has gc.enabled = false: other tables may use its files, so none may be deleted.",
            code="gc-disabled",
        )


def _stays(name: str, ref: SnapshotRef, metadata: TableMetadata, default_age: int, now: int) -> bool:
    snapshot = metadata.snapshot_by_id(ref.snapshot_id)
    if name == "main":
        return True
    return snapshot is not None and now - snapshot.timestamp_ms <= (ref.max_ref_age_ms or default_age)


def _line(metadata: TableMetadata, snapshot_id: int) -> Iterator[Snapshot]:
    """A snapshot and its ancestors that are still there, newest first."""
    current = metadata.snapshot_by_id(snapshot_id)
    while current is not None:
        yield current
        parent = current.parent_snapshot_id
        current = metadata.snapshot_by_id(parent) if parent is not None else None


def _newest(line: list[Snapshot], ref: SnapshotRef, least: int, older_than: int, now: int) -> set[int]:
    oldest = older_than if ref.max_snapshot_age_ms is None else now - ref.max_snapshot_age_ms
    retained: set[int] = set()
    for snapshot in line:
        if len(retained) >= (ref.min_snapshots_to_keep or least) and snapshot.timestamp_ms < oldest:
            break
        retained.add(snapshot.snapshot_id)
    return retained


def _commit(table: Table, expiry: Expiry) -> None:
    from pyiceberg.table.update import RemoveSnapshotRefUpdate, RemoveSnapshotsUpdate, TableUpdate

    updates: list[TableUpdate] = [RemoveSnapshotRefUpdate.model_validate({"ref-name": ref}) for ref in expiry.refs]
    if expiry.snapshots:
        updates.append(RemoveSnapshotsUpdate.model_validate({"snapshot-ids": list(expiry.snapshots)}))
    table.catalog.commit_table(table, same_refs(table), tuple(updates))
