"""Reading Parquet files by their own column names, where their footers show that the names mean the wanted columns.

DuckDB's reading by field id knows nothing of how many rows and what values there are, and so joins in a bad order.
Reading by name it knows: files of one layout (the wanted columns have the same names and types in all of them) are
read together by their own names, each name being that of the wanted field id in every one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.parquet_footer import Footer
from olo_jupyter.lakehouse.parquet_statistics import Range, Value, value_range
from olo_jupyter.lakehouse.scan_sql import duckdb_type, file_list, inner, parquet
from olo_jupyter.lakehouse.sql.expressions.duck import identifier, text

if TYPE_CHECKING:
    from pyiceberg.types import NestedField

_LAYOUTS = 4
"""Relations that a scan may be made of; more are read by field id, all in one."""
_OF_DUCKDB = frozenset({"file_index", "file_row_number", "filename", "row", "file"})
"""Names that a column of a file must not have where DuckDB's own of that name are read."""
_PLAIN = ("bool", "int32", "int64", "float", "double", "date32[day]", "string")
"""Stored types, by Arrow's names, that DuckDB reads as the one type that they are, whoever wrote the file."""


def by_layout(
    footers: Mapping[str, Footer], fields: Sequence[NestedField]
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Take files apart by the layout of ``fields``.

    Args:
        footers: By what DuckDB calls the file.

    Returns:
        The files of each layout, and those that have to be read by field id.
    """
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    others: list[str] = []
    for path, footer in footers.items():
        layout = _layout(footer, fields)
        if layout is None:
            others.append(path)
        else:
            groups.setdefault(layout, []).append(path)
    if len(groups) > _LAYOUTS:
        return [], tuple(footers)
    return [tuple(group) for group in groups.values()], tuple(others)


def by_name(files: Sequence[str], footers: Mapping[str, Footer], fields: Sequence[NestedField]) -> str:
    """The query of files of one layout, the columns by their names outside.

    It has no more in it than it needs: binding it takes DuckDB longer than reading a small file.
    """
    listed = ", ".join(f"{_read(footers[files[0]], field)} AS {identifier(field.name.lower())}" for field in fields)
    return f"SELECT {listed} FROM {_named(files, footers, fields)} t"


def numbered(files: Sequence[str], footers: Mapping[str, Footer], fields: Sequence[NestedField], first: int = 0) -> str:
    """The query of files, columns by their names inside a scan, with each row's ``file`` (from ``first``) and ``row``.

    Files of one layout are read by name here, too: a join then leaves out the row groups that have none of its keys.
    """
    place = f"file_index + {first} AS file, file_row_number AS row"
    alike, others = by_layout({file: footers[file] for file in files}, fields)
    names = {column.name.lower() for file in files for column in footers[file].columns.values()}
    if others or len(alike) != 1 or names & _OF_DUCKDB:
        return f"SELECT *, {place} FROM {parquet(files, fields)}"
    listed = "".join(f"{_read(footers[files[0]], field)} AS {inner(field)}, " for field in fields)
    return f"SELECT {listed}{place} FROM {_named(files, footers, fields)} t"


def _named(files: Sequence[str], footers: Mapping[str, Footer], fields: Sequence[NestedField]) -> str:
    """The relation of files of one layout, by their own names, with the ranges of ``fields`` in them."""
    known = _statistics([footers[file] for file in files], fields) if len(files) > 1 else ""
    return f"read_parquet([{file_list(files)}], hive_partitioning = false{known})"


def _read(footer: Footer, field: NestedField) -> str:
    """A column in a file as the type of ``field``; it has it already where it is stored as such a plain type."""
    column = footer.columns[field.field_id]
    name = f"t.{identifier(column.name)}"
    plain = str(column.type) in _PLAIN or pa.types.is_decimal128(column.type)
    return name if plain and footer.has(field) else f"CAST({name} AS {duckdb_type(field)})"


def _layout(footer: Footer, fields: Iterable[NestedField]) -> tuple[tuple[str, str], ...] | None:
    """The names and types of ``fields`` in a file; None where a name in it may mean another column."""
    layout = []
    for field in fields:
        column = footer.columns.get(field.field_id)
        if column is None or not column.name or column.name.lower() in footer.ambiguous:
            return None
        layout.append((column.name, str(column.type)))
    return tuple(layout)


def _statistics(footers: Sequence[Footer], fields: Iterable[NestedField]) -> str:
    """What DuckDB finds out itself of a single file only: the range of each column's values."""
    known = []
    for field in fields:
        found = value_range(footers, field.field_id)
        if found is not None and found.low is not None:
            name = footers[0].columns[field.field_id].name
            known.append(f"{text(name)}: MAP {{{_told(found)}}}")
    return f", column_statistics = MAP {{{', '.join(known)}}}" if known else ""


def _told(found: Range) -> str:
    values = {"min": _text(found.low), "max": _text(found.high), "null_count": str(found.nulls)}
    return ", ".join(f"{text(name)}: {text(value)}" for name, value in values.items())


def _text(value: Value | None) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    return (
        value.isoformat() if isinstance(value, dt.date) else f"{value:f}" if isinstance(value, Decimal) else f"{value}"
    )
