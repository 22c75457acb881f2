"""Iceberg's types as Trino's, the way Trino's own Iceberg connector shows them (the other way: columns.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.statement import Field, TableSchema
from olo_jupyter.lakehouse.sql.types import TrinoType

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType

VARCHAR = TrinoType("varchar")
BIGINT = TrinoType("bigint")


def trino_type(type_: IcebergType) -> TrinoType:
    """The Trino type of a column of Iceberg type ``type_``.

    Raises:
        Unsupported: The embedded engine can't read columns of this type (nanoseconds, variant, geometry …).

    Example:
        >>> from pyiceberg.types import ListType, TimestamptzType
        >>> str(trino_type(ListType(1, TimestamptzType(), False)))
        'array(timestamp(6) with time zone)'
    """
    from pyiceberg import types as iceberg

    match type_:
        case iceberg.BooleanType():
            return TrinoType("boolean")
        case iceberg.IntegerType():
            return TrinoType("integer")
        case iceberg.LongType():
            return BIGINT
        case iceberg.FloatType():
            return TrinoType("real")
        case iceberg.DoubleType():
            return TrinoType("double")
        case iceberg.DecimalType():
            return TrinoType("decimal", (type_.precision, type_.scale))
        case iceberg.DateType():
            return TrinoType("date")
        case iceberg.TimeType():
            return TrinoType("time", (6,))
        case iceberg.TimestampType():
            return TrinoType("timestamp", (6,))
        case iceberg.TimestamptzType():
            return TrinoType("timestamp with time zone", (6,))
        case iceberg.StringType():
            return VARCHAR
        case iceberg.UUIDType():
            return TrinoType("uuid")
        case iceberg.FixedType() | iceberg.BinaryType():
            return TrinoType("varbinary")
        case iceberg.ListType():
            return TrinoType("array", (), (trino_type(type_.element_type),))
        case iceberg.MapType():
            return TrinoType("map", (), (trino_type(type_.key_type), trino_type(type_.value_type)))
        case iceberg.StructType():
            elements = tuple(trino_type(field.field_type) for field in type_.fields)
            return TrinoType("row", (), elements, tuple(field.name for field in type_.fields))
    raise Unsupported(f"The embedded engine can't read columns of Iceberg type {type_}.")


def table_schema(schema: Schema) -> TableSchema:
    """The columns of an Iceberg schema as Trino shows them: names in lower case.

    Raises:
        Unsupported: A column's type can't be read, or two names differ in case only.
    """
    fields = []
    seen: dict[str, str] = {}
    for field in schema.fields:
        name = field.name.lower()
        if name in seen:
            raise Unsupported(
                f"Columns {seen[name]!r} and {field.name!r} differ in case only: SQL can't tell them apart."
            )
        seen[name] = field.name
        try:
            type_ = trino_type(field.field_type)
        except Unsupported as error:
            raise Unsupported(f"Column {name}: {error.message}") from error
        fields.append(Field(name, type_, nullable=field.optional, comment=field.doc or ""))
    return TableSchema(tuple(fields))
