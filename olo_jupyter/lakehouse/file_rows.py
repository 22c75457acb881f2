"""Read one file of a table by field id, in its own order: what DuckDB doesn't read right, or can't.

Parquet and ORC go through PyIceberg's Arrow scan, batch by batch; Avro through fastavro, row by row.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyiceberg.types import ListType, MapType, StructType, UUIDType

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
            return _avro_batches(metadata, io, file, schema, target)
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


def _avro_batches(
    metadata: TableMetadata, io: FileIO, file: DataFile, schema: Schema, target: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The rows in the file's own columns, which PyIceberg then brings to the table's as those of any other file.

    PyIceberg's own Avro reader is made for manifests: it rounds doubles to floats and reads no map from int to string.
    """
    import fastavro
    from pyiceberg.io.pyarrow import (
        _get_column_projection_values,
        _to_requested_schema,
        schema_to_pyarrow,
    )
    from pyiceberg.schema import prune_columns
    from pyiceberg.utils.schema_conversion import AvroSchemaConversion

    stream: Any
    with io.new_input(file.file_path).open() as stream:
        reader: Any = fastavro.reader(stream)  # of dictionaries: the top of a data file is a record
        whole = AvroSchemaConversion().avro_to_iceberg(json.loads(reader.metadata["avro.schema"]))
        wanted = {id_ for id_ in schema.field_ids if not isinstance(schema.find_type(id_), MapType | ListType)}
        held = prune_columns(whole, wanted, select_full_types=False)
        absent = _get_column_projection_values(
            file, schema, metadata.schema(), metadata.specs().get(file.spec_id), whole.field_ids
        )
        arrow = schema_to_pyarrow(held, include_field_ids=False)
        while rows := list(itertools.islice(reader, _AVRO_ROWS)):
            columns = [
                pa.array([_plain(row[field.name], field.field_type) for row in rows], type_)
                for field, type_ in zip(held.fields, arrow.types, strict=True)
            ]
            batch = pa.RecordBatch.from_struct_array(
                pa.StructArray.from_arrays(columns, fields=list(arrow))
                if columns
                else pa.array([{}] * len(rows), pa.struct([]))
            )
            yield _to_requested_schema(schema, held, batch, projected_missing_fields=absent).cast(target)


def _plain(value: Any, type_: IcebergType) -> Any:
    """A value of fastavro's as pyarrow takes it."""
    if value is None:
        return None
    match type_:
        case UUIDType():
            return value.bytes if isinstance(value, uuid.UUID) else value
        case StructType():
            return {field.name: _plain(value[field.name], field.field_type) for field in type_.fields}
        case ListType():
            return [_plain(element, type_.element_type) for element in value]
        case MapType():
            # Avro's own maps have text for keys; others are written as lists of pairs.
            pairs = value.items() if isinstance(value, dict) else ((pair["key"], pair["value"]) for pair in value)
            return [(_plain(key, type_.key_type), _plain(item, type_.value_type)) for key, item in pairs]
    return value
