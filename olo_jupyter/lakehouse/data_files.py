"""The data files of a snapshot that a read needs, each with the delete files that hold for it.

Which deletes hold for which file is Iceberg's rule: those of the same partition (by key and without partitioning: all),
written later than the file (positions: not earlier). PyIceberg 0.12 plans no equality deletes, leaves out
delete files by their own statistics, and doesn't tell which part of a Puffin file a deletion vector is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.errors import Unsupported

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile, ManifestEntry, ManifestFile
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.snapshots import Snapshot

_PATH_FIELD = 2147483546
"""Reserved field id of the path in position delete files."""
_MANIFEST_ROW_ID = 520
Partition = tuple[int, Any]


@dataclass(frozen=True, eq=False)
class DeleteFile:
    """A delete file: of positions, of keys, or one vector in a Puffin file.

    Args:
        equality_ids: The fields of the keys; empty for positions.
        everywhere: The keys hold in all partitions.
        referenced: The only data file that it is about, if there is one.
        extent: The vector's offset and length.
    """

    file: DataFile
    sequence: int
    equality_ids: tuple[int, ...]
    everywhere: bool
    referenced: str | None
    extent: tuple[int, int] | None

    @property
    def partition(self) -> Partition:
        """The partitioning of the file and its values."""
        return _partition(self.file)


@dataclass(frozen=True, eq=False)
class DataTask:
    """A data file to read, and the delete files that hold for it."""

    file: DataFile
    sequence: int
    positions: tuple[DeleteFile, ...] = ()
    keys: tuple[DeleteFile, ...] = ()

    @property
    def delete_files(self) -> tuple[DeleteFile, ...]:
        """All deletes that hold for it."""
        return (*self.positions, *self.keys)

    @property
    def partition(self) -> Partition:
        """The partitioning of the file and its values."""
        return _partition(self.file)


def _partition(file: DataFile) -> Partition:
    """The partitioning of a file and its values, hashable."""
    return file.spec_id, file.partition


def read_entries(manifest: ManifestFile, io: FileIO, *, discard_deleted: bool = True) -> Iterator[ManifestEntry]:
    """The entries of a manifest, with all fields up to format version 3 (see :func:`extra`)."""
    from pyiceberg.avro.file import AvroFile
    from pyiceberg.manifest import (
        MANIFEST_ENTRY_SCHEMAS,
        DataFile,
        DataFileContent,
        FileFormat,
        ManifestEntry,
        ManifestEntryStatus,
        _inherit_from_manifest,
    )

    with AvroFile[ManifestEntry](
        io.new_input(manifest.manifest_path),
        MANIFEST_ENTRY_SCHEMAS[3],
        read_types={-1: ManifestEntry, 2: DataFile},
        read_enums={0: ManifestEntryStatus, 101: FileFormat, 134: DataFileContent},
    ) as reader:
        for entry in reader:
            if not discard_deleted or entry.status != ManifestEntryStatus.DELETED:
                yield _inherit_from_manifest(entry, manifest)


def manifest_row_ids(snapshot: Snapshot, io: FileIO) -> dict[str, int]:
    """The first row id of each manifest of a snapshot (format version 3), by path."""
    from pyiceberg.avro.file import AvroFile
    from pyiceberg.manifest import MANIFEST_LIST_FILE_SCHEMAS, ManifestContent, ManifestFile, PartitionFieldSummary

    schema = MANIFEST_LIST_FILE_SCHEMAS[3]
    position = next(at for at, field in enumerate(schema.fields) if field.field_id == _MANIFEST_ROW_ID)
    with AvroFile[ManifestFile](
        io.new_input(snapshot.manifest_list),
        schema,
        read_types={-1: ManifestFile, 508: PartitionFieldSummary},
        read_enums={517: ManifestContent},
    ) as reader:
        return {file.manifest_path: file._data[position] for file in reader if file._data[position] is not None}


def extra(file: DataFile, name: str) -> Any:
    """A field of format version 3 of a file from :func:`read_entries`, None where it isn't set.

    Args:
        name: ``first_row_id``, ``referenced_data_file``, ``content_offset`` or ``content_size_in_bytes``.
    """
    from pyiceberg.manifest import DATA_FILE_TYPE

    position = next(at for at, field in enumerate(DATA_FILE_TYPE[3].fields) if field.name == name)
    return file._data[position] if position < len(file._data) else None


class ManifestReader:
    """Reads the entries of manifests and keeps those of the last ones: a manifest never changes.

    Args:
        entries: How many are kept at most.
    """

    def __init__(self, entries: int = 20_000) -> None:
        self._room = entries
        self._kept: OrderedDict[str, tuple[ManifestEntry, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, manifest: ManifestFile, io: FileIO) -> tuple[ManifestEntry, ...]:
        """The entries of a manifest that are alive."""
        path = manifest.manifest_path
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
                return self._kept[path]
        found = tuple(read_entries(manifest, io))
        with self._lock:
            self._kept[path] = found
            while sum(map(len, self._kept.values())) > self._room:
                self._kept.popitem(last=False)
        return found


def plan_tasks(
    metadata: TableMetadata,
    io: FileIO,
    manifests: Iterable[ManifestFile],
    wanted: BooleanExpression,
    read: ManifestReader,
) -> tuple[DataTask, ...]:
    """The data files that can hold a row that ``wanted`` lets through, with the deletes that hold for them.

    Args:
        metadata: The table, with the columns that ``wanted`` names as its current ones.
        io: Reads the manifests.
        manifests: Those of the snapshot.
        wanted: As :func:`~olo_jupyter.lakehouse.pruning.row_filter` gives it.
        read: Reads them.

    Raises:
        FileNotFoundError: A manifest is gone.
    """
    from concurrent.futures import ThreadPoolExecutor

    from pyiceberg.manifest import ManifestContent
    from pyiceberg.table import ManifestGroupPlanner

    planner = ManifestGroupPlanner(metadata, io, wanted)
    matches = planner._build_metrics_evaluator()
    in_partition = {spec: planner._build_partition_evaluator(spec) for spec in metadata.specs()}
    may_hold = {spec: planner._build_manifest_evaluator(spec) for spec in metadata.specs()}

    def entries(manifest: ManifestFile) -> list[ManifestEntry]:
        data = manifest.content == ManifestContent.DATA
        return [
            entry
            for entry in read(manifest, io)
            # The statistics of a delete file tell of the rows in it, not of the rows that it deletes.
            if in_partition[manifest.partition_spec_id](entry.data_file) and (not data or matches(entry.data_file))
        ]

    chosen = [manifest for manifest in manifests if may_hold[manifest.partition_spec_id](manifest)]
    with ThreadPoolExecutor(4, "olo-manifests") as pool:
        found = [entry for group in pool.map(entries, chosen) for entry in group]
    return _with_deletes(found, metadata)


def _with_deletes(entries: Iterable[ManifestEntry], metadata: TableMetadata) -> tuple[DataTask, ...]:
    from pyiceberg.manifest import DataFileContent

    data: list[ManifestEntry] = []
    by_path: dict[str, list[DeleteFile]] = defaultdict(list)
    by_partition: dict[Partition, list[DeleteFile]] = defaultdict(list)
    keys: dict[Partition | None, list[DeleteFile]] = defaultdict(list)
    for entry in entries:
        file = entry.data_file
        if file.content == DataFileContent.DATA:
            data.append(entry)
            continue
        delete = _delete_file(entry, everywhere=not metadata.specs()[file.spec_id].fields)
        if delete.equality_ids:
            keys[None if delete.everywhere else delete.partition].append(delete)
        elif delete.referenced is not None:
            by_path[delete.referenced].append(delete)
        else:
            by_partition[_partition(file)].append(delete)
    if not (by_path or by_partition or keys):
        return tuple(DataTask(entry.data_file, entry.sequence_number or 0) for entry in data)
    tasks = []
    for entry in data:
        file, sequence = entry.data_file, entry.sequence_number or 0
        positions = [*by_path.get(file.file_path, ()), *by_partition.get(_partition(file), ())]
        of_keys = [*keys.get(None, ()), *keys.get(_partition(file), ())]
        tasks.append(
            DataTask(
                file,
                sequence,
                tuple(delete for delete in positions if delete.sequence >= sequence),
                tuple(delete for delete in of_keys if delete.sequence > sequence),
            )
        )
    return tuple(tasks)


def _delete_file(entry: ManifestEntry, *, everywhere: bool) -> DeleteFile:
    from pyiceberg.manifest import DataFileContent, FileFormat

    file = entry.data_file
    ids = tuple(file.equality_ids or ()) if file.content == DataFileContent.EQUALITY_DELETES else ()
    if file.content == DataFileContent.EQUALITY_DELETES and not ids:
        raise Unsupported(f"The delete file {file.file_path} doesn't say by which columns it deletes.")
    extent = None
    if file.file_format == FileFormat.PUFFIN:
        extent = (extra(file, "content_offset"), extra(file, "content_size_in_bytes"))
        if None in extent:
            raise Unsupported(f"The deletion vector in {file.file_path} has no place in the file.")
    return DeleteFile(file, entry.sequence_number or 0, ids, everywhere, _referenced(file), extent)


def _referenced(file: DataFile) -> str | None:
    """The one data file that position deletes are about: as they say, or as the bounds of their paths do."""
    named = extra(file, "referenced_data_file")
    if named is not None:
        return str(named)
    lower = (file.lower_bounds or {}).get(_PATH_FIELD)
    upper = (file.upper_bounds or {}).get(_PATH_FIELD)
    # Writers shorten bounds, and a shortened upper bound differs from the lower one: equal ones are whole.
    return lower.decode() if lower is not None and lower == upper else None
