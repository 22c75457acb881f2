"""Values as Trino's client protocol writes them."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from olo_jupyter.lakehouse.arrow_types import arrow_type
from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sql.types import parse_type


def written(value: Any, type_: str) -> Any:
    table = pa.table({"a": pa.array([value, None], arrow_type(parse_type(type_)))})
    (one,), (none,) = json_rows(Result((Column("a", type_),), table, Provenance("embedded", "", "", 2, 0.0)))
    assert none is None
    json.dumps(one, allow_nan=False)
    return one


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        (True, "boolean", True),
        (2**63 - 1, "bigint", 2**63 - 1),
        (1.5, "double", 1.5),
        (float("nan"), "double", "NaN"),
        (float("-inf"), "real", "-Infinity"),
        (Decimal("-0.50"), "decimal(10,2)", "-0.50"),
        (Decimal("1E-10"), "decimal(38,10)", "0.0000000001"),
        ("ab", "varchar(5)", "ab"),
        (b"\x00\xff", "varbinary", "AP8="),
        (date(2024, 1, 31), "date", "2024-01-31"),
        (date(1, 1, 1), "date", "0001-01-01"),
        (time(1, 2, 3, 4000), "time(3)", "01:02:03.004"),
        (time(1, 2, 3), "time(0)", "01:02:03"),
        (datetime(2024, 1, 31), "timestamp(6)", "2024-01-31 00:00:00.000000"),
        (datetime(99, 1, 31), "timestamp(3)", "0099-01-31 00:00:00.000"),
        (datetime(2024, 1, 31), "timestamp(3) with time zone", "2024-01-31 00:00:00.000 UTC"),
        (timedelta(days=2, milliseconds=1), "interval day to second", "2 00:00:00.001"),
        (timedelta(seconds=-1), "interval day to second", "-0 00:00:01.000"),
        (14, "interval year to month", "1-2"),
        (-14, "interval year to month", "-1-2"),
        ([Decimal("1.0"), None], "array(decimal(2,1))", ["1.0", None]),
        ([("k", [1.5]), ("l", None)], "map(varchar, array(double))", {"k": [1.5], "l": None}),
        ([(1, True)], "map(bigint, boolean)", {"1": True}),
        ({"x": 1, "y": date(2024, 1, 1)}, "row(x bigint, y date)", [1, "2024-01-01"]),
        ("0b8a22ca-80ad-4df5-85ac-fa49c44b7ede", "uuid", "0b8a22ca-80ad-4df5-85ac-fa49c44b7ede"),
    ],
)
def test_values(value: Any, type_: str, expected: Any) -> None:
    assert written(value, type_) == expected


def test_two_columns_of_one_name_and_a_limit() -> None:
    table = pa.table([[1, 2], ["x", "y"]], names=["a", "a"])
    columns = (Column("a", "bigint"), Column("a", "varchar"))
    assert json_rows(Result(columns, table, Provenance("embedded", "", "", 2, 0.0)), limit=1) == [[1, "x"]]
