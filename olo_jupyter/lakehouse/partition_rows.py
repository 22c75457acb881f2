"""Which rows go into one file, and in which order: a table's partitioning and its ``sorted_by``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.types import StructType

if TYPE_CHECKING:
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import NestedField

Direction = Literal["ascending", "descending"]


def partitions(metadata: TableMetadata, table: pa.Table) -> Iterator[tuple[PartitionKey | None, pa.Table]]:
    """The rows of each partition, in their order; found in one pass, however many partitions there are."""
    spec, schema = metadata.spec(), metadata.schema()
    if spec.is_unpartitioned():
        yield None, table
        return
    keys = {}
    for position, field in enumerate(spec.fields):
        source = schema.find_field(field.source_id)
        keys[str(position)] = field.transform.pyarrow_transform(source.field_type)(
            _column(table, path_of(schema.fields, field.source_id))
        )
    # Each group with the numbers of its rows: Arrow gives groups with NULLs in another order than it sorts them.
    numbered = pa.table({**keys, "row": pa.arange(0, table.num_rows)})
    groups = numbered.group_by(list(keys), use_threads=False).aggregate([("row", "list")]).combine_chunks()
    values = groups.drop_columns("row_list").to_pylist()
    for group, rows in zip(values, groups.column("row_list"), strict=True):
        fields = [PartitionFieldValue(field, group[str(position)]) for position, field in enumerate(spec.fields)]
        yield PartitionKey(fields, spec, schema), table.take(rows.values)


def path_of(fields: Sequence[NestedField], id_: int) -> list[str]:
    """The names that lead to a field: those of the rows around it, then its own; [] where it isn't there."""
    for field in fields:
        if field.field_id == id_:
            return [field.name]
        inner = path_of(field.field_type.fields, id_) if isinstance(field.field_type, StructType) else []
        if inner:
            return [field.name, *inner]
    return []


def _column(table: pa.Table, path: Sequence[str]) -> pa.ChunkedArray:
    """A column, or a field inside rows: NULL where a row around it is."""
    column = table.column(path[0])
    if len(path) == 1:
        return column
    return pa.chunked_array([pc.struct_field(chunk, list(path[1:])) for chunk in column.chunks])


def in_order(metadata: TableMetadata, rows: pa.Table) -> pa.Table:
    """``rows`` (of the table's own columns) by the table's sort order; as they are where it has none.

    NaN counts as larger than any number. An order by a transform, or by a field inside a row, is left alone: Trino
    makes no such orders.
    """
    from pyiceberg.table.sorting import NullOrder, SortDirection
    from pyiceberg.transforms import IdentityTransform

    order = metadata.sort_order_by_id(metadata.default_sort_order_id)
    if order is None or not order.fields or rows.num_rows < 2:
        return rows
    schema = metadata.schema()
    names = {field.field_id: field.name for field in schema.fields}
    if not all(isinstance(field.transform, IdentityTransform) and field.source_id in names for field in order.fields):
        return rows
    keys: dict[str, pa.ChunkedArray] = {}
    directions: list[tuple[str, Direction]] = []
    for at, field in enumerate(order.fields):
        column = rows.column(names[field.source_id])
        direction: Direction = "descending" if field.direction == SortDirection.DESC else "ascending"
        missing: Direction = "descending" if field.null_order == NullOrder.NULLS_FIRST else "ascending"
        keys[f"n{at}"] = column.is_null().cast(pa.int8())
        directions.append((f"n{at}", missing))
        if pa.types.is_floating(column.type):
            keys[f"x{at}"] = pc.fill_null(pc.is_nan(column), False).cast(pa.int8())
            directions.append((f"x{at}", direction))
        if pa.types.is_fixed_size_binary(column.type) or isinstance(column.type, pa.BaseExtensionType):
            column = pa.chunked_array([chunk.cast(pa.binary()) for chunk in _plain(column).chunks], pa.binary())
        keys[f"v{at}"] = column
        directions.append((f"v{at}", direction))
    return rows.take(pc.sort_indices(pa.table(keys), sort_keys=directions))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values of an extension type (uuid) as Arrow stores them."""
    if isinstance(column.type, pa.BaseExtensionType):
        return pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column
