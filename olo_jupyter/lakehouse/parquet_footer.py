"""What a Parquet file's footer says about its columns, and whether DuckDB reads a table's column from it right.

Data files never change, so each footer is read once a process.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.storage import Place

if TYPE_CHECKING:
    from pyiceberg.types import IcebergType, NestedField

_FIELD_ID = b"PARQUET:field_id"
_THREADS = 8
"""Footers read at once: enough to hide a disk's latency."""
_REMEMBERED = 50_000
_known: dict[str, Footer] = {}


@dataclass(frozen=True)
class Footer:
    """The top-level columns of a file by Iceberg field id; ``complete`` says that every column has one."""

    columns: Mapping[int, pa.Field]
    complete: bool

    def reads(self, field: NestedField) -> bool:
        """Whether DuckDB's scan by field id gives the right values for ``field``, which this file holds."""
        return _same(field.field_type, self.columns[field.field_id], promoted=True)


def footers(files: Mapping[str, Place]) -> dict[str, Footer]:
    """The footers of Parquet files, by location.

    Raises:
        OSError: A file is missing or unreadable.
        pyarrow.ArrowInvalid: A file is not Parquet.
    """
    unknown = [location for location in files if location not in _known]
    if len(_known) + len(unknown) > _REMEMBERED:
        _known.clear()
        unknown = list(files)
    if len(unknown) < 2 * _THREADS and all(files[location].local for location in unknown):
        _known.update((location, _footer(files[location])) for location in unknown)
    else:
        with ThreadPoolExecutor(_THREADS, "olo-footer") as pool:
            places = [files[location] for location in unknown]
            _known.update(zip(unknown, pool.map(_footer, places), strict=True))
    return {location: _known[location] for location in files}


def _footer(place: Place) -> Footer:
    import pyarrow.parquet as pq

    schema = pq.read_metadata(place.path, filesystem=place.filesystem).schema.to_arrow_schema()
    numbered = {_id(field): field for field in schema}
    return Footer(
        {id_: field for id_, field in numbered.items() if id_ is not None},
        complete=None not in numbered and len(numbered) == len(schema),
    )


def _id(field: pa.Field) -> int | None:
    text = (field.metadata or {}).get(_FIELD_ID)
    return int(text) if text is not None else None


def _same(type_: IcebergType, field: pa.Field, *, promoted: bool) -> bool:
    """Whether a file's column is stored as ``type_``, or (with ``promoted``) as a type that Iceberg widens to it.

    Inside nested columns nothing may differ: names, order, ids and types.
    """
    from pyiceberg import types as iceberg

    stored = field.type
    match type_:
        case iceberg.LongType():
            return _any(stored, pa.int64(), promoted and pa.int32())
        case iceberg.DoubleType():
            return _any(stored, pa.float64(), promoted and pa.float32())
        case iceberg.DecimalType():
            if not isinstance(stored, pa.Decimal128Type) or stored.scale != type_.scale:
                return False
            return bool(stored.precision == type_.precision or (promoted and stored.precision < type_.precision))
        case iceberg.TimestamptzType():
            return _any(stored, pa.timestamp("us", "UTC"))
        case iceberg.StringType():
            return _any(stored, pa.string(), pa.large_string())
        case iceberg.BinaryType():
            return _any(stored, pa.binary(), pa.large_binary())
        case iceberg.FixedType():
            return _any(stored, pa.binary(len(type_)))
        case iceberg.UUIDType():
            return _any(stored, pa.uuid())
        case iceberg.StructType():
            return (
                pa.types.is_struct(stored)
                and [(_id(child), child.name) for child in stored] == [(f.field_id, f.name) for f in type_.fields]
                and all(
                    _same(f.field_type, child, promoted=False) for f, child in zip(type_.fields, stored, strict=True)
                )
            )
        case iceberg.ListType():
            return (
                (pa.types.is_list(stored) or pa.types.is_large_list(stored))
                and _id(stored.value_field) == type_.element_id
                and _same(type_.element_type, stored.value_field, promoted=False)
            )
        case iceberg.MapType():
            return (
                pa.types.is_map(stored)
                and (_id(stored.key_field), _id(stored.item_field)) == (type_.key_id, type_.value_id)
                and _same(type_.key_type, stored.key_field, promoted=False)
                and _same(type_.value_type, stored.item_field, promoted=False)
            )
    plain: dict[type[IcebergType], pa.DataType] = {
        iceberg.BooleanType: pa.bool_(),
        iceberg.IntegerType: pa.int32(),
        iceberg.FloatType: pa.float32(),
        iceberg.DateType: pa.date32(),
        iceberg.TimeType: pa.time64("us"),
        iceberg.TimestampType: pa.timestamp("us"),
    }
    return _any(stored, plain.get(type(type_)))


def _any(stored: pa.DataType, *wanted: pa.DataType | bool | None) -> bool:
    return any(isinstance(type_, pa.DataType) and stored.equals(type_) for type_ in wanted)
