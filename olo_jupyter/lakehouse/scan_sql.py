"""The DuckDB SQL of a scan: Parquet files by Iceberg field id, without the rows that deletes take away.

Inside a scan a column is called ``c<field id>``, so no name of a table can meet one of DuckDB's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier, text

if TYPE_CHECKING:
    from pyiceberg.types import NestedField


def duckdb_type(field: NestedField) -> str:
    """DuckDB's type of a column."""
    return duck_type(trino_type(field.field_type))


def inner(field: NestedField) -> str:
    """The column's name inside a scan."""
    return f"c{field.field_id}"


def outer(fields: Iterable[NestedField]) -> list[str]:
    """The columns by their names outside, in lower case."""
    return [f"{inner(field)} AS {identifier(field.name.lower())}" for field in fields]


def parquet(files: Iterable[str], fields: Iterable[NestedField]) -> str:
    """The relation of Parquet files with ``fields``, by field id."""
    schema = ", ".join(
        f"{field.field_id}: {{name: {text(inner(field))}, type: {text(duckdb_type(field))}, "
        f"default_value: {default_sql(field) or 'NULL'}}}"
        for field in fields
    )
    return f"read_parquet([{file_list(files)}], schema = MAP {{{schema}}}, hive_partitioning = false)"


def empty(fields: Iterable[NestedField], more: Sequence[str] = ()) -> str:
    """A query without rows: ``fields`` by their inner names, then ``more`` columns of whole numbers."""
    columns = [f"CAST(NULL AS {duckdb_type(field)}) AS {inner(field)}" for field in fields]
    return f"SELECT {', '.join([*columns, *(f'CAST(NULL AS BIGINT) AS {name}' for name in more)])} WHERE false"


def default_sql(field: NestedField) -> str | None:
    """The value of rows older than the column, as text that DuckDB takes; None where there is none or it can't."""
    from pyiceberg.conversions import to_json
    from pyiceberg.types import BinaryType, FixedType, PrimitiveType

    if field.initial_default is None or not isinstance(field.field_type, PrimitiveType):
        return None
    value = to_json(field.field_type, field.initial_default)
    if isinstance(field.field_type, BinaryType | FixedType):
        return text("".join(f"\\x{byte:02X}" for byte in bytes.fromhex(value)))
    if isinstance(value, bool):
        return text(str(value).lower())
    return text(value if isinstance(value, str) else repr(value))


def without_positions(positions: str) -> str:
    """The join that takes the rows of ``positions`` (``file``, ``row``) away from ``t`` (likewise)."""
    return f" ANTI JOIN {positions} p ON t.file = p.file AND t.row = p.row"


def without_keys(keys: str, fields: Sequence[NestedField], ages: str, number: int, *, everywhere: bool) -> str:
    """The joins that take older rows with the keys of ``keys`` away from ``t``.

    Args:
        keys: Relation with ``fields``, ``sequence`` and ``part``.
        ages: Relation of the files with ``file``, ``sequence`` and ``part``.
        number: Tells these joins from others of the same query.
        everywhere: Whether the keys hold in all partitions.
    """
    same = " AND ".join(f"t.{inner(field)} IS NOT DISTINCT FROM k{number}.{inner(field)}" for field in fields)
    where = "" if everywhere else f" AND a{number}.part = k{number}.part"
    return (
        f" JOIN {ages} a{number} ON t.file = a{number}.file"
        f" ANTI JOIN {keys} k{number} ON {same} AND a{number}.sequence < k{number}.sequence{where}"
    )


def file_list(files: Iterable[str]) -> str:
    """Files as DuckDB's literals, each such that it matches itself alone."""
    return ", ".join(text(_no_glob(file)) for file in files)


def _no_glob(path: str) -> str:
    """``path`` such that DuckDB's file patterns match it alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)
