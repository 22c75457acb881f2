"""What a table is besides its columns, and figures of its columns: by Iceberg's metadata, without reading rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.data_files import read_entries
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.file_metrics import human
from olo_jupyter.lakehouse.masking import known_secrets, masked_values
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sensitivity import SENSITIVE, sensitivities
from olo_jupyter.server.browse import shown_type
from olo_jupyter.server.models.tables import ColumnStatistics, TableFacts, TableStatistics

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.types import NestedField

_DELETED = 2


def table_facts(catalogs: Catalogs, name: TableName, pages: Mapping[str, str]) -> TableFacts:
    """Location, partitioning, size, retention, properties.

    Args:
        pages: Addresses of other programs' pages about a table, by title, with ``{catalog}``, ``{namespace}`` and
            ``{table}`` in them.

    Raises:
        QueryError: As ``Catalogs.load``.
    """
    table = catalogs.load(name)
    metadata = table.metadata
    snapshot = metadata.current_snapshot()
    schema = table.schema()

    def total(key: str) -> int | None:
        value = snapshot.summary.get(key) if snapshot and snapshot.summary else None
        return int(value) if value is not None and value.isdigit() else None

    def written(source: int, transform: Any) -> str:
        column = schema.find_column_name(source) or str(source)
        text = str(transform)
        if text == "identity":
            return column
        kind, _, parameter = text.partition("[")
        return f"{kind}({column}{f', {parameter[:-1]}' if parameter else ''})"

    hidden = known_secrets(catalogs.settings)
    names = {"catalog": name.catalog, "namespace": name.namespace, "table": name.table}
    return TableFacts(
        format_version=metadata.format_version,
        location=str(masked_values({"location": table.location()}, hidden)["location"]),
        partitioning=[written(field.source_id, field.transform) for field in table.spec().fields],
        sorted_by=[
            f"{written(field.source_id, field.transform)} {field.direction.name}" for field in table.sort_order().fields
        ],
        rows=total("total-records") if snapshot else 0,
        size=total("total-files-size") if snapshot else 0,
        files=total("total-data-files") if snapshot else 0,
        updated=datetime.fromtimestamp(metadata.last_updated_ms / 1000, UTC),
        retention=retention_text(table.properties),
        compaction=compaction_text(table.properties),
        properties=masked_values(dict(sorted(table.properties.items())), hidden),
        links={title: page_address(page, names) for title, page in pages.items()},
    )


def page_address(page: str, names: Mapping[str, str]) -> str:
    """The address of a page about a table, its names percent-encoded in their places."""
    return re.sub(r"\{(\w+)\}", lambda match: quote(names.get(match.group(1), match.group(0)), safe=""), page)


def retention_text(properties: Mapping[str, str]) -> str:
    """What a table's properties keep of its history."""
    from olo_jupyter.lakehouse.retention import AGE_PROPERTY, DEFAULT_AGE

    age = properties.get(AGE_PROPERTY, "")
    milliseconds = int(age) if age.isdigit() else DEFAULT_AGE.total_seconds() * 1000
    days = milliseconds / 86_400_000
    least = properties.get("history.expire.min-snapshots-to-keep", "1")
    default = "" if age else " (default)"
    return f"Snapshots are kept for {days:g} days{default}, at least {least}; tagged ones for as long as the tag."


def compaction_text(properties: Mapping[str, str]) -> str:
    """Which files a compaction joins, and up to which size, by a table's properties."""
    from olo_jupyter.lakehouse.maintenance.compact import SMALL_BYTES, TARGET_SIZE, together_bytes

    default = "" if properties.get(TARGET_SIZE, "").isdigit() else " (default)"
    return (
        f"olo maintain --compact joins files below {SMALL_BYTES / 2**20:g} MB, and files with deleted rows, to files of"
        f" up to {together_bytes(properties) / 2**20:g} MB{default}."
    )


def table_statistics(catalogs: Catalogs, name: TableName, snapshot_id: str = "") -> TableStatistics:
    """Nulls, bounds and sizes of the columns, added up over the data files of a snapshot.

    Args:
        snapshot_id: '' for the current one.

    Raises:
        QueryError: As ``Catalogs.load``; ``snapshot-not-found``.
    """
    table = catalogs.load(name)
    snapshot = _snapshot(table, name, snapshot_id)
    data, deletes = _files(table, snapshot)
    tags = sensitivities(table.properties)
    rows = sum(file.record_count for file in data)
    distinct = _distinct(table, snapshot)
    return TableStatistics(
        snapshot=str(snapshot.snapshot_id) if snapshot else None,
        rows=rows,
        files=len(data),
        deletes=deletes,
        columns=[
            _column(field, data, rows, distinct.get(field.field_id), tags.get(field.name.lower(), "") in SENSITIVE)
            for field in table.schema().fields
        ],
    )


def _snapshot(table: Table, name: TableName, snapshot_id: str) -> Snapshot | None:
    if not snapshot_id:
        return table.metadata.current_snapshot()
    found = table.metadata.snapshot_by_id(int(snapshot_id))
    if found is None:
        raise QueryError(
            f"{name} has no snapshot {snapshot_id}.",
            code="snapshot-not-found",
            hint="It may have expired; the table's history lists those that there are.",
        )
    return found


def _files(table: Table, snapshot: Snapshot | None) -> tuple[list[DataFile], int]:
    """The data files of a snapshot, and how many delete files it has."""
    from pyiceberg.manifest import DataFileContent

    data: list[DataFile] = []
    deletes = 0
    for manifest in snapshot.manifests(table.io) if snapshot else []:
        for entry in read_entries(manifest, table.io, discard_deleted=False):
            if entry.status.value == _DELETED:
                continue
            if entry.data_file.content == DataFileContent.DATA:
                data.append(entry.data_file)
            else:
                deletes += 1
    return data, deletes


def _column(
    field: NestedField, files: list[DataFile], rows: int, distinct: int | None, hidden: bool
) -> ColumnStatistics:
    from pyiceberg.conversions import from_bytes
    from pyiceberg.types import PrimitiveType

    id_, type_ = field.field_id, field.field_type

    def added(figures: Callable[[DataFile], Mapping[int, int] | None]) -> int | None:
        values = [(figures(file) or {}).get(id_) for file in files]
        return None if None in values or not values else sum(value for value in values if value is not None)

    def bound(bounds: Iterable[bytes | None], choose: Callable[..., Any]) -> str | None:
        if not isinstance(type_, PrimitiveType) or hidden:
            return None
        known = [value for value in bounds if value is not None]
        return human(type_, choose(known, key=lambda value: from_bytes(type_, value))) if known else None

    nulls = added(lambda file: file.null_value_counts)
    # A file of NULLs only has no bounds; one that has values and no bounds makes the others' no bounds of the column.
    counted = [file for file in files if (file.null_value_counts or {}).get(id_) != file.record_count]
    lower = [(file.lower_bounds or {}).get(id_) for file in counted]
    upper = [(file.upper_bounds or {}).get(id_) for file in counted]
    return ColumnStatistics(
        name=field.name,
        type=shown_type(field),
        nulls=nulls,
        null_share=nulls / rows if nulls is not None and rows else None,
        nans=added(lambda file: file.nan_value_counts),
        smallest=None if None in lower else bound(lower, min),
        largest=None if None in upper else bound(upper, max),
        distinct=distinct,
        size=added(lambda file: file.column_sizes),
    )


def _distinct(table: Table, snapshot: Snapshot | None) -> dict[int, int]:
    """Estimates of distinct values by field id, from the statistics file of the snapshot (Trino's ANALYZE)."""
    found: dict[int, int] = {}
    for file in table.metadata.statistics:
        if snapshot is not None and file.snapshot_id == snapshot.snapshot_id:
            for blob in file.blob_metadata:
                value = (blob.properties or {}).get("ndv", "")
                if blob.type == "apache-datasketches-theta-v1" and value.isdigit() and len(blob.fields) == 1:
                    found[blob.fields[0]] = int(value)
    return found
