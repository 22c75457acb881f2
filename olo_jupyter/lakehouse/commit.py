"""Data files and the one commit that makes them visible.

Everything here works on one PyIceberg transaction. Files are written first and belong to no snapshot until the
commit; a write that fails takes its files away again. PyIceberg's own retry is not used: it would commit rows that
were computed from an older state of the table.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.io.pyarrow import bin_pack_arrow_table, bin_pack_record_batches, schema_to_pyarrow, write_file
from pyiceberg.manifest import (
    DataFile,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
)
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import CreateTableTransaction, Table, TableProperties, Transaction, WriteTask
from pyiceberg.table.refs import MAIN_BRANCH
from pyiceberg.table.snapshots import Operation, SnapshotSummaryCollector, Summary
from pyiceberg.table.update import AssertCreate, AssertTableUUID, TableRequirement
from pyiceberg.table.update.snapshot import _OverwriteFiles, _SnapshotProducer
from sqlalchemy.exc import SQLAlchemyError

from olo_jupyter.lakehouse.errors import QueryError

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.table.metadata import TableMetadata


class DataFiles:
    """Data files of one write, not yet in any snapshot.

    Args:
        metadata: The table as it will be after the commit: its schema, partitioning and properties shape the files.
        io: Where the files go.
    """

    def __init__(self, metadata: TableMetadata, io: FileIO) -> None:
        self.files: list[DataFile] = []
        self.rows = 0
        self._metadata = metadata
        self._io = io

    def write(self, rows: pa.RecordBatchReader, columns: Sequence[str]) -> None:
        """Write ``rows`` as Parquet.

        Args:
            rows: Batches whose columns stand for ``columns`` by position. Streamed for a table without partitions; a
                partitioned one holds them in memory (PyIceberg can't stream partitions).
            columns: Names of the table's columns, in any case; the others become NULL.

        Raises:
            QueryError: NULL for a NOT NULL column (``constraint-violation``), or a value that doesn't fit its column.
        """
        try:
            for task in self._tasks(_Fitted(self._metadata, columns).batches(rows)):
                self.files.extend(write_file(self._io, self._metadata, iter([task])))
        except BaseException:
            self.discard()
            raise
        self.rows = sum(file.record_count for file in self.files)

    def discard(self) -> None:
        """Delete the files. Only for files that no snapshot refers to."""
        for file in self.files:
            with suppress(OSError):
                self._io.delete(file.file_path)
        self.files = []

    def _tasks(self, batches: Iterator[pa.RecordBatch]) -> Iterator[WriteTask]:
        metadata, write_uuid, counter = self._metadata, uuid.uuid4(), itertools.count()
        target = int(
            metadata.properties.get(
                TableProperties.WRITE_TARGET_FILE_SIZE_BYTES, TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT
            )
        )
        if metadata.spec().is_unpartitioned():
            for packed in bin_pack_record_batches(batches, target):
                yield WriteTask(write_uuid, next(counter), metadata.schema(), packed)
            return
        table = pa.Table.from_batches(batches, schema_to_pyarrow(metadata.schema(), include_field_ids=False))
        for key, part in _partitions(metadata, table):
            for packed in bin_pack_arrow_table(part, target):
                yield WriteTask(write_uuid, next(counter), metadata.schema(), packed, partition_key=key)


class _Fitted:
    """Batches brought to a table's own Arrow schema: order, types, the columns that are left out, NOT NULL."""

    def __init__(self, metadata: TableMetadata, columns: Sequence[str]) -> None:
        self._schema = metadata.schema()
        self._target = schema_to_pyarrow(self._schema, include_field_ids=False)
        self._position = {name.lower(): position for position, name in enumerate(columns)}

    def batches(self, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        for batch in rows:
            if batch.num_rows:
                yield pa.RecordBatch.from_arrays(
                    [self._column(batch, field) for field in self._target], schema=self._target
                )

    def _column(self, batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
        position = self._position.get(field.name.lower())
        if position is None:
            array = pa.nulls(batch.num_rows, field.type)
        else:
            try:
                array = batch.column(position).cast(field.type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise QueryError(f"Column {field.name}: {error}", code="type-mismatch") from error
        if not field.nullable and array.null_count:
            raise QueryError(f"NULL value not allowed for NOT NULL column: {field.name}", code="constraint-violation")
        return array


def _partitions(metadata: TableMetadata, table: pa.Table) -> Iterator[tuple[PartitionKey, pa.Table]]:
    """The rows of each partition, by one sort: the cost doesn't grow with the number of partitions."""
    if not table.num_rows:
        return
    spec, schema = metadata.spec(), metadata.schema()
    keys = {}
    for position, field in enumerate(spec.fields):
        source = schema.find_field(field.source_id)
        array = table.column(schema.find_column_name(field.source_id))
        keys[str(position)] = field.transform.pyarrow_transform(source.field_type)(array)
    values = pa.table(keys)
    order = pc.sort_indices(values, sort_keys=[(name, "ascending") for name in keys])
    groups = values.take(order).group_by(list(keys), use_threads=False).aggregate([([], "count_all")])
    start = 0
    for group in groups.to_pylist():
        part = table.take(order.slice(start, group["count_all"]))
        start += group["count_all"]
        yield (
            PartitionKey(
                [PartitionFieldValue(field, group[str(position)]) for position, field in enumerate(spec.fields)],
                spec,
                schema,
            ),
            part,
        )


class _OldSpecs(_SnapshotProducer[Any]):
    """Manifests of files that were written by a partitioning on a column that is gone since."""

    def new_manifest_writer(self, spec: Any) -> Any:
        """As the base class; a manifest of old files is written with a schema that has the columns of their spec."""
        metadata = self._transaction.table_metadata
        wanted = {field.source_id for field in spec.fields}
        known = [self.schema(), *reversed(metadata.schemas)]
        schema = next((each for each in known if wanted <= set(each._lazy_id_to_field)), self.schema())
        return write_manifest(
            format_version=metadata.format_version,
            spec=spec,
            schema=schema,
            output_file=self.new_manifest_output(),
            snapshot_id=self.snapshot_id,
            avro_compression=self._compression,
        )


class Rewrite(_OldSpecs, _OverwriteFiles):
    """One snapshot in which some data files left a branch and others came.

    Raises:
        ValidationException: A file that should leave isn't in the branch.
    """

    def __init__(
        self,
        transaction: Transaction,
        io: FileIO,
        leaving: Iterable[DataFile],
        coming: Iterable[DataFile],
        branch: str = MAIN_BRANCH,
    ) -> None:
        leaving, coming = list(leaving), list(coming)
        operation = Operation.APPEND if not leaving else Operation.OVERWRITE if coming else Operation.DELETE
        super().__init__(operation, transaction, io, branch=branch)
        for file in leaving:
            self.delete_data_file(file)
        for file in coming:
            self.append_data_file(file)


class Replacement(_OldSpecs):
    """One snapshot whose rows are exactly the files given; its parent's files leave, the parent stays in history."""

    def __init__(
        self,
        transaction: Transaction,
        io: FileIO,
        operation: Operation = Operation.OVERWRITE,
        branch: str = MAIN_BRANCH,
    ) -> None:
        super().__init__(operation, transaction, io, branch=branch)
        parent = (
            transaction.table_metadata.snapshot_by_id(self._parent_snapshot_id) if self._parent_snapshot_id else None
        )
        self._before = parent.manifests(io) if parent else []

    def _existing_manifests(self) -> list[ManifestFile]:
        return []

    def _deleted_entries(self) -> list[ManifestEntry]:
        return [
            ManifestEntry.from_args(
                status=ManifestEntryStatus.DELETED,
                snapshot_id=self.snapshot_id,
                sequence_number=entry.sequence_number,
                file_sequence_number=entry.file_sequence_number,
                data_file=entry.data_file,
            )
            for manifest in self._before
            if manifest.content == ManifestContent.DATA
            for entry in manifest.fetch_manifest_entry(self._io, discard_deleted=True)
        ]

    def _summary(self, snapshot_properties: dict[str, str] | None = None) -> Summary:
        metadata = self._transaction.table_metadata
        collector = SnapshotSummaryCollector(partition_summary_limit=0)
        for file in self._added_data_files:
            collector.add_file(file, schema=metadata.schema(), partition_spec=metadata.spec())
        added = collector.build()
        parent = metadata.snapshot_by_id(self._parent_snapshot_id) if self._parent_snapshot_id else None
        before = parent.summary.additional_properties if parent and parent.summary else {}
        left = {
            deleted: before[total]
            for deleted, total in (("deleted-data-files", "total-data-files"), ("deleted-records", "total-records"))
            if before.get(total, "0") != "0"
        }
        totals = {
            "total-data-files": added.get("added-data-files", "0"),
            "total-records": added.get("added-records", "0"),
            "total-files-size": added.get("added-files-size", "0"),
            "total-delete-files": "0",
            "total-position-deletes": "0",
            "total-equality-deletes": "0",
        }
        return Summary(self._operation, **{**added, **left, **totals, **(snapshot_properties or {})})


def commit(transaction: Transaction, snapshot_id: int, files: DataFiles) -> None:
    """Commit all that is staged in ``transaction``, once; a catalog's fault leaves either all of it or none.

    Args:
        snapshot_id: The snapshot that the transaction makes: tells afterwards whether the commit arrived.
        files: Its data files; deleted when the catalog failed and the commit surely didn't arrive.

    Raises:
        CommitFailedException: Another writer was first; nothing is visible, the manifests are deleted, ``files`` stay.
        SQLAlchemyError, OSError: The catalog or its storage failed.
    """
    table: Table = transaction._table
    requirements: tuple[TableRequirement, ...] = (AssertCreate(),)
    if not isinstance(transaction, CreateTableTransaction):
        requirements = (*transaction._requirements, AssertTableUUID(uuid=table.metadata.table_uuid))
    try:
        table.catalog.commit_table(table, requirements, transaction._updates)
    except CommitFailedException:
        for producer in transaction._snapshot_producers:
            producer._clean_all_uncommitted()
        raise
    except (SQLAlchemyError, OSError):
        arrived = _arrived(table, snapshot_id)
        if arrived:
            return
        if arrived is False:
            files.discard()
        raise


def _arrived(table: Table, snapshot_id: int) -> bool | None:
    """Whether the catalog has the snapshot; None where it can't be asked."""
    try:
        return table.catalog.load_table(table.name()).snapshot_by_id(snapshot_id) is not None
    except NoSuchTableError:
        return False
    except (SQLAlchemyError, OSError):
        return None
