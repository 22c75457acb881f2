"""How a table is laid out: Trino's partitioning and order as Iceberg's, and new columns for an old table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.columns import iceberg_schema
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.statement import Field, PartitionField, SortField

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionField as IcebergPartition
    from pyiceberg.partitioning import PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table import Transaction
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.sorting import SortOrder
    from pyiceberg.table.update import TableRequirement, TableUpdate
    from pyiceberg.types import NestedField

_INVALID = "invalid-table-property"


def partition_spec(partitioning: Sequence[PartitionField], schema: Schema) -> PartitionSpec:
    """The partition spec of a new table; partition names as Iceberg's own builder gives them (``day_month``).

    Raises:
        QueryError: ``invalid-table-property``: a column that isn't there, or a transform that doesn't take its type.
    """
    from pyiceberg import partitioning as iceberg
    from pyiceberg.transforms import parse_transform

    fields: list[iceberg.PartitionField] = []
    for number, part in enumerate(partitioning):
        source = _source(schema, part.column, "Unable to parse partitioning value: Cannot find source column")
        try:
            transform = parse_transform(part.transform)
        except ValueError as error:
            raise QueryError(str(error), code=_INVALID) from error
        kind = part.transform.split("[")[0]
        if not transform.can_transform(source.field_type):
            raise QueryError(
                f"Unable to parse partitioning value: Invalid source type {source.field_type} for transform: {kind}",
                code=_INVALID,
                hint=f"Column '{part.column}' can't be partitioned by {kind}.",
            )
        name = part.column + {"identity": "", "truncate": "_trunc", "void": "_null"}.get(kind, f"_{kind}")
        new = iceberg.PartitionField(source_id=source.field_id, field_id=1000 + number, transform=transform, name=name)
        _refuse_clash(new, fields, schema)
        fields.append(new)
    return iceberg.PartitionSpec(*fields)


def _refuse_clash(new: IcebergPartition, before: Sequence[IcebergPartition], schema: Schema) -> None:
    """What Iceberg's own builder refuses: one name twice, a column's name, one column by two units of time."""
    from pyiceberg.transforms import IdentityTransform, TimeTransform

    start = "Unable to parse partitioning value: "
    if any(new.name == old.name for old in before):
        raise QueryError(f"{start}Cannot use partition name more than once: {new.name}", code=_INVALID)
    taken = not isinstance(new.transform, IdentityTransform) and any(
        field.name.lower() == new.name for field in schema.fields
    )
    if taken:
        raise QueryError(
            f"{start}Cannot create partition from name that exists in schema: {new.name}",
            code=_INVALID,
            hint=f"Rename the column '{new.name}': the partition would have its name.",
        )
    for old in before:
        times = isinstance(old.transform, TimeTransform) and isinstance(new.transform, TimeTransform)
        if old.source_id == new.source_id and times:
            raise QueryError(
                f"{start}Cannot add redundant partition: {old.name} conflicts with {new.name}",
                code=_INVALID,
                hint="Keep the finer one: it prunes for both.",
            )


def sort_order(sorted_by: Sequence[SortField], schema: Schema, order_id: int = 1) -> SortOrder:
    """The sort order of a table; columns inside rows can't be sorted by.

    Raises:
        QueryError: ``column-not-found``; ``invalid-table-property``: a column of a type that has no order.
    """
    from pyiceberg.table.sorting import UNSORTED_SORT_ORDER, NullOrder, SortDirection, SortOrder
    from pyiceberg.table.sorting import SortField as IcebergSort
    from pyiceberg.transforms import IdentityTransform

    fields = []
    for part in sorted_by:
        source = next((field for field in schema.fields if field.name.lower() == part.column), None)
        if source is None:
            names = ", ".join(field.name for field in schema.fields)
            raise QueryError(
                f"Column not found: {part.column}", code="column-not-found", hint=f"The table has: {names}."
            )
        if not source.field_type.is_primitive:
            raise QueryError(f"Unable to sort by '{part.column}' of type {source.field_type}", code=_INVALID)
        fields.append(
            IcebergSort(
                source_id=source.field_id,
                transform=IdentityTransform(),
                direction=SortDirection.DESC if part.descending else SortDirection.ASC,
                null_order=NullOrder.NULLS_FIRST if part.nulls_first else NullOrder.NULLS_LAST,
            )
        )
    return SortOrder(*fields, order_id=order_id) if fields else UNSORTED_SORT_ORDER


def _source(schema: Schema, column: str, missing: str) -> NestedField:
    """The column of that name, a field inside a row with dots; names count without case, a column's own first."""
    for field in schema.fields:
        if field.name.lower() == column:
            return field
    by_name = {name.lower(): id_ for name, id_ in schema._name_to_id.items()}
    if column in by_name:
        return schema.find_field(by_name[column])
    names = ", ".join(field.name for field in schema.fields)
    raise QueryError(f"{missing}: {column}", code=_INVALID, hint=f"The table has: {names}.")


def stage_layout(
    transaction: Transaction,
    fields: Sequence[Field],
    partitioning: Sequence[PartitionField],
    sorted_by: Sequence[SortField] = (),
) -> None:
    """Stage new columns, partitioning and order for a table whose rows are all replaced in the same transaction.

    A column that keeps its name and type keeps its field id; every other one gets a new id, so that no old file is ever
    read as the new column.
    """
    from pyiceberg.schema import Schema
    from pyiceberg.table.update import (
        AddSchemaUpdate,
        SetCurrentSchemaUpdate,
        SetPropertiesUpdate,
    )

    metadata = transaction.table_metadata
    current = metadata.schema()
    counter = itertools.count(metadata.last_column_id + 1)
    columns = [_column(field, current, lambda: next(counter)) for field in fields]
    known = {tuple(schema.fields): schema.schema_id for schema in metadata.schemas}
    schema = Schema(*columns, schema_id=max(known.values()) + 1)
    updates: list[TableUpdate] = []
    if tuple(columns) != current.fields:
        again = known.get(tuple(columns))
        if again is None:
            updates.append(AddSchemaUpdate.model_validate({"schema": schema}))
        updates.append(SetCurrentSchemaUpdate.model_validate({"schema-id": -1 if again is None else again}))
        if "schema.name-mapping.default" in metadata.properties:
            mapping = {"schema.name-mapping.default": schema.name_mapping.model_dump_json()}
            updates.append(SetPropertiesUpdate(updates=mapping))
    updates.extend(order_updates(metadata, sort_order(sorted_by, schema)))
    updates.extend(partitioning_updates(metadata, partition_spec(partitioning, schema)))
    if updates:  # together: between columns and partitioning the table would not be valid
        transaction._apply(
            tuple(updates),
            unchanged(metadata),
        )


def _column(field: Field, current: Schema, next_id: Callable[[], int]) -> NestedField:
    from pyiceberg.types import NestedField

    shape = iceberg_schema([field]).fields[0]
    old = next((column for column in current.fields if column.name == field.name), None)
    if old is not None and _shape(old) == shape.field_type:
        return NestedField(old.field_id, field.name, old.field_type, required=shape.required, doc=shape.doc)
    return iceberg_schema([field], next_id).fields[0]


def _shape(column: NestedField) -> Any:
    """The column's type numbered as that of a new table's only column, for comparing types and not ids."""
    from pyiceberg.schema import Schema, assign_fresh_schema_ids

    return assign_fresh_schema_ids(Schema(column)).fields[0].field_type


def partitioning_updates(metadata: TableMetadata, wanted: PartitionSpec) -> list[TableUpdate]:
    """What makes ``wanted`` the table's partitioning; a partition field that was there before keeps its id."""
    from pyiceberg.partitioning import PartitionField as IcebergField
    from pyiceberg.partitioning import PartitionSpec
    from pyiceberg.table.update import AddPartitionSpecUpdate, SetDefaultSpecUpdate

    for spec in metadata.partition_specs:
        if spec.compatible_with(wanted):
            same = spec.spec_id == metadata.default_spec_id
            return [] if same else [SetDefaultSpecUpdate.model_validate({"spec-id": spec.spec_id})]
    if metadata.format_version == 1:
        raise Unsupported(
            "The partitioning of a table of format version 1 can't be replaced here.",
            hint="Drop the table first, or upgrade it to format version 2.",
        )
    known = {
        (field.source_id, str(field.transform), field.name): field.field_id
        for spec in metadata.partition_specs
        for field in spec.fields
    }
    counter = itertools.count((metadata.last_partition_id or 999) + 1)
    fields = []
    for field in wanted.fields:
        old = known.get((field.source_id, str(field.transform), field.name))
        field_id = next(counter) if old is None else old
        fields.append(
            IcebergField(source_id=field.source_id, field_id=field_id, transform=field.transform, name=field.name)
        )
    spec_id = max(spec.spec_id for spec in metadata.partition_specs) + 1
    return [AddPartitionSpecUpdate(spec=PartitionSpec(*fields, spec_id=spec_id)), SetDefaultSpecUpdate()]


def order_updates(metadata: TableMetadata, wanted: SortOrder) -> list[TableUpdate]:
    """What makes ``wanted`` the order that new files are written in."""
    from pyiceberg.table.sorting import SortOrder
    from pyiceberg.table.update import AddSortOrderUpdate, SetDefaultSortOrderUpdate

    current = metadata.sort_order_by_id(metadata.default_sort_order_id)
    if (current.fields if current else []) == wanted.fields:
        return []
    for order in metadata.sort_orders:
        if order.fields == wanted.fields:
            return [SetDefaultSortOrderUpdate.model_validate({"sort-order-id": order.order_id})]
    order_id = max((order.order_id for order in metadata.sort_orders), default=0) + 1 if wanted.fields else 0
    new = SortOrder(*wanted.fields, order_id=order_id)
    return [
        AddSortOrderUpdate.model_validate({"sort-order": new}),
        SetDefaultSortOrderUpdate.model_validate({"sort-order-id": order_id}),
    ]


def unchanged(metadata: TableMetadata) -> tuple[TableRequirement, ...]:
    """What must still hold when a change that was made for ``metadata`` is committed: its columns and layout."""
    from pyiceberg.table.update import (
        AssertCurrentSchemaId,
        AssertDefaultSortOrderId,
        AssertDefaultSpecId,
        AssertLastAssignedFieldId,
    )

    return (
        AssertCurrentSchemaId.model_validate({"current-schema-id": metadata.current_schema_id}),
        AssertLastAssignedFieldId.model_validate({"last-assigned-field-id": metadata.last_column_id}),
        AssertDefaultSpecId.model_validate({"default-spec-id": metadata.default_spec_id}),
        AssertDefaultSortOrderId.model_validate({"default-sort-order-id": metadata.default_sort_order_id}),
    )
