"""The rows that Trino sends, a JSON array of arrays, straight to Arrow, every value exactly.

Rows of scalars are read by Arrow's CSV reader (in C++, on all cores): without escapes in its strings, a JSON array of
scalars *is* a CSV line, and the number of rows proves that no separator stood inside a string. All else is read by
orjson and built column by column.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv

from olo_jupyter.lakehouse.arrow_types import arrow_type, wide_time
from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.result import Column
from olo_jupyter.lakehouse.sql.types import TrinoType, parse_type
from olo_jupyter.lakehouse.trino.moments import dates, intervals, times, timestamps, zoned

_INTEGERS = frozenset(["tinyint", "smallint", "integer", "bigint"])
_NUMBERS = frozenset(["real", "double"])
_TEXTS = frozenset(["varchar", "char", "json", "uuid", "ipaddress", "number", "time with time zone"])
_DIRECT = frozenset(["boolean", "decimal"]) | _INTEGERS | _NUMBERS | _TEXTS
"""Types whose values Arrow's CSV reader reads itself; those of all other scalars are read as text first."""

_NESTED = ("array", "map", "row")
_KEYS = (_DIRECT | {"varbinary", "date", "time", "timestamp", "timestamp with time zone", "unknown"}) - {"json"}
"""Types that can be read back from the text that a key of a JSON object is."""


class Decoder:
    """Rows of one result, page by page.

    Args:
        columns: Name and type of each column as the protocol tells them.

    Raises:
        Unsupported: A type that Arrow has no faithful form for; the column is named, and what to write instead.

    Example:
        >>> decoder = Decoder([("a", "decimal(3, 2)"), ("b", "varchar")])
        >>> decoder.table(b'[["1.50","x,y"],[null,""]]').to_pylist()
        [{'a': Decimal('1.50'), 'b': 'x,y'}, {'a': None, 'b': ''}]
    """

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self._types = [_type_of(name, text) for name, text in columns]
        self.columns = tuple(Column(name, str(type_)) for (name, _), type_ in zip(columns, self._types, strict=True))
        self.schema = pa.schema(
            [
                pa.field(column.name, _arrow(column, type_))
                for column, type_ in zip(self.columns, self._types, strict=True)
            ]
        )
        self._flat = bool(self._types) and not any(type_.base in _NESTED for type_ in self._types)
        self._read = {
            f"c{at}": arrow_type(type_) if _is_direct(type_) else pa.string() for at, type_ in enumerate(self._types)
        }

    def empty(self) -> pa.Table:
        """A table of no rows."""
        return self.schema.empty_table()

    def table(self, data: bytes) -> pa.Table:
        """The rows in ``data``, e.g. ``b'[[1,"a"],[2,null]]'``.

        Raises:
            QueryError: A value that its column's Arrow type can't hold (a year beyond its range).
        """
        if self._flat and (table := self._by_csv(data)) is not None:
            return table
        rows = orjson.loads(data)
        values = zip(*rows, strict=True) if rows else ([] for _ in self._types)
        arrays = [_build(list(column), type_) for column, type_ in zip(values, self._types, strict=True)]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _by_csv(self, data: bytes) -> pa.Table | None:
        """The rows as CSV, None where they aren't surely the same as such."""
        lines = _as_csv(data)
        if lines is None:
            return None
        text, count = lines
        try:
            read = pyarrow.csv.read_csv(
                io.BytesIO(text),
                read_options=pyarrow.csv.ReadOptions(column_names=list(self._read), block_size=max(len(text), 1)),
                parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=self._read,
                    null_values=["null"],
                    true_values=["true"],
                    false_values=["false"],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:  # a separator in a string, a year beyond 9999: the other way tells
            return None
        if read.num_rows != count:
            return None
        arrays = [
            column if _is_direct(type_) else _chunks(column, type_)
            for column, type_ in zip(read.columns, self._types, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _as_csv(data: bytes) -> tuple[bytes, int] | None:
    """JSON rows of scalars as CSV lines, and how many they must be; None where escapes or line breaks forbid it."""
    if not (data.startswith(b"[[") and data.endswith(b"]]")) or b"\n" in data or b"\r" in data:
        return None
    if b"\\" in data:
        if b"\\\\" in data:
            return None
        data = data.replace(b'\\"', b'""')
        if b"\\" in data:
            return None
    count = data.count(b"],[") + 1
    return data[2:-2].replace(b"],[", b"\n"), count


def _type_of(name: str, text: str) -> TrinoType:
    try:
        return parse_type(text)
    except ValueError as error:
        raise _no_form(name, text) from error


def _arrow(column: Column, type_: TrinoType) -> pa.DataType:
    try:
        _check_keys(type_)
        return arrow_type(type_)
    except Unsupported as error:
        raise _no_form(column.name, column.type) from error


def _check_keys(type_: TrinoType) -> None:
    if type_.base == "map" and type_.elements[0].base not in _KEYS:
        raise Unsupported(f"keys of type {type_.elements[0]}")
    for element in type_.elements:
        _check_keys(element)


def _no_form(name: str, type_: str) -> Unsupported:
    hint = "CAST it to varchar"
    if type_.startswith("map"):
        hint = "Give its keys and values apart: map_keys(…), map_values(…)"
    return Unsupported(f"Column {name} has the type {type_}, which a result can't hold.", hint=f"{hint}.")


def _is_direct(type_: TrinoType) -> bool:
    return type_.base in _DIRECT or (type_.base in ("time", "timestamp") and wide_time(type_))


def _chunks(column: pa.ChunkedArray, type_: TrinoType) -> pa.ChunkedArray:
    return pa.chunked_array([_from_text(chunk, type_) for chunk in column.chunks], arrow_type(type_))


def _from_text(texts: pa.Array, type_: TrinoType) -> pa.Array:
    """Text as the protocol writes the values of a type → the values."""
    target = arrow_type(type_)
    match type_.base:
        case "date":
            return dates(texts)
        case "timestamp":
            return timestamps(texts, target)
        case "timestamp with time zone":
            return zoned(texts, target)
        case "interval day to second" | "interval year to month":
            return intervals(texts, target)
        case "varbinary":
            return pa.array([None if text is None else base64.b64decode(text) for text in texts.to_pylist()], target)
        case "unknown":
            return pa.nulls(len(texts))
        case "time":
            return times(texts, target)
    return texts.cast(target)  # decimal


def _build(values: list[Any], type_: TrinoType) -> pa.Array:
    """A column of JSON values as an Arrow array."""
    target = arrow_type(type_)
    match type_.base:
        case "array":
            offsets, inner = _flattened(values)
            return pa.ListArray.from_arrays(offsets, _build(inner, type_.elements[0]), type=target)
        case "map":
            offsets, entries = _flattened([None if value is None else value.items() for value in values])
            keys = _build(_keys([key for key, _ in entries], type_.elements[0]), type_.elements[0])
            items = _build([item for _, item in entries], type_.elements[1])
            return pa.MapArray.from_arrays(offsets, keys, items, type=target)
        case "row":
            missing = pa.array([value is None for value in values], pa.bool_())
            children = [
                _build([None if value is None else value[at] for value in values], element)
                for at, element in enumerate(type_.elements)
            ]
            return pa.StructArray.from_arrays(children, fields=list(target), mask=missing)
    if type_.base in _NUMBERS:
        return pa.array([float(value) if isinstance(value, str) else value for value in values], target)
    if type_.base == "decimal" or not _is_direct(type_):
        return _from_text(pa.array(values, pa.string()), type_)
    return pa.array(values, target)


def _flattened(values: list[Any]) -> tuple[pa.Array, list[Any]]:
    """The offsets of lists (NULL where one is NULL) and their elements in a row."""
    offsets: list[int | None] = []
    inner: list[Any] = []
    for value in values:
        offsets.append(None if value is None else len(inner))
        inner += value or ()
    return pa.array([*offsets, len(inner)], pa.int32()), inner


def _keys(keys: list[str], type_: TrinoType) -> list[Any]:
    """The keys of JSON objects, which are text, as the JSON values they would be elsewhere."""
    if type_.base == "boolean":
        return [key == "true" for key in keys]
    if type_.base in _NUMBERS:
        return [float(key) for key in keys]
    if type_.base in _INTEGERS:
        return [int(key) for key in keys]
    return keys
