"""Trino's types as Iceberg columns, the way Trino's own Iceberg connector stores them.

Types that Iceberg can't hold are coerced where Trino coerces them without loss (varchar(n) → string, smallint → int,
timestamp(3) → timestamp) and refused where a value could change.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import TrinoType

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType

_MICROS = 6


def iceberg_schema(fields: Sequence[Field], next_id: Callable[[], int] | None = None) -> Schema:
    """The Iceberg schema of a new table.

    Args:
        fields: Columns with Trino types; ``nullable=False`` becomes a required field.
        next_id: Gives the field ids; default 1, 2, 3 …

    Raises:
        QueryError: No column, a column without a name, or one name twice (Trino compares names without case).
        Unsupported: A type that Iceberg (format version 2) can't hold unchanged.

    Example:
        >>> from olo_jupyter.lakehouse.sql.types import parse_type
        >>> n = Field("n", parse_type("smallint"), nullable=False)
        >>> print(iceberg_schema([Field("day", parse_type("date")), n]))
        table {
          1: day: optional date
          2: n: required int
        }
    """
    from pyiceberg.schema import Schema
    from pyiceberg.types import NestedField

    check_names(field.name for field in fields)
    counter = itertools.count(1)
    number = next_id or (lambda: next(counter))
    ids = [number() for _ in fields]
    return Schema(
        *(
            NestedField(
                id_,
                field.name,
                iceberg_type(field.type, number),
                required=not field.nullable,
                doc=field.comment or None,
            )
            for id_, field in zip(ids, fields, strict=True)
        )
    )


def check_names(names: Iterable[str]) -> None:
    """Refuse a table without columns, nameless columns and names that occur twice.

    Raises:
        QueryError: ``missing-column-name`` or ``duplicate-column-name``, as Trino.
    """
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise QueryError(
                f"Column name not specified at position {position}.",
                code="missing-column-name",
                hint="Give the expression a name with AS.",
            )
        if name.lower() in seen:
            raise QueryError(f"Column name '{name}' specified more than once.", code="duplicate-column-name")
        seen.add(name.lower())
    if not seen:
        raise QueryError("A table needs at least one column.", code="missing-column-name")


def iceberg_type(type_: TrinoType, next_id: Callable[[], int]) -> IcebergType:
    """The Iceberg type that Trino's connector stores ``type_`` as; ``next_id`` numbers the parts of nested types.

    Raises:
        Unsupported: Iceberg can't hold the type's values unchanged.
    """
    from pyiceberg import types

    simple: dict[str, IcebergType] = {
        "boolean": types.BooleanType(),
        "tinyint": types.IntegerType(),
        "smallint": types.IntegerType(),
        "integer": types.IntegerType(),
        "bigint": types.LongType(),
        "real": types.FloatType(),
        "double": types.DoubleType(),
        "varchar": types.StringType(),
        "varbinary": types.BinaryType(),
        "date": types.DateType(),
    }
    if type_.base in simple:
        return simple[type_.base]
    if type_.base == "decimal":
        return types.DecimalType(*type_.parameters)
    timed: dict[str, IcebergType] = {
        "time": types.TimeType(),
        "timestamp": types.TimestampType(),
        "timestamp with time zone": types.TimestamptzType(),
    }
    if type_.base in timed:
        if type_.parameters[0] > _MICROS:
            raise Unsupported(
                f"Iceberg keeps microseconds: a column of type {type_} would be rounded.",
                hint=f"Cast it: CAST(… AS {TrinoType(type_.base, (_MICROS,))}).",
            )
        return timed[type_.base]
    if type_.base == "array":
        element = next_id()
        return types.ListType(element, iceberg_type(type_.elements[0], next_id), element_required=False)
    if type_.base == "map":
        key, value = next_id(), next_id()
        return types.MapType(
            key,
            iceberg_type(type_.elements[0], next_id),
            value,
            iceberg_type(type_.elements[1], next_id),
            value_required=False,
        )
    if type_.base == "row":
        return _struct(type_, next_id)
    hint = {
        "char": "Cast it to varchar: the padding of char(n) doesn't survive in Iceberg.",
        "uuid": "Cast it to varchar.",
        "json": "Cast it: json_format(…) gives varchar.",
        "unknown": "Give NULL a type: CAST(NULL AS varchar).",
    }.get(type_.base, "Cast it to a type that Iceberg has.")
    raise Unsupported(f"Type not supported for Iceberg: {type_}", hint=hint)


def _struct(type_: TrinoType, next_id: Callable[[], int]) -> IcebergType:
    from pyiceberg.types import NestedField, StructType

    if not all(type_.names):
        raise Unsupported(
            f"Row type field does not have a name: {type_}", hint="Cast it: CAST(… AS row(a integer, b varchar))."
        )
    check_names(type_.names)
    ids = [next_id() for _ in type_.elements]
    return StructType(
        *(
            NestedField(id_, name, iceberg_type(element, next_id), required=False)
            for id_, name, element in zip(ids, type_.names, type_.elements, strict=True)
        )
    )


def fields_of(schema: pa.Schema) -> tuple[Field, ...]:
    """Columns for the rows of a data frame, as Trino types.

    Raises:
        Unsupported: An Arrow type without an equal: say which, and how to convert it.

    Example:
        >>> import pyarrow as pa
        >>> [str(field.type) for field in fields_of(pa.schema({"n": pa.int32(), "at": pa.timestamp("ns", "UTC")}))]
        ['integer', 'timestamp(6) with time zone']
    """
    return tuple(Field(field.name, _arrow_type(field.type, field.name)) for field in schema)


def _arrow_type(type_: pa.DataType, column: str) -> TrinoType:
    import pyarrow as pa
    from pyarrow import types

    simple: dict[pa.DataType, str] = {
        pa.bool_(): "boolean",
        pa.int8(): "integer",
        pa.int16(): "integer",
        pa.int32(): "integer",
        pa.uint8(): "integer",
        pa.uint16(): "integer",
        pa.int64(): "bigint",
        pa.uint32(): "bigint",
        pa.float32(): "real",
        pa.float64(): "double",
        pa.string(): "varchar",
        pa.large_string(): "varchar",
        pa.string_view(): "varchar",
        pa.binary(): "varbinary",
        pa.large_binary(): "varbinary",
        pa.binary_view(): "varbinary",
        pa.date32(): "date",
    }
    if type_ in simple:
        return TrinoType(simple[type_])
    if types.is_dictionary(type_):
        return _arrow_type(type_.value_type, column)
    if types.is_decimal(type_) and type_.precision <= 38 and 0 <= type_.scale <= type_.precision:
        return TrinoType("decimal", (type_.precision, type_.scale))
    if types.is_timestamp(type_):  # nanoseconds: fit if they are whole microseconds, checked when they are written
        return TrinoType("timestamp" if type_.tz is None else "timestamp with time zone", (_MICROS,))
    if types.is_time(type_):
        return TrinoType("time", (_MICROS,))
    if types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_):
        return TrinoType("array", (), (_arrow_type(type_.value_type, column),))
    if types.is_map(type_):
        return TrinoType("map", (), (_arrow_type(type_.key_type, column), _arrow_type(type_.item_type, column)))
    if types.is_struct(type_):
        parts = [type_.field(number) for number in range(type_.num_fields)]
        elements = tuple(_arrow_type(part.type, column) for part in parts)
        return TrinoType("row", (), elements, tuple(part.name for part in parts))
    hint = (
        "Give it a type: every value is missing." if types.is_null(type_) else "Convert the column before you write it."
    )
    raise Unsupported(f"Column {column} has the type {type_}, which no Trino type equals.", hint=hint)
