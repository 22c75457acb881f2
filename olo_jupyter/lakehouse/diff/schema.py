"""What changed in the columns, by Iceberg's field ids: a rename is a rename."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.diff.report import SchemaChange
from olo_jupyter.lakehouse.result import Column

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType, NestedField


def schema_changes(before: Schema, after: Schema) -> tuple[SchemaChange, ...]:
    """The differences of two schemas of one table.

    Example:
        >>> from pyiceberg.schema import Schema
        >>> from pyiceberg.types import IntegerType, LongType, NestedField
        >>> one = Schema(NestedField(1, "id", IntegerType(), required=True), NestedField(2, "n", IntegerType()))
        >>> two = Schema(NestedField(1, "key", LongType(), required=True), NestedField(3, "n", IntegerType()))
        >>> [str(each) for each in schema_changes(one, two)]
        ['id renamed to key', 'id: type int → long', 'n dropped (was int)', 'n added (int)']
    """
    return tuple(_changes(before.fields, after.fields, ""))


def _changes(before: Sequence[NestedField], after: Sequence[NestedField], path: str) -> Iterator[SchemaChange]:
    new = {field.field_id: field for field in after}
    old = {field.field_id for field in before}
    for field in before:
        name = path + field.name
        if field.field_id not in new:
            yield SchemaChange("dropped", name, str(field.field_type), "")
            continue
        now = new[field.field_id]
        if now.name != field.name:
            yield SchemaChange("renamed", name, name, path + now.name)
        yield from _type_changes(field.field_type, now.field_type, name)
        if now.required != field.required:
            yield SchemaChange("nullability", name, _nullability(field), _nullability(now))
        if (now.doc or "") != (field.doc or ""):
            yield SchemaChange("comment", name, field.doc or "", now.doc or "")
    for field in after:
        if field.field_id not in old:
            yield SchemaChange("added", path + field.name, "", str(field.field_type))
    shared_before = [field.field_id for field in before if field.field_id in new]
    shared_after = [field.field_id for field in after if field.field_id in old]
    if shared_before != shared_after:
        names = {field.field_id: field.name for field in before}
        order = [", ".join(names[id_] for id_ in ids) for ids in (shared_before, shared_after)]
        yield SchemaChange("moved", path.rstrip(".") or "columns", *order)


def _type_changes(before: IcebergType, after: IcebergType, name: str) -> Iterator[SchemaChange]:
    from pyiceberg.types import ListType, MapType, StructType

    match before, after:
        case StructType(), StructType():
            yield from _changes(before.fields, after.fields, f"{name}.")
        case ListType(), ListType():
            yield from _type_changes(before.element_type, after.element_type, f"{name}.element")
        case MapType(), MapType():
            yield from _type_changes(before.key_type, after.key_type, f"{name}.key")
            yield from _type_changes(before.value_type, after.value_type, f"{name}.value")
        case _ if before != after:
            yield SchemaChange("type", name, str(before), str(after))


def _nullability(field: NestedField) -> str:
    return "NOT NULL" if field.required else "NULL allowed"


def column_changes(before: Sequence[Column], after: Sequence[Column]) -> tuple[SchemaChange, ...]:
    """The differences of the columns of two results, by name: a query has no field ids.

    Example:
        >>> after = [Column("n", "bigint"), Column("m", "date")]
        >>> [str(each) for each in column_changes([Column("n", "integer")], after)]
        ['n: type integer → bigint', 'm added (date)']
    """
    new = {column.name.lower(): column.type for column in after}
    old = {column.name.lower(): column.type for column in before}
    changes = [
        SchemaChange("dropped", name, type_, "") if name not in new else SchemaChange("type", name, type_, new[name])
        for name, type_ in old.items()
        if new.get(name) != type_
    ]
    return (*changes, *(SchemaChange("added", name, "", type_) for name, type_ in new.items() if name not in old))
