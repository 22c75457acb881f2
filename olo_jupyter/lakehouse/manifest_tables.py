"""``"t$manifests"`` and ``"t$all_manifests"``: the manifests of a snapshot, and of all snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.file_metrics import human
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type

if TYPE_CHECKING:
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.types import PrimitiveType

    from olo_jupyter.lakehouse.reading import PinnedTable

Row = dict[str, Any]

_FIRST = {
    "content": "integer",
    "path": "varchar",
    "length": "bigint",
    "partition_spec_id": "integer",
    "added_snapshot_id": "bigint",
}
_SUMMARIES = {
    "partition_summaries": "array(row(contains_null boolean, contains_nan boolean, lower_bound varchar, "
    "upper_bound varchar))"
}
_MANIFESTS = {
    **_FIRST,
    "added_data_files_count": "integer",
    "added_rows_count": "bigint",
    "existing_data_files_count": "integer",
    "existing_rows_count": "bigint",
    "deleted_data_files_count": "integer",
    "deleted_rows_count": "bigint",
    **_SUMMARIES,
}
_STATES = ("added", "existing", "deleted")
_ALL_MANIFESTS = {
    **_FIRST,
    **{f"{state}_{kind}_files_count": "integer" for kind in ("data", "delete") for state in _STATES},
    **_SUMMARIES,
    "reference_snapshot_id": "bigint",
}


def manifests_type(_: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$manifests"``."""
    return {name: parse_type(type_) for name, type_ in _MANIFESTS.items()}


def manifests(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$manifests"``: the manifests of the pinned snapshot."""
    if pinned.snapshot is None:
        return
    for manifest in pinned.snapshot.manifests(pinned.table.io):
        row = _row(pinned, manifest)
        for state in _STATES:
            row[f"{state}_data_files_count"] = getattr(manifest, f"{state}_files_count")
            row[f"{state}_rows_count"] = getattr(manifest, f"{state}_rows_count")
        yield row


def all_manifests_type(_: PinnedTable) -> dict[str, TrinoType]:
    """The columns of ``"t$all_manifests"``."""
    return {name: parse_type(type_) for name, type_ in _ALL_MANIFESTS.items()}


def all_manifests(pinned: PinnedTable) -> Iterator[Row]:
    """The rows of ``"t$all_manifests"``: the manifests of each snapshot that the table has."""
    from pyiceberg.manifest import ManifestContent

    for snapshot in pinned.table.metadata.snapshots:
        for manifest in snapshot.manifests(pinned.table.io):
            row = _row(pinned, manifest)
            for state in _STATES:
                count = getattr(manifest, f"{state}_files_count")
                data = manifest.content == ManifestContent.DATA
                row[f"{state}_data_files_count"] = count if data else 0
                row[f"{state}_delete_files_count"] = 0 if data else count
            yield {**row, "reference_snapshot_id": snapshot.snapshot_id}


def _row(pinned: PinnedTable, manifest: ManifestFile) -> Row:
    return {
        "content": int(manifest.content),
        "path": manifest.manifest_path,
        "length": manifest.manifest_length,
        "partition_spec_id": manifest.partition_spec_id,
        "added_snapshot_id": manifest.added_snapshot_id,
        "partition_summaries": list(_summaries(pinned, manifest)),
    }


def _summaries(pinned: PinnedTable, manifest: ManifestFile) -> Iterator[Row]:
    from pyiceberg.conversions import from_bytes
    from pyiceberg.transforms import IdentityTransform

    # An old partitioning may be by a column that only an old schema has.
    types = {
        id_: field.field_type
        for schema in pinned.table.metadata.schemas
        for id_, field in schema._lazy_id_to_field.items()
    }
    types |= {id_: field.field_type for id_, field in pinned.table.schema()._lazy_id_to_field.items()}
    spec = pinned.table.metadata.specs()[manifest.partition_spec_id]
    for field, summary in zip(spec.fields, manifest.partitions or [], strict=False):
        source = types[field.source_id]
        type_: Any = field.transform.result_type(source)

        def text(bound: bytes | None, field: Any = field, source: Any = source, type_: Any = type_) -> str:
            if bound is None:
                return "null"  # Iceberg's own word for it, in Trino too
            if isinstance(field.transform, IdentityTransform):
                return human(type_, bound)
            return str(field.transform.to_human_string(source, from_bytes(_primitive(type_), bound)))

        yield {
            "contains_null": summary.contains_null,
            "contains_nan": summary.contains_nan,
            "lower_bound": text(summary.lower_bound),
            "upper_bound": text(summary.upper_bound),
        }


def _primitive(type_: Any) -> PrimitiveType:
    from pyiceberg.types import PrimitiveType

    assert isinstance(type_, PrimitiveType)
    return type_
