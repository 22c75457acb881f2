"""What a write does to a table's snapshots, and the one commit that makes it visible.

Everything here works on one PyIceberg transaction. PyIceberg's own retry is not used: it would commit rows that were
computed from an older state of the table.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.manifest import (
    DataFile,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    write_manifest,
)
from pyiceberg.table import CreateTableTransaction, Table, Transaction
from pyiceberg.table.refs import MAIN_BRANCH
from pyiceberg.table.snapshots import Operation, SnapshotSummaryCollector, Summary
from pyiceberg.table.update import AssertCreate, AssertTableUUID, TableRequirement
from pyiceberg.table.update.snapshot import _SnapshotProducer
from pyiceberg.utils.concurrent import ExecutorFactory
from sqlalchemy.exc import SQLAlchemyError

from olo_jupyter.lakehouse.data_writer import DataFiles

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata


class _Staged(Transaction):
    """A transaction that makes the metadata with its changes once a change; PyIceberg's makes a deep copy each time."""

    _made: tuple[int, TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        if self._made is None or self._made[0] != len(self._updates):
            self._made = len(self._updates), super().table_metadata
        return self._made[1]


def begin(table: Table) -> Transaction:
    """A transaction on ``table``, to be committed by :func:`commit`."""
    return _Staged(table)


class _Producer(_SnapshotProducer[Any]):
    """What the producers below share: they take files out of the snapshot that the branch has."""

    @cached_property
    def _parent_manifests(self) -> list[ManifestFile]:
        parent = self._transaction.table_metadata.snapshot_by_name(self._target_branch)
        return parent.manifests(self._io) if parent else []

    @staticmethod
    def _marked(entry: ManifestEntry, status: ManifestEntryStatus, snapshot_id: int | None) -> ManifestEntry:
        return ManifestEntry.from_args(
            status=status,
            snapshot_id=snapshot_id,
            sequence_number=entry.sequence_number,
            file_sequence_number=entry.file_sequence_number,
            data_file=entry.data_file,
        )

    def new_manifest_writer(self, spec: Any) -> Any:
        """As the base class; where a spec is by a column that is gone, with a schema that has it."""
        return write_manifest(
            format_version=self._transaction.table_metadata.format_version,
            spec=spec,
            schema=self.schema_for(spec),
            output_file=self.new_manifest_output(),
            snapshot_id=self.snapshot_id,
            avro_compression=self._compression,
        )

    def schema_for(self, spec: Any) -> Schema:
        """The newest schema that has all columns of a partitioning."""
        wanted = {field.source_id for field in spec.fields}
        known = [self.schema(), *reversed(self._transaction.table_metadata.schemas)]
        return next((each for each in known if wanted <= set(each._lazy_id_to_field)), self.schema())


class Rewrite(_Producer):
    """One snapshot in which some data files left a branch and others came.

    PyIceberg's own producer looks for the files by their partitions, and can't where a partitioning is by a column that
    is gone since. This one reads the manifests of the partitionings that the files have.

    Args:
        leaving: Data files of the branch.
        coming: New ones.
        sequences: The sequence numbers of ``leaving`` where they are known: manifests without them aren't read.

    Raises:
        ValueError: A file that should leave isn't in the branch.
    """

    def __init__(
        self,
        transaction: Transaction,
        io: FileIO,
        leaving: Iterable[DataFile],
        coming: Iterable[DataFile],
        branch: str = MAIN_BRANCH,
        sequences: Iterable[int] | None = None,
    ) -> None:
        leaving, coming = list(leaving), list(coming)
        self._sequences = None if sequences is None else set(sequences)
        operation = Operation.APPEND if not leaving else Operation.OVERWRITE if coming else Operation.DELETE
        super().__init__(operation, transaction, io, branch=branch)
        for file in leaving:
            self.delete_data_file(file)
        for file in coming:
            self.append_data_file(file)

    def _build_delete_files_partition_predicate(self) -> None:
        """Not needed: see the class."""

    def _existing_manifests(self) -> list[ManifestFile]:
        kept = []
        for manifest, entries in self._parent_entries:
            staying = [entry for entry in entries if entry.data_file not in self._deleted_data_files]
            if len(staying) == len(entries):
                kept.append(manifest)
            elif staying:
                with self.new_manifest_writer(self.spec(manifest.partition_spec_id)) as writer:
                    for entry in staying:
                        writer.add_entry(self._marked(entry, ManifestEntryStatus.EXISTING, entry.snapshot_id))
                kept.append(writer.to_manifest_file())
        return kept

    def _deleted_entries(self) -> list[ManifestEntry]:
        gone = [
            self._marked(entry, ManifestEntryStatus.DELETED, self.snapshot_id)
            for _, entries in self._parent_entries
            for entry in entries
            if entry.data_file in self._deleted_data_files
        ]
        if len(gone) != len(self._deleted_data_files):
            raise ValueError("A data file that should leave isn't in the branch.")
        return gone

    @cached_property
    def _parent_entries(self) -> list[tuple[ManifestFile, list[ManifestEntry]]]:
        """The parent's manifests; with the entries of those that may have a leaving file."""
        specs = {file.spec_id for file in self._deleted_data_files}

        def read(manifest: ManifestFile) -> tuple[ManifestFile, list[ManifestEntry]]:
            if manifest.content != ManifestContent.DATA or manifest.partition_spec_id not in specs:
                return manifest, []
            if self._sequences is not None and not any(
                (manifest.min_sequence_number or 0) <= each <= (manifest.sequence_number or 0)
                for each in self._sequences
            ):
                return manifest, []
            return manifest, manifest.fetch_manifest_entry(self._io, discard_deleted=True)

        return list(ExecutorFactory.get_or_create().map(read, self._parent_manifests))


class Replacement(_Producer):
    """One snapshot whose rows are exactly the files given; its parent's files leave, the parent stays in history."""

    def __init__(
        self,
        transaction: Transaction,
        io: FileIO,
        operation: Operation = Operation.OVERWRITE,
        branch: str = MAIN_BRANCH,
    ) -> None:
        super().__init__(operation, transaction, io, branch=branch)

    def _existing_manifests(self) -> list[ManifestFile]:
        return []

    def _deleted_entries(self) -> list[ManifestEntry]:
        return [
            self._marked(entry, ManifestEntryStatus.DELETED, self.snapshot_id)
            for manifest in self._parent_manifests
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
