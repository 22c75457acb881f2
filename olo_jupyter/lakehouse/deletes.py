"""The rows that delete files delete, as Arrow tables that a scan leaves out: by position and by key."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.file_rows import FileReader

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.types import NestedField

    from olo_jupyter.lakehouse.data_files import DataTask, DeleteFile, Partition

POSITIONS = pa.schema([("file", pa.int64()), ("row", pa.int64())])
_VECTOR_MAGIC = b"\xd1\xd3\x39\x64"
_PATH, _POSITION = 2147483546, 2147483545


@dataclass(frozen=True)
class KeyDeletes:
    """Delete files that delete by the same fields: everywhere, or each in its own partition."""

    fields: tuple[NestedField, ...]
    everywhere: bool
    files: tuple[DeleteFile, ...]


def deleted_positions(tasks: Sequence[DataTask], io: FileIO, read: FileReader) -> pa.Table:
    """The deleted rows of ``tasks``: number of the task, and position in its file; see :data:`POSITIONS`."""
    holders: dict[int, tuple[DeleteFile, list[int]]] = {}
    for number, task in enumerate(tasks):
        for delete in task.positions:
            holders.setdefault(id(delete), (delete, []))[1].append(number)
    parts = [_positions(delete, numbers, tasks, io, read) for delete, numbers in holders.values()]
    return pa.concat_tables(parts) if parts else POSITIONS.empty_table()


def _positions(
    delete: DeleteFile, numbers: list[int], tasks: Sequence[DataTask], io: FileIO, read: FileReader
) -> pa.Table:
    if delete.extent is not None:
        rows = _vector(delete, io)
        return pa.table([pa.array([numbers[0]] * len(rows), pa.int64()), rows], schema=POSITIONS)
    paths = pa.array([tasks[number].file.file_path for number in numbers])
    parts = []
    for batch in _paths_and_positions(delete.file, io, read):
        at = pc.index_in(batch.column(0).cast(pa.string()), value_set=paths)
        files = pa.array(numbers, pa.int64()).take(at)
        parts.append(pa.table([files, batch.column(1)], schema=POSITIONS).filter(files.is_valid()))
    return pa.concat_tables(parts) if parts else POSITIONS.empty_table()


def _paths_and_positions(file: DataFile, io: FileIO, read: FileReader) -> Iterator[pa.RecordBatch]:
    """The rows of a position delete file. Iceberg's spec fixes the names of its columns: field ids may be missing."""
    from pyiceberg.manifest import FileFormat
    from pyiceberg.types import LongType, NestedField, StringType

    names = ["file_path", "pos"]
    match file.file_format:
        case FileFormat.PARQUET:
            import pyarrow.parquet as pq

            with io.new_input(file.file_path).open() as stream:
                yield from pq.ParquetFile(stream).iter_batches(columns=names)
        case FileFormat.ORC:
            from pyarrow import orc

            with io.new_input(file.file_path).open() as stream:
                yield from orc.ORCFile(stream).read(columns=names).select(names).to_batches()
        case _:
            types = (StringType(), LongType())
            ids = (_PATH, _POSITION)
            yield from read(file, [NestedField(*of, required=True) for of in zip(ids, names, types, strict=True)])


def _vector(delete: DeleteFile, io: FileIO) -> pa.Array:
    """The positions in a deletion vector: length, magic, a portable 64-bit Roaring bitmap, CRC (Iceberg's spec)."""
    from pyroaring import BitMap64

    assert delete.extent is not None
    offset, size = delete.extent
    with io.new_input(delete.file.file_path).open() as stream:
        stream.seek(offset)
        blob = stream.read(size)
    length = int.from_bytes(blob[:4], "big")
    vector, checksum = blob[4 : 4 + length], blob[4 + length : 8 + length]
    if vector[:4] != _VECTOR_MAGIC or zlib.crc32(vector) != int.from_bytes(checksum, "big"):
        raise QueryError(
            f"The deletion vector at {offset} in {delete.file.file_path} is damaged.", code="iceberg-bad-data"
        )
    return pa.array(BitMap64.deserialize(vector[4:]).to_array(), pa.int64())


def key_deletes(tasks: Iterable[DataTask], field_of: Callable[[int], NestedField]) -> list[KeyDeletes]:
    """The deletes by key that hold for any of ``tasks``, gathered by their fields.

    Args:
        tasks: What is read.
        field_of: The column of a field id.

    Raises:
        Unsupported: A key that can't be compared faithfully.
    """
    gathered: dict[tuple[tuple[int, ...], bool], dict[int, DeleteFile]] = defaultdict(dict)
    for task in tasks:
        for delete in task.keys:
            gathered[tuple(sorted(delete.equality_ids)), delete.everywhere][id(delete)] = delete
    return [
        KeyDeletes(tuple(_comparable(field_of(id_)) for id_ in ids), everywhere, tuple(deletes.values()))
        for (ids, everywhere), deletes in gathered.items()
    ]


def partition_numbers(tasks: Iterable[DataTask]) -> dict[Partition, int]:
    """A number for each partition of ``tasks``."""
    return {partition: number for number, partition in enumerate(dict.fromkeys(task.partition for task in tasks))}


def file_ages(tasks: Sequence[DataTask]) -> pa.Table:
    """What deletes by key need to know of each of ``tasks``: its index, its sequence number, its partition's number."""
    numbers = partition_numbers(tasks)
    return pa.table(
        {
            "file": pa.array(range(len(tasks)), pa.int64()),
            "sequence": pa.array([task.sequence for task in tasks], pa.int64()),
            "part": pa.array([numbers[task.partition] for task in tasks], pa.int64()),
        }
    )


def _comparable(field: NestedField) -> NestedField:
    from pyiceberg.types import DoubleType, FloatType

    if not field.field_type.is_primitive or isinstance(field.field_type, FloatType | DoubleType):
        raise Unsupported(
            f"Rows were deleted by equality of the column {field.name} ({field.field_type}); the embedded engine can't "
            "tell equal values of that type as the writer did.",
            hint="Run the statement with --engine trino, or compact the table (ALTER TABLE … EXECUTE optimize).",
        )
    return field


def key_rows(deletes: KeyDeletes, tasks: Sequence[DataTask], read: FileReader) -> Iterator[pa.RecordBatch]:
    """The deleted keys with, as the last columns, the delete file's sequence number and its partition's number."""
    numbers = partition_numbers(tasks)
    for delete in deletes.files:
        for batch in read(delete.file, deletes.fields):
            ages = (delete.sequence, numbers.get(delete.partition))
            for name, value in zip(("sequence", "part"), ages, strict=True):
                batch = batch.append_column(name, pa.array([value] * batch.num_rows, pa.int64()))
            yield batch
