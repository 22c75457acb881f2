"""Metadata tables, ``"t$snapshots"`` and its like, with Trino's names and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse import manifest_tables, snapshot_files
from olo_jupyter.lakehouse.arrow_types import arrow_type
from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.statement import Field, TableSchema
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.reading import PinnedTable

Row = dict[str, Any]


def schema(kind: str, pinned: PinnedTable) -> TableSchema:
    """The columns of ``"t$<kind>"``.

    Raises:
        QueryError: Trino has no such metadata table.
    """
    if kind not in _TABLES:
        raise QueryError(
            f'Table {pinned.name} has no metadata table "${kind}".', code="table-not-found", hint=_hint(kind)
        )
    return TableSchema(tuple(Field(name, type_) for name, type_ in _TABLES[kind][0](pinned).items()))


def rows(kind: str, pinned: PinnedTable) -> pa.Table:
    """The rows of ``"t$<kind>"``: of the table for snapshots, history, refs and properties, of the pinned snapshot for
    files, manifests and partitions."""
    fields = schema(kind, pinned).fields
    arrow = pa.schema([pa.field(field.name, arrow_type(field.type)) for field in fields])
    return pa.Table.from_pylist(list(_TABLES[kind][1](pinned)), schema=arrow)


def _hint(kind: str) -> str:
    return nearest(kind, _TABLES)


def _types(**types: str) -> Callable[[PinnedTable], Mapping[str, TrinoType]]:
    parsed = {name: parse_type(type_) for name, type_ in types.items()}
    return lambda _: parsed


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _snapshots(pinned: PinnedTable) -> Iterator[Row]:
    for snapshot in sorted(pinned.table.metadata.snapshots, key=lambda snapshot: snapshot.timestamp_ms):
        summary = snapshot.summary
        yield {
            "committed_at": _moment(snapshot.timestamp_ms),
            "snapshot_id": snapshot.snapshot_id,
            "parent_id": snapshot.parent_snapshot_id,
            "operation": summary.operation.value if summary else None,
            "manifest_list": snapshot.manifest_list,
            "summary": list(summary.additional_properties.items()) if summary else None,
        }


def _history(pinned: PinnedTable) -> Iterator[Row]:
    metadata = pinned.table.metadata
    ancestors = set()
    current = metadata.current_snapshot()
    while current is not None:
        ancestors.add(current.snapshot_id)
        current = metadata.snapshot_by_id(current.parent_snapshot_id) if current.parent_snapshot_id else None
    # Trino shows every snapshot once, those of branches and those rolled back too: not the log of the main branch.
    for snapshot in metadata.snapshots:
        yield {
            "made_current_at": _moment(snapshot.timestamp_ms),
            "snapshot_id": snapshot.snapshot_id,
            "parent_id": snapshot.parent_snapshot_id,
            "is_current_ancestor": snapshot.snapshot_id in ancestors,
        }


def _refs(pinned: PinnedTable) -> Iterator[Row]:
    for name, ref in sorted(pinned.table.metadata.refs.items()):
        yield {
            "name": name,
            "type": ref.snapshot_ref_type.value.upper(),
            "snapshot_id": ref.snapshot_id,
            "max_reference_age_in_ms": ref.max_ref_age_ms,
            "min_snapshots_to_keep": ref.min_snapshots_to_keep,
            "max_snapshot_age_in_ms": ref.max_snapshot_age_ms,
        }


def _properties(pinned: PinnedTable) -> Iterator[Row]:
    """As Iceberg's engines show them: what identifies the table first, then its own properties."""
    table = pinned.table
    snapshot = table.current_snapshot()
    first = {
        "format": f"iceberg/{table.properties.get('write.format.default', 'parquet')}",
        "provider": "iceberg",
        "current-snapshot-id": str(snapshot.snapshot_id) if snapshot else "none",
        "location": table.location(),
        "format-version": str(table.metadata.format_version),
    }
    for key, value in {**first, **table.properties}.items():
        yield {"key": key, "value": value}


def _metadata_log(pinned: PinnedTable) -> Iterator[Row]:
    """Each metadata file that the table still knows, and the snapshot that was the newest of its time."""
    metadata = pinned.table.metadata
    files = [(entry.timestamp_ms, entry.metadata_file) for entry in metadata.metadata_log]
    for moment, file in [*files, (metadata.last_updated_ms, pinned.table.metadata_location)]:
        before = [entry.snapshot_id for entry in metadata.snapshot_log if entry.timestamp_ms <= moment]
        snapshot = metadata.snapshot_by_id(before[-1]) if before else None
        yield {
            "timestamp": _moment(moment),
            "file": file,
            "latest_snapshot_id": before[-1] if before else None,
            "latest_schema_id": snapshot.schema_id if snapshot else None,
            "latest_sequence_number": snapshot.sequence_number if snapshot else None,
        }


_TABLES: dict[str, tuple[Callable[[PinnedTable], Mapping[str, TrinoType]], Callable[[PinnedTable], Iterator[Row]]]] = {
    "snapshots": (
        _types(
            committed_at="timestamp(3) with time zone",
            snapshot_id="bigint",
            parent_id="bigint",
            operation="varchar",
            manifest_list="varchar",
            summary="map(varchar, varchar)",
        ),
        _snapshots,
    ),
    "history": (
        _types(
            made_current_at="timestamp(3) with time zone",
            snapshot_id="bigint",
            parent_id="bigint",
            is_current_ancestor="boolean",
        ),
        _history,
    ),
    "refs": (
        _types(
            name="varchar",
            type="varchar",
            snapshot_id="bigint",
            max_reference_age_in_ms="bigint",
            min_snapshots_to_keep="integer",
            max_snapshot_age_in_ms="bigint",
        ),
        _refs,
    ),
    "properties": (_types(key="varchar", value="varchar"), _properties),
    "metadata_log_entries": (
        _types(
            timestamp="timestamp(3) with time zone",
            file="varchar",
            latest_snapshot_id="bigint",
            latest_schema_id="integer",
            latest_sequence_number="bigint",
        ),
        _metadata_log,
    ),
    "manifests": (manifest_tables.manifests_type, manifest_tables.manifests),
    "all_manifests": (manifest_tables.all_manifests_type, manifest_tables.all_manifests),
    "entries": (snapshot_files.entries_type, snapshot_files.entries),
    "all_entries": (snapshot_files.entries_type, snapshot_files.all_entries),
    "files": (snapshot_files.files_type, snapshot_files.files),
    "partitions": (snapshot_files.partitions_type, snapshot_files.partitions),
}
