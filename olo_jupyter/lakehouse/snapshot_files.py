"""The metadata tables about the files of a snapshot: ``"t$manifests"``, ``"t$files"`` and ``"t$partitions"``.

Each is a function that gives the columns (name and Trino type) and one that gives the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile, ManifestEntry
    from pyiceberg.partitioning import PartitionField
    from pyiceberg.types import IcebergType, NestedField, PrimitiveType

    from olo_jupyter.lakehouse.reading import PinnedTable

Row = dict[str, Any]

_MANIFESTS = {
    "path": "varchar",
    "length": "bigint",
    "partition_spec_id": "integer",
    "added_snapshot_id": "bigint",
    "added_data_files_count": "integer",
    "added_rows_count": "bigint",
    "existing_data_files_count": "integer",
    "existing_rows_count": "bigint",
    "deleted_data_files_count": "integer",
    "deleted_rows_count": "bigint",
    "partition_summaries": "array(row(contains_null boolean, contains_nan boolean, lower_bound varchar, "
    "upper_bound varchar))",
}


def manifests_type(_: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$manifests"``."""
    return {name: parse_type(type_) for name, type_ in _MANIFESTS.items()}


def manifests(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$manifests"``: the manifests of the pinned snapshot."""
    from pyiceberg.conversions import from_bytes

    if pinned.snapshot is None:
        return
    specs = pinned.table.metadata.specs()
    # An old partitioning may be by a column that only an old schema has.
    types = {
        id_: field.field_type
        for schema in pinned.table.metadata.schemas
        for id_, field in schema._lazy_id_to_field.items()
    }
    types |= {id_: field.field_type for id_, field in pinned.table.schema()._lazy_id_to_field.items()}
    for manifest in pinned.snapshot.manifests(pinned.table.io):
        spec = specs[manifest.partition_spec_id]
        summaries = []
        for field, summary in zip(spec.fields, manifest.partitions or [], strict=False):
            source = types[field.source_id]
            type_ = field.transform.result_type(source)
            lower, upper = (
                None if bound is None else field.transform.to_human_string(source, from_bytes(_primitive(type_), bound))
                for bound in (summary.lower_bound, summary.upper_bound)
            )
            summaries.append(
                {
                    "contains_null": summary.contains_null,
                    "contains_nan": summary.contains_nan,
                    "lower_bound": lower,
                    "upper_bound": upper,
                }
            )
        yield {
            "path": manifest.manifest_path,
            "length": manifest.manifest_length,
            "partition_spec_id": manifest.partition_spec_id,
            "added_snapshot_id": manifest.added_snapshot_id,
            "added_data_files_count": manifest.added_files_count,
            "added_rows_count": manifest.added_rows_count,
            "existing_data_files_count": manifest.existing_files_count,
            "existing_rows_count": manifest.existing_rows_count,
            "deleted_data_files_count": manifest.deleted_files_count,
            "deleted_rows_count": manifest.deleted_rows_count,
            "partition_summaries": summaries,
        }


def _entries(pinned: PinnedTable) -> Iterator[ManifestEntry]:
    if pinned.snapshot is not None:
        io = pinned.table.io
        for manifest in pinned.snapshot.manifests(io):
            yield from manifest.fetch_manifest_entry(io, discard_deleted=True)


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
    return {field.name: _value(type_, by_id.get(field.field_id)) for field, type_ in _partition_fields(pinned)}


def _primitive(type_: IcebergType) -> PrimitiveType:
    from pyiceberg.types import PrimitiveType

    assert isinstance(type_, PrimitiveType)
    return type_


def _value(type_: PrimitiveType, value: Any) -> Any:
    """A value of a partition or bound as pyarrow takes it."""
    from pyiceberg.types import UUIDType

    return str(value) if isinstance(type_, UUIDType) and value is not None else value


_FILE_COUNTS = ("column_sizes", "value_counts", "null_value_counts", "nan_value_counts")


def files_type(pinned: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$files"``; ``partition`` only where the table is, or was, partitioned."""
    counts = parse_type("map(integer, bigint)")
    bounds = parse_type("map(integer, varchar)")
    first = {"content": "integer", "file_path": "varchar", "file_format": "varchar", "spec_id": "integer"}
    return {
        **{name: parse_type(type_) for name, type_ in first.items()},
        **_partition_type(pinned),
        "record_count": parse_type("bigint"),
        "file_size_in_bytes": parse_type("bigint"),
        **dict.fromkeys(_FILE_COUNTS, counts),
        "lower_bounds": bounds,
        "upper_bounds": bounds,
        "key_metadata": parse_type("varbinary"),
        "split_offsets": parse_type("array(bigint)"),
        "equality_ids": parse_type("array(integer)"),
        "sort_order_id": parse_type("integer"),
    }


def files(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$files"``: data and delete files of the pinned snapshot."""
    partitioned = bool(_partition_fields(pinned))
    for entry in _entries(pinned):
        file = entry.data_file
        row: Row = {
            "content": file.content.value,
            "file_path": file.file_path,
            "file_format": file.file_format.value,
            "spec_id": file.spec_id,
            "record_count": file.record_count,
            "file_size_in_bytes": file.file_size_in_bytes,
            "lower_bounds": _readable(pinned, file.lower_bounds),
            "upper_bounds": _readable(pinned, file.upper_bounds),
            "key_metadata": file.key_metadata,
            "split_offsets": file.split_offsets,
            "equality_ids": file.equality_ids,
            "sort_order_id": file.sort_order_id,
        }
        for name in _FILE_COUNTS:
            counts = getattr(file, name)
            row[name] = None if counts is None else list(counts.items())
        if partitioned:
            row["partition"] = _partition(pinned, file)
        yield row


def _readable(pinned: PinnedTable, bounds: Mapping[int, bytes] | None) -> list[tuple[int, str]] | None:
    from pyiceberg.conversions import from_bytes
    from pyiceberg.transforms import IdentityTransform
    from pyiceberg.types import PrimitiveType

    if bounds is None:
        return None
    table_schema = pinned.table.schema()
    known = set(table_schema.field_ids)
    readable = []
    for field_id, bound in bounds.items():
        type_ = table_schema.find_type(field_id) if field_id in known else None
        if isinstance(type_, PrimitiveType):
            text = IdentityTransform[Any]().to_human_string(type_, from_bytes(type_, bound))
            readable.append((field_id, text))
    return readable


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
    """The rows of ``"t$partitions"``: one for each partition (one in all without partitioning), data files only."""
    from pyiceberg.manifest import DataFileContent

    groups: dict[str, tuple[Row, list[DataFile]]] = {}
    for entry in _entries(pinned):
        if entry.data_file.content == DataFileContent.DATA:
            partition = _partition(pinned, entry.data_file)
            groups.setdefault(repr(partition), (partition, []))[1].append(entry.data_file)
    columns = _measured(pinned)
    for partition, files in groups.values():
        row: Row = {
            "record_count": sum(file.record_count for file in files),
            "file_count": len(files),
            "total_size": sum(file.file_size_in_bytes for file in files),
            "data": {field.name: _figures(field, files) for field in columns},
        }
        yield {"partition": partition, **row} if partition else row


def _figures(field: NestedField, files: Iterable[DataFile]) -> Row | None:
    """Smallest, largest and missing values over ``files``; a figure that one of them lacks is NULL."""
    from pyiceberg.conversions import from_bytes

    id_, type_ = field.field_id, _primitive(field.field_type)
    lowers, uppers, nulls, nans = [], [], [], []
    for file in files:
        lowers.append((file.lower_bounds or {}).get(id_))
        uppers.append((file.upper_bounds or {}).get(id_))
        nulls.append((file.null_value_counts or {}).get(id_))
        nans.append((file.nan_value_counts or {}).get(id_))
    smallest = None if None in lowers else min(from_bytes(type_, bound) for bound in lowers if bound is not None)
    largest = None if None in uppers else max(from_bytes(type_, bound) for bound in uppers if bound is not None)
    null_count = None if None in nulls else sum(count for count in nulls if count is not None)
    if smallest is None and largest is None and null_count is None:
        return None
    return {
        "min": _value(type_, smallest),
        "max": _value(type_, largest),
        "null_count": null_count,
        "nan_count": None if None in nans else sum(count for count in nans if count is not None),
    }
