"""Trino's table properties as Iceberg's, and a table's definition read back from its metadata."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import CreateTable, PartitionField, SortField, TableDefinition

if TYPE_CHECKING:
    from pyiceberg.catalog import MetastoreCatalog
    from pyiceberg.table import Table, Transaction

_FORMAT = "write.format.default"
_MEANINGFUL = frozenset("#?%/\\:*[]{}\"'")
"""Characters that mean something in locations, or in patterns of files."""
_CODECS = {"ZSTD": "zstd", "SNAPPY": "snappy", "GZIP": "gzip", "LZ4": "lz4", "NONE": "uncompressed"}


def _flag(value: Any) -> str:
    return "true" if value else "false"


_PROPERTIES: dict[str, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    "compression_codec": (
        "write.parquet.compression-codec",
        lambda value: _CODECS[value],
        lambda text: {codec: name for name, codec in _CODECS.items()}.get(text.lower()),
    ),
    "data_location": ("write.data.path", str, str),
    "delete_after_commit_enabled": (
        "write.metadata.delete-after-commit.enabled",
        _flag,
        lambda text: text.lower() == "true" or None,
    ),
    "format": (_FORMAT, str, lambda text: text.upper()),
    "max_commit_retry": ("commit.retry.num-retries", str, int),
    "max_previous_versions": ("write.metadata.previous-versions-max", str, int),
    "object_store_layout_enabled": (
        "write.object-storage.enabled",
        _flag,
        lambda text: text.lower() == "true" or None,
    ),
    "parquet_writer_row_group_size": ("write.parquet.row-group-size-bytes", str, int),
    "target_max_file_size": ("write.target-file-size-bytes", str, int),
}
"""Trino's name → Iceberg's, the value written, and read again (None: it is the default, or not one of Trino's)."""


def new_properties(statement: CreateTable) -> dict[str, str]:
    """Iceberg's properties of a new table; the location is apart (:func:`location`).

    Example:
        >>> from olo_jupyter.lakehouse.names import TableName
        >>> new_properties(CreateTable(TableName("dev", "s", "t"), (), properties={"compression_codec": "SNAPPY"}))
        {'write.format.default': 'PARQUET', 'write.parquet.compression-codec': 'snappy'}
    """
    properties = {_FORMAT: "PARQUET"}
    if "format_version" in statement.properties:
        properties["format-version"] = str(statement.properties["format_version"])
    properties |= set_properties(statement.properties)
    return properties | ({"comment": statement.comment} if statement.comment else {})


def set_properties(values: Mapping[str, Any]) -> dict[str, str]:
    """Iceberg's properties for those of ``values`` (Trino's) that have a value."""
    properties: dict[str, str] = {}
    for name, value in values.items():
        if name in _PROPERTIES and value is not None:
            key, write, _ = _PROPERTIES[name]
            properties[key] = write(value)
        elif name == "extra_properties" and value:
            properties.update(value)
    return properties


def iceberg_names(names: Mapping[str, Any]) -> list[str]:
    """Iceberg's names of the properties ``names``, as far as each has one."""
    return [_PROPERTIES[name][0] for name in names if name in _PROPERTIES]


def stage_properties(transaction: Transaction, statement: CreateTable) -> None:
    """Stage the properties of a replaced table: what the statement doesn't say goes back to its default.

    Properties that are no matter of CREATE TABLE (tags, extra properties) stay.
    """
    present = transaction.table_metadata.properties
    wanted = {key: value for key, value in new_properties(statement).items() if key != "format-version"}
    gone = [key for key in ("comment", *iceberg_names(_PROPERTIES)) if key in present and key not in wanted]
    changed = {key: value for key, value in wanted.items() if present.get(key) != value}
    if changed:
        transaction.set_properties(changed)
    if gone:
        transaction.remove_properties(*gone)
    version = statement.properties.get("format_version", 0)
    if version > transaction.table_metadata.format_version:
        transaction.upgrade_table_version(version)


def location(statement: CreateTable) -> str | None:
    """The ``location`` property, None where the catalog chooses."""
    value = statement.properties.get("location")
    return str(value) if value else None


def default_location(catalog: MetastoreCatalog, name: TableName) -> str | None:
    """Where the catalog would put a new table or view, names made safe; None where it tells so itself.

    PyIceberg takes names as they are: ``#`` and ``?`` would end the path, ``..`` would leave the folder.

    Raises:
        QueryError: ``schema-not-found``: there is no such namespace.
    """
    from pyiceberg.exceptions import NoSuchNamespaceError

    namespace, table = _safe(name.namespace), _safe(name.table)
    if (namespace, table) == (name.namespace, name.table):
        return None
    try:
        folder = catalog.load_namespace_properties(tuple(name.namespace.split("."))).get("location")
    except NoSuchNamespaceError:
        folder = None
    warehouse = str(catalog.properties.get("warehouse", "")).rstrip("/")
    return f"{folder.rstrip('/')}/{table}" if folder else f"{warehouse}/{namespace}/{table}"


def _safe(name: str) -> str:
    """A name as one part of a path, as Trino writes it: what may mean something in a location is percent-encoded.

    Example:
        >>> _safe("two words.é"), _safe("a/b#c"), _safe("..")
        ('two words.é', 'a%2Fb%23c', '%2E%2E')
    """
    if not name.strip("."):
        return name.replace(".", "%2E")
    return "".join(quote(letter, safe="") if letter in _MEANINGFUL or ord(letter) < 32 else letter for letter in name)


def definition(table: Table) -> TableDefinition:
    """What CREATE TABLE would have to say to make ``table``.

    Raises:
        Unsupported: A column's type can't be read.
    """
    metadata = table.metadata
    present = metadata.properties
    properties: dict[str, Any] = {
        "format": "PARQUET",
        "format_version": metadata.format_version,
        "location": table.location(),
    }
    for name, (key, _, read) in _PROPERTIES.items():
        if key in present:
            try:
                value = read(present[key])
            except ValueError as error:
                raise QueryError(
                    f"The table's property {key} has the value {present[key]!r}", code="iceberg-invalid-metadata"
                ) from error
            if value is not None:
                properties[name] = value
    prefix = "write.parquet.bloom-filter-enabled.column."
    filters = [key.removeprefix(prefix) for key, value in present.items() if key.startswith(prefix) and value == "true"]
    if filters:
        properties["parquet_bloom_filter_columns"] = sorted(filters)
    return TableDefinition(
        table_schema(table.schema()).fields,
        present.get("comment", ""),
        properties,
        tuple(_partitioning(table)),
        tuple(_sorted_by(table)),
    )


def _partitioning(table: Table) -> list[PartitionField]:
    from pyiceberg.transforms import VoidTransform

    schema = table.schema()
    return [
        PartitionField(_column(schema.find_column_name(field.source_id)), str(field.transform))
        for field in table.spec().fields
        if not isinstance(field.transform, VoidTransform)
    ]


def _sorted_by(table: Table) -> list[SortField]:
    from pyiceberg.table.sorting import NullOrder, SortDirection
    from pyiceberg.transforms import IdentityTransform

    schema, order = table.schema(), table.metadata.sort_order_by_id(table.metadata.default_sort_order_id)
    return [
        SortField(
            _column(schema.find_column_name(field.source_id)),
            field.direction == SortDirection.DESC,
            field.null_order == NullOrder.NULLS_FIRST,
        )
        for field in (order.fields if order else [])
        if isinstance(field.transform, IdentityTransform)
    ]


def _column(name: str | None) -> str:
    assert name is not None  # a partition's or order's column can't be dropped
    return name.lower()
