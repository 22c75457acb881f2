"""Conjuncts of WHERE as PyIceberg filters: they let a scan leave out files and are never needed for the right rows.

A conjunct is used only where PyIceberg compares exactly what Trino compares: a constant of the column's own type that
the column can hold unrounded. (PyIceberg would round 1.005 to compare it with a decimal(10,2), and leave out a file too
many.)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.sql.statement import Predicate

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import IcebergType

_LONG = 2**63


def row_filter(predicates: Iterable[Predicate], schema: Schema, metadata: TableMetadata) -> BooleanExpression:
    """The filter that files of a table may be pruned by.

    Args:
        predicates: Conjuncts on columns by their lower-case names.
        schema: The columns that the read has.
        metadata: The table; where a partitioning of it counts on columns that ``schema`` lacks, nothing is pruned.
    """
    from pyiceberg.expressions import AlwaysTrue, And

    known = set(schema.field_ids)
    if any(field.source_id not in known for spec in metadata.partition_specs for field in spec.fields):
        return AlwaysTrue()
    filters = [found for predicate in predicates if (found := _filter(predicate, schema)) is not None]
    result: BooleanExpression = AlwaysTrue()
    for found in filters:
        result = And(result, found)
    return result


def _filter(predicate: Predicate, schema: Schema) -> BooleanExpression | None:
    from pyiceberg import expressions

    field = next((field for field in schema.fields if field.name.lower() == predicate.column), None)
    if field is None or not field.field_type.is_primitive:
        return None
    # PyIceberg's own types of these constructors ask for terms; a name is one.
    make: dict[str, Any] = {
        "is-null": expressions.IsNull,
        "not-null": expressions.NotNull,
        "in": expressions.In,
        "=": expressions.EqualTo,
        "<": expressions.LessThan,
        "<=": expressions.LessThanOrEqual,
        ">": expressions.GreaterThan,
        ">=": expressions.GreaterThanOrEqual,
    }
    made: BooleanExpression
    if predicate.op in ("is-null", "not-null"):
        made = make[predicate.op](field.name)
        return made
    values = [
        _exact(value, field.field_type) for value in (predicate.value if predicate.op == "in" else [predicate.value])
    ]
    if not values or None in values:
        return None
    made = make[predicate.op](field.name, set(values) if predicate.op == "in" else values[0])
    return made


def _exact(value: Any, type_: IcebergType) -> Any:
    """``value`` where a column of ``type_`` can hold it as it is, else None."""
    from pyiceberg import types as iceberg

    match type_:
        case iceberg.IntegerType() | iceberg.LongType():
            fits = isinstance(value, int) and not isinstance(value, bool) and -_LONG <= value < _LONG
        case iceberg.StringType():
            fits = isinstance(value, str)
        case iceberg.BooleanType():
            fits = isinstance(value, bool)
        case iceberg.DateType():
            fits = isinstance(value, date) and not isinstance(value, datetime)
        case iceberg.TimestampType():
            fits = isinstance(value, datetime) and value.tzinfo is None
        case iceberg.TimestamptzType():
            fits = isinstance(value, datetime) and value.tzinfo is not None
        case iceberg.DoubleType():
            fits = isinstance(value, float) and isfinite(value)
        case iceberg.DecimalType() if isinstance(value, Decimal) and value.is_finite():
            return _rescaled(value, type_.precision, type_.scale)
        case _:
            fits = False
    return value if fits else None


def _rescaled(value: Decimal, precision: int, scale: int) -> Decimal | None:
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    shift = exponent + scale
    if shift < 0:
        if any(digits[shift:]):
            return None
        digits = digits[:shift] or (0,)
    else:
        digits = digits + (0,) * shift
    return Decimal((sign, digits, -scale)) if len(digits) <= precision else None
