"""The columns that a table has and ``SELECT *`` doesn't show: of each row, which file it is in."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import GONE_HINT, QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions.duck import text
from olo_jupyter.lakehouse.storage import place_of

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionField
    from pyiceberg.types import IcebergType

    from olo_jupyter.lakehouse.data_files import DataTask
    from olo_jupyter.lakehouse.reading import PinnedTable


def value_of(name: str, task: DataTask, pinned: PinnedTable) -> str:
    """A hidden column's value in one file, as a literal of DuckDB's.

    Args:
        name: ``$path``, ``$file_modified_time`` or ``$partition``.

    Raises:
        QueryError: The file is gone.
        Unsupported: The storage tells no time; a partition whose values are written differently in Java and Python.
    """
    if name == "$path":
        return text(task.file.file_path)
    if name == "$partition":
        return text(_partition(task, pinned))
    return _modified(task, pinned)


def _modified(task: DataTask, pinned: PinnedTable) -> str:
    place = place_of(pinned.table.io, task.file.file_path)
    found = None if place is None else place.filesystem.get_file_info(place.path)
    if found is not None and not found.is_file:
        raise QueryError(
            f"A file of table {pinned.name} is gone: {task.file.file_path}",
            code="iceberg-cannot-open-split",
            hint=GONE_HINT,
        )
    if found is None or found.mtime_ns is None:
        raise Unsupported(
            f'The storage of table {pinned.name} tells no "$file_modified_time".',
            hint="Run the statement with --engine trino.",
        )
    at = found.mtime.astimezone(UTC)
    return f"TIMESTAMPTZ '{at:%Y-%m-%d %H:%M:%S}.{found.mtime_ns // 1_000_000 % 1000:03d}+00'"


def _partition(task: DataTask, pinned: PinnedTable) -> str:
    """``k=a/d_month=2024-01``; '' of a file without partition."""
    metadata = pinned.table.metadata
    spec = metadata.specs()[task.file.spec_id]
    if spec.is_unpartitioned():
        return ""
    schema = next(
        (
            each
            for each in (pinned.schema, *sorted(metadata.schemas, key=lambda one: -one.schema_id))
            if all(each.find_column_name(field.source_id) for field in spec.fields)
        ),
        None,
    )
    if schema is None or not all(_alike(field, schema.find_type(field.source_id)) for field in spec.fields):
        raise Unsupported(
            f'The embedded engine doesn\'t have "$partition" of table {pinned.name}: {spec}.',
            hint="Run the statement with --engine trino.",
        )
    return spec.partition_to_path(task.file.partition, schema)


def _alike(field: PartitionField, source: IcebergType) -> bool:
    """Whether PyIceberg writes the value as Iceberg's Java does."""
    from pyiceberg.transforms import BucketTransform, DayTransform, MonthTransform, TruncateTransform, YearTransform
    from pyiceberg.types import DateType, IntegerType, LongType, StringType

    if isinstance(field.transform, BucketTransform | DayTransform | MonthTransform | YearTransform):
        return True
    plain = (IntegerType, LongType, StringType)
    whole_day = isinstance(source, DateType) and not isinstance(field.transform, TruncateTransform)
    return isinstance(source, plain) or whole_day
