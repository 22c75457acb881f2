"""Read one file of a table by field id, in its own order: what DuckDB doesn't read right, or can't.

Parquet and ORC go through PyIceberg's Arrow scan, batch by batch; Avro through its Avro reader, row by row.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import IcebergType, NestedField

FileReader = Callable[["DataFile", Sequence["NestedField"]], Iterator[pa.RecordBatch]]
"""Gives the rows of a file in their order, with one column for each field."""

_AVRO_ROWS = 10_000
"""Rows of an Avro file that are held as Python values at a time."""


def file_reader(metadata: TableMetadata, io: FileIO) -> FileReader:
    """A reader of the files of a table; its columns are named ``c<field id>``.

    Args:
        metadata: The table: its name mapping and partitionings give columns that a file doesn't hold.
        io: Opens the files.
    """
    from pyiceberg.manifest import FileFormat

    def read(file: DataFile, fields: Sequence[NestedField]) -> Iterator[pa.RecordBatch]:
        from pyiceberg.io.pyarrow import schema_to_pyarrow
        from pyiceberg.schema import Schema

        schema = Schema(*(field.model_copy(update={"name": f"c{field.field_id}"}) for field in fields))
        target = schema_to_pyarrow(schema, include_field_ids=False)
        if file.file_format == FileFormat.AVRO:
            return _avro_batches(io, file, schema, target)
        return _arrow_batches(metadata, io, file, schema, target)

    return read


def _arrow_batches(
    metadata: TableMetadata, io: FileIO, file: DataFile, schema: Schema, target: pa.Schema
) -> Iterator[pa.RecordBatch]:
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.io.pyarrow import ArrowScan
    from pyiceberg.table import FileScanTask

    scan = ArrowScan(metadata, io, schema, AlwaysTrue())
    # Not its to_record_batches(), which holds whole files.
    for batch in scan._record_batches_from_scan_tasks_and_deletes([FileScanTask(file)], {}):
        # Batches of one file differ in their string types (large or not).
        yield batch.cast(target)


def _avro_batches(io: FileIO, file: DataFile, schema: Schema, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    from pyiceberg.avro.file import AvroFile
    from pyiceberg.typedef import Record

    with AvroFile[Record](io.new_input(file.file_path), schema) as reader:
        while rows := list(itertools.islice(reader, _AVRO_ROWS)):
            columns = [
                pa.array([_plain(row[at], field.field_type) for row in rows], target.field(at).type)
                for at, field in enumerate(schema.fields)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=target)


def _plain(value: Any, type_: IcebergType) -> Any:
    """A value of PyIceberg's Avro reader as pyarrow takes it: times stay numbers of their unit."""
    from pyiceberg import types as iceberg

    if value is None:
        return None
    match type_:
        case iceberg.UUIDType():
            return value.bytes
        case iceberg.StructType():
            return {field.name: _plain(value[at], field.field_type) for at, field in enumerate(type_.fields)}
        case iceberg.ListType():
            return [_plain(element, type_.element_type) for element in value]
        case iceberg.MapType():
            return [(_plain(key, type_.key_type), _plain(item, type_.value_type)) for key, item in value.items()]
    return value
