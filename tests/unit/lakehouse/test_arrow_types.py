"""Results get Trino's types, or are withheld."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from olo_jupyter.lakehouse.arrow_types import arrow_type, conform
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import parse_type


def conformed(values: Any, stored: pa.DataType, type_: str) -> pa.ChunkedArray:
    table = pa.table({"x": pa.array(values, stored)})
    return conform(table, [Field("a", parse_type(type_))]).column("a")


STRUCT = pa.struct([("p", pa.int32()), ("q", pa.string())])


@pytest.mark.parametrize(
    ("values", "stored", "type_"),
    [
        ([1, None], pa.int32(), "integer"),
        ([1, None], pa.int32(), "bigint"),
        ([None], pa.null(), "varchar"),
        ([None], pa.int32(), "unknown"),
        ([0], pa.timestamp("us", "Etc/UTC"), "timestamp(6) with time zone"),
        ([5], pa.timestamp("ms"), "timestamp(3)"),
        ([1500], pa.int64(), "interval day to second"),
        (["a"], pa.large_string(), "varchar(1)"),
        ([[1], None, [None]], pa.list_(pa.int32()), "array(bigint)"),
        ([{"p": 1, "q": "x"}, None], STRUCT, "row(a integer, b varchar)"),
        ([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32()), "map(varchar, bigint)"),
    ],
)
def test_what_cannot_change_a_value(values: Any, stored: pa.DataType, type_: str) -> None:
    found = conformed(values, stored, type_)
    assert found.type == arrow_type(parse_type(type_))
    assert found.null_count == sum(value is None for value in values)
    sliced = conform(pa.table({"x": pa.array(values, stored)}).slice(1), [Field("a", parse_type(type_))])
    assert sliced.column(0).to_pylist() == found.to_pylist()[1:]


@pytest.mark.parametrize(
    ("values", "stored", "type_"),
    [
        ([1], pa.int64(), "integer"),
        ([1], pa.int64(), "double"),
        ([1.0], pa.float64(), "bigint"),
        ([1.0], pa.float32(), "double"),
        (["1"], pa.string(), "bigint"),
        ([1], pa.decimal128(10, 0), "decimal(10,1)"),
        ([1], pa.decimal128(10, 0), "decimal(5,0)"),
        ([0], pa.timestamp("us"), "timestamp(6) with time zone"),
        ([0], pa.timestamp("us"), "date"),
        ([[1]], pa.list_(pa.int64()), "array(integer)"),
        ([{"p": 1, "q": "x"}], STRUCT, "row(a integer)"),
        ([1], pa.int32(), "unknown"),
    ],
)
def test_anything_else_is_withheld(values: Any, stored: pa.DataType, type_: str) -> None:
    with pytest.raises(QueryError, match="withheld") as refused:
        conformed(values, stored, type_)
    assert refused.value.code == "internal-error"


def test_number_of_columns() -> None:
    with pytest.raises(QueryError, match="withheld"):
        conform(pa.table({"a": [1], "b": [2]}), [Field("a", parse_type("bigint"))])


def test_two_columns_of_one_name() -> None:
    fields = [Field("a", parse_type("bigint"))] * 2
    assert conform(pa.table({"x": [1], "y": [2]}), fields).column_names == ["a", "a"]


@pytest.mark.parametrize("type_", ["timestamp(12) with time zone", "hyperloglog"])
def test_no_faithful_arrow_type(type_: str) -> None:
    with pytest.raises(Unsupported):
        arrow_type(parse_type(type_))


@pytest.mark.parametrize("type_", ["timestamp(12)", "time(12)", "ipaddress", "time(3) with time zone"])
def test_kept_as_text(type_: str) -> None:
    assert arrow_type(parse_type(type_)) == pa.string()
