"""A table's snapshots as a time line: what each did, by what its writer wrote down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.server.models.tables import HistoryQuery, TableChange, TableHistory

if TYPE_CHECKING:
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.snapshots import Snapshot

_WRITERS = ("engine-name", "spark.app.id", "trino_query_id", "engine-version")


def table_history(catalogs: Catalogs, name: TableName, query: HistoryQuery) -> TableHistory:
    """The snapshots of a table, newest first, a page of them.

    Raises:
        QueryError: As ``Catalogs.load``.
    """
    metadata = catalogs.load(name).metadata
    snapshots = sorted(metadata.snapshots, key=_age, reverse=True)
    first = 0
    if query.before:
        # By place in time, not by number: a page stays right when newer snapshots come, or this one expires.
        moment, _, id_ = query.before.partition("-")
        key = (int(moment), int(id_ or 0))
        first = next((index for index, each in enumerate(snapshots) if _age(each) < key), len(snapshots))
    page = snapshots[first : first + query.limit]
    line = _line(metadata)
    pointing: dict[int, list[str]] = {}
    for ref, at in sorted(metadata.refs.items()):
        pointing.setdefault(at.snapshot_id, []).append(ref)
    last = page[-1] if page and first + len(page) < len(snapshots) else None
    return TableHistory(
        snapshots=[_change(each, metadata.current_snapshot_id, line, pointing) for each in page],
        count=len(snapshots),
        next=f"{last.timestamp_ms}-{last.snapshot_id}" if last else None,
    )


def _age(snapshot: Snapshot) -> tuple[int, int]:
    return snapshot.timestamp_ms, snapshot.snapshot_id


def _line(metadata: TableMetadata) -> set[int]:
    """The current snapshot and what it grew from."""
    found: set[int] = set()
    snapshot = metadata.current_snapshot()
    while snapshot is not None and snapshot.snapshot_id not in found:
        found.add(snapshot.snapshot_id)
        parent = snapshot.parent_snapshot_id
        snapshot = metadata.snapshot_by_id(parent) if parent is not None else None
    return found


def _change(snapshot: Snapshot, current: int | None, line: set[int], pointing: dict[int, list[str]]) -> TableChange:
    summary = snapshot.summary

    def figure(key: str) -> int | None:
        value = summary.get(key) if summary else None
        return int(value) if value is not None and value.isdigit() else None

    # Iceberg's writers leave a count out where it is zero, once they tell any.
    told = figure("total-records") is not None

    def count(key: str) -> int | None:
        return figure(key) if figure(key) is not None or not told else 0

    deletes = [figure(key) for key in ("added-position-deletes", "added-equality-deletes")]
    removed = count("deleted-records")
    if removed is not None and deletes[0]:
        removed += deletes[0]
    return TableChange(
        id=str(snapshot.snapshot_id),
        parent=str(snapshot.parent_snapshot_id) if snapshot.parent_snapshot_id is not None else None,
        at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        operation=summary.operation.value if summary else "",
        rows=figure("total-records"),
        added_rows=count("added-records"),
        # An equality delete removes as many rows as match it: nobody counted them.
        removed_rows=None if deletes[1] else removed,
        added_files=count("added-data-files"),
        removed_files=count("deleted-data-files"),
        size=figure("total-files-size"),
        writer=next((value for key in _WRITERS if summary and (value := summary.get(key))), ""),
        current=snapshot.snapshot_id == current,
        ancestor=snapshot.snapshot_id in line,
        refs=pointing.get(snapshot.snapshot_id, []),
    )
