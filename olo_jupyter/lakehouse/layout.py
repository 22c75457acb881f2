"""How a table is laid out: Trino's table properties and partitioning as Iceberg's, and new columns for an old table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.columns import iceberg_schema
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.statement import CreateTable, Field, PartitionField

if TYPE_CHECKING:
    from pyiceberg.partitioning import PartitionSpec
    from pyiceberg.schema import Schema
    from pyiceberg.table import Transaction
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.update import TableUpdate
    from pyiceberg.types import NestedField

_CODECS = {"zstd": "zstd", "snappy": "snappy", "gzip": "gzip", "lz4": "lz4", "none": "uncompressed"}


def table_properties(statement: CreateTable) -> dict[str, str]:
    """Iceberg's properties for what stands in WITH (…) and COMMENT; the location is apart (:func:`location`).

    Raises:
        QueryError: ``invalid-table-property``: Trino's Iceberg connector has no such property or value.
        Unsupported: The property asks for what can't be written here.

    Example:
        >>> from olo_jupyter.lakehouse.names import TableName
        >>> table_properties(CreateTable(TableName("dev", "s", "t"), (), properties={"compression_codec": "SNAPPY"}))
        {'write.parquet.compression-codec': 'snappy'}
    """
    properties: dict[str, str] = {"comment": statement.comment} if statement.comment else {}
    for key, value in statement.properties.items():
        properties.update(_property(key, value))
    return properties


def location(statement: CreateTable) -> str | None:
    """The ``location`` property, None where the catalog chooses."""
    value = statement.properties.get("location")
    return str(value).rstrip("/") if value else None


def _property(key: str, value: Any) -> dict[str, str]:
    match key:
        case "format":
            if str(value).upper() != "PARQUET":
                raise Unsupported(f"Only Parquet can be written, not {value}.", hint="Write it with --engine trino.")
            return {}
        case "format_version":
            if int(value) > 2:
                raise Unsupported(
                    f"Tables of format version {value} can't be written here.", hint="Use 2, or --engine trino."
                )
            return {"format-version": str(int(value))}
        case "compression_codec":
            codec = _CODECS.get(str(value).lower())
            if codec is None:
                raise QueryError(
                    f"Invalid value [{value}] for table property 'compression_codec'.",
                    code="invalid-table-property",
                    hint=f"Valid values: {', '.join(name.upper() for name in _CODECS)}.",
                )
            return {"write.parquet.compression-codec": codec}
        case "object_store_layout_enabled":
            return {"write.object-storage.enabled": "true" if value in (True, "true") else "false"}
        case "data_location":
            return {"write.data.path": str(value)}
        case "max_commit_retry":
            return {"commit.retry.num-retries": str(int(value))}
        case "extra_properties" if isinstance(value, Mapping):
            return {str(name): str(item) for name, item in value.items()}
        case "location" | "partitioning":
            return {}
        case "sorted_by" | "parquet_bloom_filter_columns" | "orc_bloom_filter_columns" | "orc_bloom_filter_fpp":
            raise Unsupported(
                f"The table property '{key}' can't be honoured here.", hint="Leave it out, or use --engine trino."
            )
    raise QueryError(f"Table property '{key}' does not exist.", code="invalid-table-property")


def partition_spec(partitioning: Sequence[PartitionField], schema: Schema) -> PartitionSpec:
    """The partition spec of a new table; partition names as Iceberg's own builder gives them (``day_month``).

    Raises:
        QueryError: ``invalid-table-property``: a column that isn't there, or a transform that doesn't take its type.
    """
    from pyiceberg import partitioning as iceberg
    from pyiceberg.transforms import parse_transform

    fields = []
    for number, part in enumerate(partitioning):
        source = next((field for field in schema.fields if field.name == part.column), None)
        if source is None:
            raise QueryError(
                f"Unable to parse partitioning value: Cannot find source column: {part.column}",
                code="invalid-table-property",
                hint=f"The table has: {', '.join(field.name for field in schema.fields)}.",
            )
        try:
            transform = parse_transform(part.transform)
        except ValueError as error:
            raise QueryError(str(error), code="invalid-table-property") from error
        if not transform.can_transform(source.field_type):
            raise QueryError(
                f"Column '{part.column}' of type {source.field_type} can't be partitioned by {part.transform}.",
                code="invalid-table-property",
            )
        kind = part.transform.split("[")[0]
        suffix = {"identity": "", "truncate": "_trunc"}.get(kind, f"_{kind}")
        fields.append(
            iceberg.PartitionField(
                source_id=source.field_id, field_id=1000 + number, transform=transform, name=part.column + suffix
            )
        )
    if len({field.name for field in fields}) < len(fields):
        raise QueryError("One column is partitioned twice by the same transform.", code="invalid-table-property")
    return iceberg.PartitionSpec(*fields)


def stage_layout(transaction: Transaction, fields: Sequence[Field], partitioning: Sequence[PartitionField]) -> None:
    """Stage new columns and partitioning for a table whose rows are all replaced in the same transaction.

    A column that keeps its name and type keeps its field id; every other one gets a new id, so that no old file is ever
    read as the new column.
    """
    from pyiceberg.schema import Schema
    from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
    from pyiceberg.table.update import (
        AddSchemaUpdate,
        AddSortOrderUpdate,
        AssertCurrentSchemaId,
        AssertLastAssignedFieldId,
        SetCurrentSchemaUpdate,
        SetDefaultSortOrderUpdate,
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
        sorted_by = metadata.sort_order_by_id(metadata.default_sort_order_id)
        ids = {column.field_id for column in columns}
        if sorted_by and any(field.source_id not in ids for field in sorted_by.fields):
            unsorted = UNSORTED_SORT_ORDER
            updates.append(AddSortOrderUpdate.model_validate({"sort-order": unsorted}))
            updates.append(SetDefaultSortOrderUpdate.model_validate({"sort-order-id": unsorted.order_id}))
    updates.extend(_partitioning(metadata, partition_spec(partitioning, schema)))
    if updates:  # together: between columns and partitioning the table would not be valid
        transaction._apply(
            tuple(updates),
            (
                AssertCurrentSchemaId.model_validate({"current-schema-id": current.schema_id}),
                AssertLastAssignedFieldId.model_validate({"last-assigned-field-id": metadata.last_column_id}),
            ),
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


def _partitioning(metadata: TableMetadata, wanted: PartitionSpec) -> list[TableUpdate]:
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
