"""The table properties of Trino's Iceberg connector as data: names, types, values; and what isn't written here.

From ``system.metadata.table_properties`` of Trino 483. Partitioning and sort order are read into values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.analyze.scope import nearest
from olo_jupyter.lakehouse.sql.grammar.syntax import PropertyText
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.statement import PartitionField, SortField

INVALID = "invalid-table-property"
_FORMATS = ("ORC", "PARQUET", "AVRO")
_CODECS = ("NONE", "SNAPPY", "LZ4", "ZSTD", "GZIP")
_SIZES = {"B": 0, "kB": 10, "MB": 20, "GB": 30, "TB": 40, "PB": 50}
_COLUMN = r'(?P<column>"(?:[^"]|"")+"|[A-Za-z_]\w*)'
_PARTITION = re.compile(
    rf"\s*(?:(?P<transform>[A-Za-z]+)\s*\(\s*)?{_COLUMN}\s*(?:,\s*(?P<number>\d+)\s*)?(?P<close>\))?\s*", re.ASCII
)
_SORT = re.compile(
    rf"\s*{_COLUMN}(?:\s+(?P<direction>ASC|DESC))?(?:\s+NULLS\s+(?P<nulls>FIRST|LAST))?\s*", re.ASCII | re.IGNORECASE
)
_TRANSFORMS = {"identity": 0, "year": 0, "month": 0, "day": 0, "hour": 0, "bucket": 1, "truncate": 1, "void": 0}


@dataclass(frozen=True)
class Layout:
    """Properties as they were set: None stands for DEFAULT; what isn't named isn't there."""

    values: Mapping[str, Any] = field(default_factory=dict)
    partitioning: tuple[PartitionField, ...] | None = None
    sorted_by: tuple[SortField, ...] | None = None


def read_properties(texts: Iterable[PropertyText], table: TableName) -> Layout:
    """The properties of a WITH or SET PROPERTIES clause, each value of its right type.

    Raises:
        QueryError: ``invalid-table-property``, at its place: an unknown name, a value that isn't one of the property.
        Unsupported: The property asks for what can't be written here.
    """
    values: dict[str, Any] = {}
    partitioning: tuple[PartitionField, ...] | None = None
    sorted_by: tuple[SortField, ...] | None = None
    for text in texts:
        name = text.name.name.lower()
        if name not in _TYPES:
            message = f"Catalog '{table.catalog}' table property '{name}' does not exist"
            raise fail(message, INVALID, text.name, hint=nearest(name, _TYPES))
        value = None if text.value is None else _value(name, text, table.catalog)
        if name == "partitioning":
            partitioning = tuple(partition_field(each, text.name) for each in value or ())
        elif name == "sorted_by":
            sorted_by = tuple(_sort_field(each, text.name) for each in value or ())
        else:
            values[name] = value
    return Layout(values, partitioning, sorted_by)


def partition_field(text: str, node: exp.Expr) -> PartitionField:
    """One element of ``partitioning``: ``month(day)``, ``bucket(id, 16)``, ``"two words"``.

    Raises:
        QueryError: ``invalid-table-property``.
    """
    match = _PARTITION.fullmatch(text)
    transform = (match.group("transform") or "identity").lower() if match else ""
    number = match.group("number") if match else None
    balanced = match is not None and (match.group("transform") is None) == (match.group("close") is None)
    if match is None or not balanced or _TRANSFORMS.get(transform, -1) != (number is not None):
        hint = "Write a column, or year, month, day, hour(column), bucket(column, n), truncate(column, n)."
        message = f"Unable to parse partitioning value: Invalid partition field declaration: {text}"
        raise fail(message, INVALID, node, hint=hint)
    return PartitionField(_column(match.group("column")), transform if number is None else f"{transform}[{number}]")


def _sort_field(text: str, node: exp.Expr) -> SortField:
    match = _SORT.fullmatch(text)
    if match is None:
        hint = "Write a column, then ASC or DESC, then NULLS FIRST or NULLS LAST."
        raise fail(f"Unable to parse sort field: [{text}]", INVALID, node, hint=hint)
    descending = (match.group("direction") or "").upper() == "DESC"
    nulls = (match.group("nulls") or "").upper()
    return SortField(_column(match.group("column")), descending, nulls == "FIRST" if nulls else not descending)


def _column(written: str) -> str:
    """As Trino: a quoted name is taken as it stands, another one in lower case."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written.lower()


def _value(name: str, text: PropertyText, catalog: str) -> Any:
    type_, read = _TYPES[name]
    if not _fits(text.value, type_):
        message = f"Invalid value for catalog '{catalog}' table property '{name}': Cannot convert [{_sql(text.value)}]"
        raise fail(f"{message} to {type_}", INVALID, text.name)
    try:
        value = read(text.value)
    except ValueError as error:
        message = f"Unable to set catalog '{catalog}' table property '{name}' to [{_sql(text.value)}]: {error}"
        raise fail(message, INVALID, text.name) from error
    refusal = _refusal(name, value)
    if refusal:
        raise refuse(refusal, text.name, hint="Leave it out, or run the statement with --engine trino.")
    return value


def _refusal(name: str, value: Any) -> str:
    """What this engine can't write, '' where it can."""
    if name == "format" and value != "PARQUET":
        return f"writing {value} files (it writes Parquet)"
    if name == "format_version" and value > 2:
        return f"writing tables of format version {value}"
    if name in ("parquet_bloom_filter_columns", "orc_bloom_filter_columns") and value:
        return f"Bloom filters in its files ({name})"
    if name in ("parquet_writer_row_group_size", "orc_bloom_filter_fpp"):
        return f"the table property '{name}'"
    return ""


def _fits(value: Any, type_: str) -> bool:
    match type_:
        case "varchar":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
        case "double":
            return not isinstance(value, bool | str | list | dict)
        case "array(varchar)":
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair)


def _sql(value: Any) -> str:
    """A constant as it is written."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list):
        return f"ARRAY[{','.join(map(_sql, value))}]"
    return str(value).upper() if isinstance(value, bool) else str(value)


def _as_is(value: Any) -> Any:
    return value


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.upper() not in names:
            raise ValueError(f"Invalid value [{value}]. Valid values: [{', '.join(names)}]")
        return value.upper()

    return read


def _between(name: str, least: int, most: int | None = None) -> Callable[[int], int]:
    def read(value: int) -> int:
        if most is not None and not least <= value <= most:
            raise ValueError(f"{name} must be between {least} and {most}")
        if value < least:
            raise ValueError(f"{name} must be greater than or equal to {least}")
        return value

    return read


def data_size(text: str) -> int:
    """Bytes of a size as Trino writes it.

    Raises:
        ValueError: Not a size.

    Example:
        >>> data_size("1.5kB"), data_size("32MB")
        (1536, 33554432)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text, re.ASCII)
    if match is None:
        raise ValueError(f"size is not a valid data size string: {text}")
    if match.group(2) not in _SIZES:
        raise ValueError(f"Unknown unit: {match.group(2)}")
    return round(float(match.group(1)) * (1 << _SIZES[match.group(2)]))


def size_text(count: int) -> str:
    """A number of bytes in the largest unit that holds it whole, as Trino shows sizes.

    Example:
        >>> size_text(33554432), size_text(1500)
        ('32MB', '1500B')
    """
    unit = next(unit for unit in reversed(_SIZES) if count % 2 ** _SIZES[unit] == 0) if count else "B"
    return f"{count >> _SIZES[unit]}{unit}"


def _location(value: str) -> str:
    if not value.strip():
        raise ValueError("a location is needed")
    return value.rstrip("/") or value


def _extra(value: dict[str, str]) -> dict[str, str]:
    """Any Iceberg property that no property of Trino's own stands for."""
    illegal = sorted(key for key in value if key in _OURS or key.startswith(_OURS_PREFIXES))
    if illegal:
        raise ValueError(f"Illegal keys in extra_properties: [{', '.join(illegal)}]")
    return value


_OURS = frozenset(
    {"comment", "format-version", "location", "commit.retry.num-retries", "sort-order", "current-snapshot-id"}
    | {"write.data.path", "write.format.default", "write.object-storage.enabled", "write.target-file-size-bytes"}
    | {"write.parquet.compression-codec", "write.parquet.row-group-size-bytes", "provider", "format", "uuid"}
    | {"write.metadata.delete-after-commit.enabled", "write.metadata.previous-versions-max", "write.metadata.path"}
)
_OURS_PREFIXES = ("write.parquet.bloom-filter-", "write.orc.", "write.avro.", "current-", "snapshot-")

_TYPES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "compression_codec": ("varchar", _one_of(_CODECS)),
    "data_location": ("varchar", _location),
    "delete_after_commit_enabled": ("boolean", _as_is),
    "extra_properties": ("map(varchar, varchar)", _extra),
    "format": ("varchar", _one_of(_FORMATS)),
    "format_version": ("integer", _between("format_version", 1, 3)),
    "location": ("varchar", _location),
    "max_commit_retry": ("integer", _between("max_commit_retry", 0)),
    "max_previous_versions": ("integer", _between("max_previous_versions", 0)),
    "object_store_layout_enabled": ("boolean", _as_is),
    "orc_bloom_filter_columns": ("array(varchar)", _as_is),
    "orc_bloom_filter_fpp": ("double", _as_is),
    "parquet_bloom_filter_columns": ("array(varchar)", _as_is),
    "parquet_writer_row_group_size": ("varchar", data_size),
    "partitioning": ("array(varchar)", _as_is),
    "sorted_by": ("array(varchar)", _as_is),
    "target_max_file_size": ("varchar", data_size),
}
