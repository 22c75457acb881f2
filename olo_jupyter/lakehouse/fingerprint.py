"""A fingerprint of rows as a multiset: two results have the same one when they hold the same rows, in whatever order.

Method ``m1``. Each value is written in a canonical way that depends on the family of its type and on nothing else: not
on the order of rows, their batches, the engine, the width of offsets or the unit of times. A row is the text of its
values; the two halves of its MD5 are summed over the rows modulo 2^64, so that equal rows count as often as they occur
and never cancel out. The sums are hashed once more, with the number of rows and the families of the columns::

    m1:<rows>:<32 hexadecimal digits>

Values: NULL ``N``; whole numbers and decimals in digits at their own scale; real and double as the bits of a double,
with one NaN and no negative zero; dates as days, times, instants and durations as nanoseconds; text as its length in
bytes, a colon and itself; bytes in hexadecimal; lists, maps (sorted) and rows as their parts in brackets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from olo_jupyter.lakehouse.arrow_types import offsets_with_nulls
from olo_jupyter.lakehouse.errors import Unsupported

if TYPE_CHECKING:
    import duckdb

_MASK = 2**64 - 1
_ZEROS = {"s": "000000000", "ms": "000000", "us": "000", "ns": ""}


def fingerprint(table: pa.Table) -> str:
    """The fingerprint of the rows of ``table``; names and nullability of columns are no part of it, their order is.

    Raises:
        Unsupported: A column's type has no canonical text (none that a query gives).

    Example:
        >>> one = pa.table({"a": [1, 2], "b": ["x", None]})
        >>> fingerprint(one) == fingerprint(one.take([1, 0]).rename_columns(["c", "d"]))
        True
        >>> fingerprint(one) == fingerprint(pa.concat_tables([one, one]))
        False
    """
    codecs = [_codec(type_) for type_ in table.schema.types]
    low, high = _sums(table, codecs) if table.num_rows and codecs else (0, 0)
    families = ",".join(codec.family for codec in codecs)
    whole = f"{families};{table.num_rows};{low};{high}"
    return f"m1:{table.num_rows}:{hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()}"


def _sums(table: pa.Table, codecs: list[_Codec]) -> tuple[int, int]:
    names = [f"c{position}" for position in range(len(codecs))]
    batches = [
        pa.RecordBatch.from_arrays(
            [codec.plain(column) for codec, column in zip(codecs, batch.columns, strict=True)], names=names
        )
        for batch in table.to_batches()
    ]
    # One flat call: with a thousand columns, operators would nest too deeply. No text is NULL.
    text = f"concat_ws('|', {', '.join(codec.text(name) for codec, name in zip(codecs, names, strict=True))})"
    with _database().cursor() as cursor:
        cursor.register("batches", pa.Table.from_batches(batches))
        row = cursor.execute(
            # A HUGEINT holds the sum of 2^63 such numbers.
            "SELECT sum((m & 18446744073709551615::UHUGEINT)::HUGEINT), sum((m >> 64)::HUGEINT) "
            f"FROM (SELECT md5_number({text}) AS m FROM batches)"
        ).fetchone()
    assert row is not None
    return int(row[0]) & _MASK, int(row[1]) & _MASK


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """A database for hashing only, one a process: opening one takes longer than most results take to hash."""
    import duckdb

    return duckdb.connect(":memory:", config={"python_enable_replacements": False})


@dataclass(frozen=True)
class _Codec:
    """How values of a type are written: its family, the array that DuckDB gets, and DuckDB's text of a value."""

    family: str
    plain: Callable[[pa.Array], pa.Array]
    some: Callable[[str], str]

    def text(self, value: str) -> str:
        return f"coalesce({self.some(value)}, 'N')"


def _codec(type_: pa.DataType, depth: int = 0) -> _Codec:
    types = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        inner = _codec(type_.storage_type, depth)
        return _Codec(type_.extension_name, lambda array: inner.plain(array.storage), inner.some)
    if types.is_dictionary(type_):
        inner = _codec(type_.value_type, depth)
        return _Codec(inner.family, lambda array: inner.plain(array.dictionary_decode()), inner.some)
    if types.is_null(type_):
        return _Codec("null", lambda array: array.cast(pa.int8()), _digits)
    if types.is_boolean(type_):
        return _Codec("boolean", lambda array: array.cast(pa.int8()), _digits)
    if types.is_integer(type_):
        return _Codec(str(type_), _as_is, _digits)
    if types.is_decimal(type_):
        family = f"decimal({type_.precision},{type_.scale})"
        return _Codec(family, lambda array: array.cast(pa.string()) if type_.precision > 38 else array, _digits)
    if types.is_floating(type_):
        return _Codec("double" if types.is_float64(type_) else "real", _bits, _digits)
    if types.is_date(type_):
        return _Codec("date", lambda array: array.cast(pa.date32()).view(pa.int32()), _digits)
    if types.is_temporal(type_) and not types.is_interval(type_):
        return _time(type_)
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return _Codec("text", _as_is, lambda value: f"strlen({value}) || ':' || {value}")
    if types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_):
        return _Codec("bytes", lambda array: array.cast(pa.large_binary()), lambda value: f"hex({value})")
    if types.is_map(type_):
        return _map(type_, depth)
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return _list(_codec(type_.value_type, depth + 1), depth, "list<{}>", _list_parts)
    if types.is_struct(type_):
        return _row(type_, depth)
    raise Unsupported(f"Columns of Arrow type {type_} have no fingerprint.")


def _as_is(array: pa.Array) -> pa.Array:
    return array


def _digits(value: str) -> str:
    return f"CAST({value} AS VARCHAR)"


def _bits(array: pa.Array) -> pa.Array:
    doubles = pc.add(array.cast(pa.float64()), 0.0)  # -0.0 + 0.0 is 0.0
    one_nan = pc.if_else(pc.is_nan(doubles), float("nan"), doubles)
    return one_nan.view(pa.int64())


def _time(type_: pa.DataType) -> _Codec:
    zeros = _ZEROS[type_.unit]
    width = pa.int32() if pa.types.is_time32(type_) else pa.int64()
    family = str(type_).partition("[")[0].rstrip("3264") + ("tz" if getattr(type_, "tz", None) else "")
    return _Codec(
        family,
        lambda array: array.view(width),
        lambda value: f"CASE WHEN {value} = 0 THEN '0' ELSE CAST({value} AS VARCHAR) || '{zeros}' END",
    )


def _list_parts(array: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The offsets of a list array, NULL where the list is, and its values."""
    if pa.types.is_fixed_size_list(array.type):
        array = array.cast(pa.list_(array.type.value_type))
    return offsets_with_nulls(array, array.is_null()).cast(pa.int64()), array.values


def _list(inner: _Codec, depth: int, family: str, parts: Callable[[pa.Array], tuple[pa.Array, pa.Array]]) -> _Codec:
    def plain(array: pa.Array) -> pa.Array:
        offsets, values = parts(array)
        return pa.LargeListArray.from_arrays(offsets, inner.plain(values))

    variable = f"x{depth}"
    wanted = "list_sort({})" if family.startswith("map") else "{}"

    def some(value: str) -> str:
        texts = wanted.format(f"list_transform({value}, lambda {variable}: {inner.text(variable)})")
        return f"'[' || array_to_string({texts}, ',') || ']'"

    return _Codec(family.format(inner.family), plain, some)


def _row(type_: pa.StructType, depth: int) -> _Codec:
    inner = [_codec(field.type, depth) for field in type_]

    def plain(array: pa.Array) -> pa.Array:
        children = [codec.plain(array.field(position)) for position, codec in enumerate(inner)]
        names = [f"f{position}" for position in range(len(inner))]
        return pa.StructArray.from_arrays(children, names, mask=array.is_null())

    def some(value: str) -> str:
        fields = " || ',' || ".join(codec.text(f"{value}.f{position}") for position, codec in enumerate(inner))
        return f"CASE WHEN {value} IS NOT NULL THEN '(' || {fields} || ')' END"

    return _Codec(f"row<{','.join(codec.family for codec in inner)}>", plain, some)


def _map(type_: pa.MapType, depth: int) -> _Codec:
    entry = _row(pa.struct([("key", type_.key_type), ("value", type_.item_type)]), depth + 1)

    def parts(array: pa.Array) -> tuple[pa.Array, pa.Array]:
        offsets, _ = _list_parts(array)
        return offsets, pa.StructArray.from_arrays([array.keys, array.items], ["key", "value"])

    return _list(entry, depth, "map<{}>", parts)
