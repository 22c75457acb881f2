"""Which conjuncts may leave out files: those that PyIceberg compares exactly as Trino does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

from olo_jupyter.lakehouse.pruning import row_filter
from olo_jupyter.lakehouse.sql.statement import Predicate

SCHEMA = Schema(
    NestedField(1, "I", IntegerType(), required=False),
    NestedField(2, "d", DecimalType(10, 2), required=False),
    NestedField(3, "x", DoubleType(), required=False),
    NestedField(4, "r", FloatType(), required=False),
    NestedField(5, "day", DateType(), required=False),
    NestedField(6, "at", TimestampType(), required=False),
    NestedField(7, "atz", TimestamptzType(), required=False),
    NestedField(8, "s", StringType(), required=False),
    NestedField(9, "row", StructType(NestedField(10, "p", IntegerType())), required=False),
)


def metadata(spec: PartitionSpec | None = None) -> Any:
    return new_table_metadata(SCHEMA, spec or PartitionSpec(), UNSORTED_SORT_ORDER, "file:///t")


def made(*predicates: Predicate) -> Any:
    return row_filter(predicates, SCHEMA, metadata())


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Predicate("i", ">", 5), "GreaterThan(term=Reference(name='I'), literal=LongLiteral(5))"),
        (Predicate("i", "in", [1]), "EqualTo(term=Reference(name='I'), literal=LongLiteral(1))"),
        (Predicate("d", "<=", Decimal("1.5")), "DecimalLiteral(Decimal('1.50'))"),
        (Predicate("d", "=", Decimal("100")), "DecimalLiteral(Decimal('100.00'))"),
        (Predicate("d", "=", Decimal("1E+2")), "DecimalLiteral(Decimal('100.00'))"),
        (Predicate("day", "=", date(2026, 1, 31)), "EqualTo(term=Reference(name='day'), literal=DateLiteral(20484)"),
        (Predicate("s", "=", ""), "literal('')"),
        (Predicate("s", "is-null"), "IsNull(term=Reference(name='s'))"),
    ],
)
def test_used(predicate: Predicate, expected: str) -> None:
    assert expected in repr(made(predicate))


@pytest.mark.parametrize(
    "predicate",
    [
        Predicate("d", ">", Decimal("1.005")),  # would be rounded
        Predicate("d", ">", 1.005),
        Predicate("d", "=", Decimal("123456789.00")),  # more digits than the column has
        Predicate("i", "=", 1.0),
        Predicate("i", "=", True),
        Predicate("i", "=", 2**70),
        Predicate("i", "in", [1, "x"]),
        Predicate("i", "in", []),
        Predicate("x", ">", float("nan")),
        Predicate("r", ">", 0.1),
        Predicate("day", "=", datetime(2026, 1, 31)),
        Predicate("at", "=", datetime(2026, 1, 31, tzinfo=UTC)),
        Predicate("atz", "=", datetime(2026, 1, 31)),
        Predicate("s", "=", 5),
        Predicate("s", "=", None),
        Predicate("row", "not-null"),
        Predicate("gone", "=", 1),
    ],
)
def test_left_out(predicate: Predicate) -> None:
    assert made(predicate) == AlwaysTrue()


def test_partitioned_by_a_column_that_is_not_read() -> None:
    spec = PartitionSpec(PartitionField(8, 1000, IdentityTransform(), "s"))
    without = Schema(*SCHEMA.fields[:7])
    assert row_filter([Predicate("i", ">", 5)], without, metadata(spec)) == AlwaysTrue()
