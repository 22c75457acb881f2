"""Data files of one write: Parquet, in the table's partitions, of bounded size, written as the rows come.

Files belong to no snapshot until a commit names them; a write that fails takes its files away again, and what a killed
one leaves behind no reader ever sees.

Rows are encoded on a thread of its own: the engine computes the next ones meanwhile, and who waits can be interrupted.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

import pyarrow as pa
from pyiceberg.io.pyarrow import ParquetFormatModel, _to_requested_schema, schema_to_pyarrow
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionKey
from pyiceberg.schema import sanitize_column_names
from pyiceberg.table import TableProperties
from pyiceberg.table.locations import load_location_provider
from pyiceberg.typedef import Record
from pyiceberg.types import UUIDType

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.partition_rows import in_order, partitions

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata

_ROW_GROUP_BYTES = 64 * 2**20
"""Rows of one partition that are held in memory before they become a row group, as Arrow bytes."""
_BUFFERED_BYTES = 256 * 2**20
"""Rows of all partitions that are held in memory."""
_OPEN_FILES = 100
"""Files that are open at a time; a partition that comes again later begins another file."""
_TICK_SECONDS = 0.1


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
        self._names = (f"00000-{number}-{uuid.uuid4()}" for number in itertools.count())

    def write(self, rows: pa.RecordBatchReader, columns: Sequence[str]) -> None:
        """Write ``rows`` as they come; a file ends when it has ``write.target-file-size-bytes``.

        Args:
            rows: Batches whose columns stand for ``columns`` by position.
            columns: Names of the table's columns, in any case; the others become NULL.

        Raises:
            QueryError: NULL for a NOT NULL column (``constraint-violation``), or a value that doesn't fit its column.
        """
        writers = _Writers(self._metadata, self._io, self._names, self.files)
        try:
            for batch in _Fitted(self._metadata, columns).batches(rows):
                for key, part in partitions(self._metadata, pa.Table.from_batches([batch])):
                    writers.add(key, part)
            writers.close()
        except BaseException:
            writers.abandon()
            self.files = []
            raise
        self.rows = sum(file.record_count for file in self.files)

    def discard(self) -> None:
        """Delete the files. Only for files that no snapshot refers to."""
        _delete(self._io, self.files)
        self.files = []


def _delete(io: FileIO, files: Iterable[DataFile]) -> None:
    for file in files:
        with suppress(OSError):
            io.delete(file.file_path)


class _Fitted:
    """Batches brought to a table's own Arrow schema: order, types, the columns that are left out, NOT NULL."""

    def __init__(self, metadata: TableMetadata, columns: Sequence[str]) -> None:
        self._schema = metadata.schema()
        self._target = schema_to_pyarrow(self._schema, include_field_ids=False)
        self._position = {name.lower(): position for position, name in enumerate(columns)}
        self._uuids = {field.name for field in self._schema.fields if isinstance(field.field_type, UUIDType)}

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
                array = self._cast(batch.column(position), field)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise QueryError(f"Column {field.name}: {error}", code="type-mismatch") from error
        if not field.nullable and array.null_count:
            raise QueryError(f"NULL value not allowed for NOT NULL column: {field.name}", code="constraint-violation")
        return array

    def _cast(self, array: pa.Array, field: pa.Field) -> pa.Array:
        if field.name in self._uuids and pa.types.is_string(array.type):
            # A result has a uuid as text; Arrow can't turn it into its bytes.
            plain = [None if text is None else UUID(text).bytes for text in array.to_pylist()]
            return pa.array(plain, pa.binary(16)).cast(field.type)
        return array.cast(field.type)


class _Writers:
    """One open file for each partition that rows came for lately, and the rows that wait to be written.

    All that is done to files is done on the writers' own thread, one thing after the other.

    Args:
        names: Gives a new file its name.
        files: The files that are finished are added to it.
    """

    def __init__(self, metadata: TableMetadata, io: FileIO, names: Iterator[str], files: list[DataFile]) -> None:
        self._metadata, self._io, self._names, self._files = metadata, io, names, files
        properties = metadata.properties
        self._target = int(
            properties.get(
                TableProperties.WRITE_TARGET_FILE_SIZE_BYTES, TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT
            )
        )
        self._places = load_location_provider(metadata.location, properties)
        self._schema = sanitize_column_names(metadata.schema())
        self._waiting: dict[str, list[pa.Table]] = {}
        self._bytes: dict[str, int] = {}
        self._keys: dict[str, PartitionKey | None] = {}
        self._open: dict[str, _File] = {}
        self._thread = ThreadPoolExecutor(1, "olo-files")
        self._doing: Future[None] | None = None

    def add(self, key: PartitionKey | None, rows: pa.Table) -> None:
        """Take ``rows`` of a partition; they, or others, are written when there are many."""
        # As text: two NaN of Python are two keys.
        name = "" if key is None else repr([value.value for value in key.field_values])
        self._keys[name] = key
        self._waiting.setdefault(name, []).append(rows)
        self._bytes[name] = self._bytes.get(name, 0) + rows.nbytes
        if self._bytes[name] >= min(_ROW_GROUP_BYTES, self._target):
            self._flush(name)
        while sum(self._bytes.values()) > _BUFFERED_BYTES:
            self._flush(max(self._bytes, key=self._bytes.__getitem__))

    def close(self) -> None:
        """Write what waits and finish all files."""
        for name in list(self._waiting):
            self._flush(name)
        self._do(self._finish_all)
        self._settle()
        self._thread.shutdown()

    def abandon(self) -> None:
        """Delete the files, also those that are finished: soon, who interrupted a write doesn't wait for it."""
        gone = self._thread.submit(self._delete)
        self._thread.shutdown(wait=False)
        wait([gone], _TICK_SECONDS)

    def _flush(self, name: str) -> None:
        del self._bytes[name]
        rows = self._waiting.pop(name)
        self._do(lambda: self._write(name, rows))

    def _do(self, call: Callable[[], None]) -> None:
        """Do ``call`` after what was begun before, which is waited for: so no more rows pile up than one flush's."""
        self._settle()
        self._doing = self._thread.submit(call)

    def _settle(self) -> None:
        if self._doing is not None:
            while not self._doing.done():
                wait([self._doing], _TICK_SECONDS)  # timed: an interrupt just before an endless wait isn't noted
            self._doing.result()

    # On the thread

    def _write(self, name: str, waiting: Sequence[pa.Table]) -> None:
        rows = in_order(self._metadata, pa.concat_tables(waiting))
        file = self._open.pop(name, None)
        if file is None:
            if len(self._open) >= _OPEN_FILES:
                self._finish(next(iter(self._open)))  # the one that was written to longest ago
            file = self._begun(name)
        self._open[name] = file
        file.write(rows)
        if file.size >= self._target:
            self._finish(name)

    def _begun(self, name: str) -> _File:
        key = self._keys[name]
        place = self._places.new_data_location(f"{next(self._names)}.parquet", key)
        return _File(self._metadata, self._io, self._schema, place, key.partition if key else Record())

    def _finish(self, name: str) -> None:
        self._files.append(self._open[name].finished())
        del self._open[name]

    def _finish_all(self) -> None:
        for name in list(self._open):
            self._finish(name)

    def _delete(self) -> None:
        for file in self._open.values():
            file.abandon(self._io)
        _delete(self._io, self._files)


class _File:
    """A Parquet file that is being written."""

    def __init__(self, metadata: TableMetadata, io: FileIO, schema: Schema, place: str, partition: Record) -> None:
        self._metadata, self._schema, self._place, self._partition = metadata, schema, place, partition
        self._model = ParquetFormatModel()
        self._output = io.new_output(place)
        self._writer = self._model.create_writer(self._output, schema, metadata.properties)

    def write(self, rows: pa.Table) -> None:
        batches = [
            _to_requested_schema(
                requested_schema=self._schema,
                file_schema=self._metadata.schema(),
                batch=batch,
                include_field_ids=True,
                format_model=self._model,
            )
            for batch in rows.combine_chunks().to_batches()
        ]
        self._writer.write(pa.Table.from_batches(batches))

    @property
    def size(self) -> int:
        """Bytes written until now."""
        stream = self._writer._fos
        return 0 if stream is None else int(stream.tell())

    def finished(self) -> DataFile:
        statistics = self._writer.close()
        return DataFile.from_args(
            content=DataFileContent.DATA,
            file_path=self._place,
            file_format=FileFormat.PARQUET,
            partition=self._partition,
            file_size_in_bytes=len(self._output),
            sort_order_id=None,
            spec_id=self._metadata.default_spec_id,
            equality_ids=None,
            key_metadata=None,
            **statistics.to_serialized_dict(),
        )

    def abandon(self, io: FileIO) -> None:
        with suppress(OSError, ValueError, pa.ArrowException):
            self._writer.close()
        with suppress(OSError):
            io.delete(self._place)
