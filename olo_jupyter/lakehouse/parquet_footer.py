"""What a Parquet file's footer says about its columns, and whether DuckDB reads a table's column from it right.

Data files never change, so each footer is read once a process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse.storage import Place

if TYPE_CHECKING:
    import pyarrow.parquet as pq
    from pyiceberg.types import IcebergType, NestedField

_FIELD_ID = b"PARQUET:field_id"
_THREADS = 8
"""Footers read at once: enough to hide a disk's latency."""
_REMEMBERED = 50_000
_KEPT_BYTES = 32 * 2**20
"""Size, as stored, of the footers that are kept whole for their statistics."""
_known: dict[str, Footer] = {}


@dataclass(frozen=True)
class Footer:
    """The top-level columns of a file by Iceberg field id.

    Args:
        complete: Every column has an id.
        whole: The footer itself, for the statistics in it; None for one of very many files.
        ranges: What :mod:`~olo_jupyter.lakehouse.parquet_statistics` has found in it, by field id.
    """

    columns: Mapping[int, pa.Field]
    complete: bool
    whole: pq.FileMetaData | None = None
    ranges: dict[int, Any] = field(default_factory=dict, compare=False)

    def reads(self, column: NestedField) -> bool:
        """Whether DuckDB's scan by field id gives the right values for ``column``, which this file holds."""
        return _same(column.field_type, self.columns[column.field_id], promoted=True)

    def has(self, column: NestedField) -> bool:
        """Whether ``column``, which this file holds, is stored as its own type."""
        return _same(column.field_type, self.columns[column.field_id], promoted=False)

    @cached_property
    def ambiguous(self) -> frozenset[str]:
        """The names, in lower case, that more than one column has."""
        counts = Counter(column.name.lower() for column in self.columns.values())
        return frozenset(name for name, count in counts.items() if count > 1)


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
    places = [files[location] for location in unknown]
    if len(unknown) < 2 * _THREADS and all(place.local for place in places):
        _remember(zip(unknown, map(_footer, places), strict=True))
    else:
        with ThreadPoolExecutor(_THREADS, "olo-footer") as pool:
            _remember(zip(unknown, pool.map(_footer, places), strict=True))
    return {location: _known[location] for location in files}


def _remember(found: Iterable[tuple[str, Footer]]) -> None:
    room = None
    for location, footer in found:
        if room is None:
            room = _KEPT_BYTES - sum(each.whole.serialized_size for each in _known.values() if each.whole is not None)
        assert footer.whole is not None
        room -= footer.whole.serialized_size
        _known[location] = footer if room >= 0 else replace(footer, whole=None)


def _footer(place: Place) -> Footer:
    import pyarrow.parquet as pq

    whole = pq.read_metadata(place.path, filesystem=place.filesystem)
    schema = whole.schema.to_arrow_schema()
    numbered = {_id(field): field for field in schema}
    return Footer(
        {id_: field for id_, field in numbered.items() if id_ is not None},
        complete=None not in numbered and len(numbered) == len(schema),
        whole=whole,
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
