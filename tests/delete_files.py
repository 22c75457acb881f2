"""Delete files that no engine here writes easily: rows of Parquet, committed by hand through PyIceberg's manifests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io import FileIO
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV2,
    manifest_entry_schema_with_data_file,
)
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _FastAppendFiles
from pyiceberg.typedef import Record, TableVersion
from pyiceberg.types import IntegerType, ListType, StructType


def keyed(rows: pa.Table, **ids: int) -> pa.Table:
    """``rows`` with the field ids that a delete file by key needs."""
    fields = [field.with_metadata({"PARQUET:field_id": str(ids[field.name])}) for field in rows.schema]
    return rows.cast(pa.schema(fields))


def commit_deletes(
    table: Table,
    rows: pa.Table,
    content: DataFileContent,
    folder: Path,
    equality_ids: list[int] | None = None,
    partition: Record | None = None,
    spec_id: int = 0,
) -> None:
    """Commit a delete file as a snapshot of its own.

    Args:
        rows: Positions have the columns file_path and pos; keys are :func:`keyed`.
        folder: Where the file goes.
        partition: The partition that it holds for, by the table's partitioning ``spec_id``.
    """
    path = folder / f"deletes-{uuid.uuid4()}.parquet"
    pq.write_table(rows, path)
    file = DataFile.from_args(
        content=content,
        file_path=f"file://{path}",
        file_format=FileFormat.PARQUET,
        partition=partition or Record(),
        record_count=rows.num_rows,
        file_size_in_bytes=path.stat().st_size,
        equality_ids=equality_ids,
        lower_bounds=_path_bound(rows, min),
        upper_bounds=_path_bound(rows, max),
    )
    file.spec_id = spec_id
    with table.transaction() as transaction, _AddDeletes(transaction, table.io, file):
        pass
    table.refresh()


def _path_bound(rows: pa.Table, choose: Callable[[list[str]], str]) -> dict[int, bytes]:
    """Bounds of a position delete file's paths (a reserved field id): they say which data files it is about."""
    return {2147483546: choose(rows["file_path"].to_pylist()).encode()} if "file_path" in rows.column_names else {}


class _DeleteManifest(ManifestWriterV2):
    def _with_partition(self, format_version: TableVersion) -> Schema:
        """PyIceberg writes the ids of the key's fields as long; Iceberg's spec, and every other reader, wants int."""
        (file,) = (field for field in super()._with_partition(format_version).fields if field.name == "data_file")
        assert isinstance(file.field_type, StructType)
        ints = [
            field.model_copy(update={"field_type": ListType(136, IntegerType(), element_required=True)})
            if field.name == "equality_ids"
            else field
            for field in file.field_type.fields
        ]
        return manifest_entry_schema_with_data_file(format_version, StructType(*ints))

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _AddDeletes(_FastAppendFiles):
    def __init__(self, transaction: Transaction, io: FileIO, file: DataFile) -> None:
        super().__init__(Operation.DELETE, transaction, io)
        self._file = file

    def _existing_manifests(self) -> list[ManifestFile]:
        spec = self.spec(self._file.spec_id)
        writer = _DeleteManifest(spec, self.schema(), self.new_manifest_output(), self.snapshot_id, self._compression)
        with writer:
            writer.add(
                ManifestEntry.from_args(
                    status=ManifestEntryStatus.ADDED, snapshot_id=self.snapshot_id, data_file=self._file
                )
            )
        return [*super()._existing_manifests(), writer.to_manifest_file()]
