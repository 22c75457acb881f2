"""The metadata tables about files: ``"t$files"``, ``"t$partitions"``, ``"t$entries"`` and ``"t$all_entries"``.

Each is a function that gives the columns (name and Trino type) and one that gives the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.data_files import extra, manifest_row_ids, read_entries
from olo_jupyter.lakehouse.file_metrics import (
    COUNTS,
    arrow_value,
    bounds_row,
    bounds_text,
    bounds_type,
    readable_metrics,
)
from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile, ManifestEntry, ManifestFile
    from pyiceberg.partitioning import PartitionField
    from pyiceberg.types import IcebergType, NestedField, PrimitiveType

    from olo_jupyter.lakehouse.reading import PinnedTable

Row = dict[str, Any]


def _live(pinned: PinnedTable) -> Iterator[tuple[ManifestFile, int, ManifestEntry]]:
    """The files of the pinned snapshot: their manifest, their place in it, their entry."""
    if pinned.snapshot is not None:
        io = pinned.table.io
        for manifest in pinned.snapshot.manifests(io):
            for position, entry in enumerate(read_entries(manifest, io, discard_deleted=False)):
                if entry.status.value != _DELETED:
                    yield manifest, position, entry


_DELETED = 2


def _partition_fields(pinned: PinnedTable) -> list[tuple[PartitionField, PrimitiveType]]:
    """Partition fields of all partitionings whose column is still there, each id once, with the type of its values."""
    table_schema = pinned.table.schema()
    known = set(table_schema.field_ids)
    found = {}
    for spec in pinned.table.metadata.specs().values():
        for field in spec.fields:
            if field.source_id in known and field.field_id not in found:
                source = table_schema.find_type(field.source_id)
                found[field.field_id] = (field, _primitive(field.transform.result_type(source)))
    return list(found.values())


def _partition_type(pinned: PinnedTable) -> dict[str, TrinoType]:
    fields = _partition_fields(pinned)
    if not fields:
        return {}
    types = tuple(trino_type(type_) for _, type_ in fields)
    return {"partition": TrinoType("row", (), types, tuple(field.name for field, _ in fields))}


def _partition(pinned: PinnedTable, file: DataFile) -> Row:
    spec = pinned.table.metadata.specs()[file.spec_id]
    by_id = {field.field_id: file.partition[index] for index, field in enumerate(spec.fields)}
    return {field.name: arrow_value(type_, by_id.get(field.field_id)) for field, type_ in _partition_fields(pinned)}


def _primitive(type_: IcebergType) -> PrimitiveType:
    from pyiceberg.types import PrimitiveType

    assert isinstance(type_, PrimitiveType)
    return type_


_FILE = {"content": "integer", "file_path": "varchar", "file_format": "varchar", "spec_id": "integer"}
_AFTER = {
    "readable_metrics": "json",
    "added_snapshot_id": "bigint",
    "file_sequence_number": "bigint",
    "data_sequence_number": "bigint",
    "referenced_data_file": "varchar",
    "pos": "bigint",
    "manifest_location": "varchar",
    "first_row_id": "bigint",
    "content_offset": "bigint",
    "content_size_in_bytes": "bigint",
}


def _file_type(pinned: PinnedTable, bounds: TrinoType) -> dict[str, TrinoType]:
    """The columns of a file up to its sort order; ``partition`` only where the table is, or was, partitioned."""
    return {
        **{name: parse_type(type_) for name, type_ in _FILE.items()},
        **_partition_type(pinned),
        "record_count": parse_type("bigint"),
        "file_size_in_bytes": parse_type("bigint"),
        **dict.fromkeys(COUNTS, parse_type("map(integer, bigint)")),
        "lower_bounds": bounds,
        "upper_bounds": bounds,
        "key_metadata": parse_type("varbinary"),
        "split_offsets": parse_type("array(bigint)"),
        "equality_ids": parse_type("array(integer)"),
        "sort_order_id": parse_type("integer"),
    }


def _file(pinned: PinnedTable, file: DataFile) -> Row:
    row: Row = {
        "content": int(file.content),
        "file_path": file.file_path,
        "file_format": file.file_format.value,
        "spec_id": file.spec_id,
        "record_count": file.record_count,
        "file_size_in_bytes": file.file_size_in_bytes,
        "key_metadata": file.key_metadata,
        "split_offsets": file.split_offsets,
        "equality_ids": file.equality_ids,
        "sort_order_id": file.sort_order_id,
    }
    for name in COUNTS:
        counts = getattr(file, name)
        row[name] = None if counts is None else list(counts.items())
    if _partition_fields(pinned):
        row["partition"] = _partition(pinned, file)
    return row


def files_type(pinned: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$files"``."""
    after = {name: parse_type(type_) for name, type_ in _AFTER.items()}
    return {**_file_type(pinned, bounds_type(pinned.table.schema())), **after}


def files(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$files"``: data and delete files of the pinned snapshot."""
    schema = pinned.table.schema()
    row_ids = _first_row_ids(pinned)
    for manifest, position, entry in _live(pinned):
        file = entry.data_file
        yield {
            **_file(pinned, file),
            "lower_bounds": bounds_row(schema, file.lower_bounds),
            "upper_bounds": bounds_row(schema, file.upper_bounds),
            "readable_metrics": readable_metrics(schema, file),
            "added_snapshot_id": entry.snapshot_id,
            "file_sequence_number": entry.file_sequence_number,
            "data_sequence_number": entry.sequence_number,
            "pos": position,
            "manifest_location": manifest.manifest_path,
            "first_row_id": row_ids.get((manifest.manifest_path, position)),
            **{name: extra(file, name) for name in _V3},
        }


_V3 = ("referenced_data_file", "content_offset", "content_size_in_bytes")


def _first_row_ids(pinned: PinnedTable) -> dict[tuple[str, int], int]:
    """The first row id of each file, by manifest and place in it; a file that has none counts on from the manifest's.

    Source: Iceberg's spec, row lineage of format version 3.
    """
    from pyiceberg.manifest import DataFileContent

    found: dict[tuple[str, int], int] = {}
    if pinned.snapshot is None or pinned.table.metadata.format_version < 3:
        return found
    io = pinned.table.io
    starts = manifest_row_ids(pinned.snapshot, io)
    for manifest in pinned.snapshot.manifests(io):
        following = starts.get(manifest.manifest_path)
        for position, entry in enumerate(read_entries(manifest, io, discard_deleted=False)):
            if entry.data_file.content != DataFileContent.DATA or entry.status.value == _DELETED:
                continue
            own = extra(entry.data_file, "first_row_id")
            if own is None and following is not None:
                own, following = following, following + entry.data_file.record_count
            if own is not None:
                found[manifest.manifest_path, position] = own
    return found


def entries_type(pinned: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$entries"`` and ``"t$all_entries"``."""
    file = _file_type(pinned, parse_type("map(integer, varchar)"))
    bigint = parse_type("bigint")
    return {
        "status": parse_type("integer"),
        "snapshot_id": bigint,
        "sequence_number": bigint,
        "file_sequence_number": bigint,
        "data_file": TrinoType("row", (), tuple(file.values()), tuple(file)),
        "readable_metrics": parse_type("json"),
    }


def entries(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$entries"``: all entries in the manifests of the pinned snapshot, those of removed files too."""
    if pinned.snapshot is not None:
        yield from _entries(pinned, pinned.snapshot.manifests(pinned.table.io))


def all_entries(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$all_entries"``: the entries in the manifests of all snapshots."""
    io = pinned.table.io
    manifests = [manifest for snapshot in pinned.table.metadata.snapshots for manifest in snapshot.manifests(io)]
    yield from _entries(pinned, {manifest.manifest_path: manifest for manifest in manifests}.values())


def _entries(pinned: PinnedTable, manifests: Iterable[ManifestFile]) -> Iterator[Row]:
    schema = pinned.table.schema()
    for manifest in manifests:
        for entry in read_entries(manifest, pinned.table.io, discard_deleted=False):
            file = entry.data_file
            yield {
                "status": entry.status.value,
                "snapshot_id": entry.snapshot_id,
                "sequence_number": entry.sequence_number,
                "file_sequence_number": entry.file_sequence_number,
                "data_file": {
                    **_file(pinned, file),
                    "lower_bounds": bounds_text(schema, file.lower_bounds),
                    "upper_bounds": bounds_text(schema, file.upper_bounds),
                },
                "readable_metrics": readable_metrics(schema, file),
            }


def _measured(pinned: PinnedTable) -> list[NestedField]:
    """The plain columns that ``$partitions`` has figures for: those that aren't partition values themselves."""
    from pyiceberg.transforms import IdentityTransform

    identity = {f.source_id for f in pinned.table.spec().fields if isinstance(f.transform, IdentityTransform)}
    return [
        field
        for field in pinned.table.schema().fields
        if field.field_type.is_primitive and field.field_id not in identity
    ]


def partitions_type(pinned: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$partitions"``; ``data`` has the figures of each plain column."""
    bigint = parse_type("bigint")
    columns = _measured(pinned)
    types = []
    for field in columns:
        type_ = trino_type(field.field_type)
        types.append(TrinoType("row", (), (type_, type_, bigint, bigint), ("min", "max", "null_count", "nan_count")))
    data = {"data": TrinoType("row", (), tuple(types), tuple(field.name for field in columns))} if columns else {}
    totals = dict.fromkeys(("record_count", "file_count", "total_size"), bigint)
    return {**_partition_type(pinned), **totals, **data}


def partitions(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$partitions"``: sums over the files of each partition, delete files counted as Trino does.

    Without partitioning it is one row, also where there is no file.
    """
    groups: dict[str, tuple[Row, list[DataFile]]] = {}
    if not _partition_fields(pinned):
        groups[""] = ({}, [])
    for _, _, entry in _live(pinned):
        partition = _partition(pinned, entry.data_file)
        groups.setdefault(repr(partition) if partition else "", (partition, []))[1].append(entry.data_file)
    columns = _measured(pinned)
    for partition, files in groups.values():
        row: Row = {
            "record_count": sum(file.record_count for file in files) if files else None,
            "file_count": len(files),
            "total_size": sum(file.file_size_in_bytes for file in files) if files else None,
            "data": {field.name: _figures(field, files) for field in columns},
        }
        yield {"partition": partition, **row} if partition else row


def _figures(field: NestedField, files: Iterable[DataFile]) -> Row | None:
    """Smallest, largest and missing values over ``files``; a file that lacks a figure doesn't count for it."""
    from pyiceberg.conversions import from_bytes

    id_, type_ = field.field_id, _primitive(field.field_type)
    lowers, uppers, nulls, nans = [], [], [], []
    for file in files:
        lowers.append((file.lower_bounds or {}).get(id_))
        uppers.append((file.upper_bounds or {}).get(id_))
        nulls.append((file.null_value_counts or {}).get(id_))
        nans.append((file.nan_value_counts or {}).get(id_))
    smallest = min((from_bytes(type_, bound) for bound in lowers if bound is not None), default=None)
    largest = max((from_bytes(type_, bound) for bound in uppers if bound is not None), default=None)
    null_count, nan_count = (
        sum(count for count in counts if count is not None) if any(count is not None for count in counts) else None
        for counts in (nulls, nans)
    )
    if smallest is None and largest is None and null_count is None:
        return None
    return {
        "min": arrow_value(type_, smallest),
        "max": arrow_value(type_, largest),
        "null_count": null_count,
        "nan_count": nan_count,
    }
