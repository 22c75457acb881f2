"""How values of Trino's types are held in Arrow, once they are a result.

One Arrow type for each Trino type, whatever engine computed it, so that results compare and fingerprints agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions.duck import field_names
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import TrinoType

_MICROS, _NANOS = 6, 9

_ARROW: dict[str, pa.DataType] = {
    "unknown": pa.null(),
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "varchar": pa.string(),
    "char": pa.string(),
    "json": pa.string(),
    "uuid": pa.string(),
    "ipaddress": pa.string(),
    "number": pa.string(),
    "time with time zone": pa.string(),
    "varbinary": pa.binary(),
    "date": pa.date32(),
    "interval day to second": pa.duration("ms"),
    "interval year to month": pa.int64(),
}


def arrow_type(type_: TrinoType) -> pa.DataType:
    """The Arrow type that a result's column of Trino type ``type_`` has.

    Times have microseconds (nanoseconds where Trino's precision is above 6); instants are in UTC; uuid, ipaddress and
    number are text, and so is what Arrow has no form for: a time of day above 6 digits or with a zone, a timestamp
    above 9; intervals are milliseconds or a number of months; a row's nameless fields are ``field0``, ``field1`` ….

    Raises:
        Unsupported: No faithful Arrow type (instants in picoseconds, sketches, shapes …).

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> arrow_type(parse_type("map(varchar, array(timestamp(3) with time zone))"))
        MapType(map<string, list<element: timestamp[us, tz=UTC]>>)
    """
    if type_.base in _ARROW:
        return _ARROW[type_.base]
    if wide_time(type_):
        return pa.string()
    match type_.base:
        case "decimal":
            return pa.decimal128(*type_.parameters)
        case "time" if type_.parameters[0] <= _MICROS:
            return pa.time64("us")
        case "timestamp" | "timestamp with time zone" if type_.parameters[0] <= _NANOS:
            zone = "UTC" if type_.base.endswith("zone") else None
            return pa.timestamp("us" if type_.parameters[0] <= _MICROS else "ns", zone)
        case "array":
            return pa.list_(pa.field("element", arrow_type(type_.elements[0])))
        case "map" if type_.elements[0].base != "unknown":  # Arrow's keys are never NULL, so it has no such map
            return pa.map_(arrow_type(type_.elements[0]), arrow_type(type_.elements[1]))
        case "row":
            return pa.struct(
                [
                    pa.field(name, arrow_type(element))
                    for name, element in zip(field_names(type_), type_.elements, strict=True)
                ]
            )
    raise Unsupported(f"A result can't hold values of type {type_}.")


def wide_time(type_: TrinoType) -> bool:
    """Whether values of a type are times with more digits than Arrow's own have: kept as Trino's text."""
    limit = {"time": _MICROS, "timestamp": _NANOS}.get(type_.base)
    return limit is not None and type_.parameters[0] > limit


def conform(table: pa.Table, fields: Sequence[Field]) -> pa.Table:
    """``table`` with the names and Arrow types that ``fields`` ask for.

    Only what can't change a value is done: NULLs get their type, integers and decimals of the same scale a wider one,
    zones and field names their label. Any other difference means that the query was computed as something else.

    Raises:
        QueryError: ``internal-error``: a column's type isn't the one that Trino gives it; the result is withheld.
    """
    if table.num_columns != len(fields):
        raise QueryError(
            f"The engine gave {table.num_columns} columns where {len(fields)} were asked for; the result is withheld.",
            code="internal-error",
        )
    schema = pa.schema([pa.field(field.name, arrow_type(field.type)) for field in fields])
    columns = []
    for field, column, target in zip(fields, table.columns, schema.types, strict=True):
        if column.type == target:
            columns.append(column)
            continue
        try:
            columns.append(pa.chunked_array([_fitted(chunk, target) for chunk in column.chunks], target))
        except (_MismatchError, pa.ArrowInvalid) as error:
            raise QueryError(
                f"The engine computed column {field.name} as {column.type} where Trino's type is {field.type}; "
                "the result is withheld.",
                code="internal-error",
                hint="Please report the statement; --engine trino runs it meanwhile.",
            ) from error
    return pa.Table.from_arrays(columns, schema=schema)


class _MismatchError(Exception):
    """Two types that no lossless step connects."""


def _fitted(array: pa.Array, target: pa.DataType) -> pa.Array:
    source = array.type
    if source == target:
        return array
    if pa.types.is_null(source) or (pa.types.is_null(target) and array.null_count == len(array)):
        return pa.nulls(len(array), target)
    if pa.types.is_struct(source) and pa.types.is_struct(target) and source.num_fields == target.num_fields:
        children = [_fitted(array.field(i), target.field(i).type) for i in range(target.num_fields)]
        return pa.StructArray.from_arrays(children, fields=list(target), mask=array.is_null())
    if pa.types.is_map(source) and pa.types.is_map(target):
        keys = _fitted(array.keys, target.key_type)
        items = _fitted(array.items, target.item_type)
        return pa.MapArray.from_arrays(
            offsets_with_nulls(array, array.is_null()).cast(pa.int32()), keys, items, type=target
        )
    if (pa.types.is_list(source) or pa.types.is_large_list(source)) and pa.types.is_list(target):
        values = _fitted(array.values, target.value_type)
        return pa.ListArray.from_arrays(
            offsets_with_nulls(array, array.is_null()).cast(pa.int32()), values, type=target
        )
    if pa.types.is_duration(target) and source == pa.int64():
        return array.view(target)
    if _widens(source, target):
        return array.cast(target)
    raise _MismatchError(f"{source} is no {target}")


def offsets_with_nulls(array: pa.Array, missing: pa.BooleanArray) -> pa.Array:
    """The offsets of a list-like array, NULL where ``missing``: what ``from_arrays`` makes a NULL element of."""
    import pyarrow.compute as pc

    offsets = array.offsets
    return pc.if_else(pa.concat_arrays([missing, pa.array([False])]), pa.scalar(None, offsets.type), offsets)


def _widens(source: pa.DataType, target: pa.DataType) -> bool:
    types = pa.types
    if types.is_signed_integer(source) and types.is_signed_integer(target):
        return bool(source.bit_width < target.bit_width)
    if types.is_decimal(source) and types.is_decimal(target):
        return bool(source.scale == target.scale and source.precision <= target.precision)
    if types.is_timestamp(source) and types.is_timestamp(target):
        units = ["s", "ms", "us", "ns"]
        return (source.tz is None) == (target.tz is None) and units.index(source.unit) <= units.index(target.unit)
    if types.is_time(source) and types.is_time(target):
        return bool(source.unit != "ns")
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    bytes_ = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return any(all(any(test(type_) for test in tests) for type_ in (source, target)) for tests in (texts, bytes_))
