"""Fingerprints: the same for the same rows however they are held, different for any other rows."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from olo_jupyter.lakehouse.fingerprint import fingerprint


def of(values: Any, type_: pa.DataType | None = None) -> str:
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, type_)
    return fingerprint(pa.table({"a": array}))


def test_the_method_does_not_change() -> None:
    """These figures stand in committed evidence: a change of them needs a new method, m2."""
    table = pa.table(
        {
            "i": pa.array([1, None, -5], pa.int64()),
            "d": pa.array([1.5, math.nan, -0.0]),
            "s": ["ä", None, ""],
            "p": pa.array([Decimal("1.50"), None, Decimal("-0.01")], pa.decimal128(10, 2)),
            "t": pa.array([datetime(2026, 1, 31, 1, 2, 3, 4), None, datetime(1969, 12, 31)], pa.timestamp("us", "UTC")),
            "l": [[{"x": 1}], None, []],
        }
    )
    assert fingerprint(table) == "m1:3:9fef45a09e7e71489735bcaf47245293"
    assert fingerprint(table.slice(0, 0)) == "m1:0:9b86b09928825089ada54a5486ae0bc1"


def test_order_batches_and_names_do_not_count() -> None:
    table = pa.table({"a": [1, 2, 2, None], "b": ["x", "y", "y", None]})
    parts = pa.concat_tables([table.slice(2), table.slice(0, 2)])
    assert fingerprint(parts.rename_columns(["c", "d"])) == fingerprint(table)


def test_duplicates_count_and_do_not_cancel() -> None:
    once, twice, thrice = ([1] * n for n in (1, 2, 3))
    assert len({of(once), of(twice), of(thrice), of([1, 1, 2, 2]), of([1, 2, 2, 2]), of([])}) == 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([0.0, math.nan]), pa.array([-0.0, -math.nan])),
        (pa.array(["a", None]), pa.array(["a", None], pa.large_string())),
        (pa.array(["a", "b", "a"]), pa.array(["a", "b", "a"]).dictionary_encode()),
        (pa.array([b"ab"]), pa.array([b"ab"], pa.binary(2))),
        (pa.array([5000], pa.timestamp("us")), pa.array([5], pa.timestamp("ms"))),
        (pa.array([-5], pa.timestamp("us")), pa.array([-5000], pa.timestamp("ns"))),
        (pa.array([1], pa.timestamp("us", "UTC")), pa.array([1], pa.timestamp("us", "Europe/Berlin"))),
        (pa.array([[("a", 1), ("b", 2)]], pa.map_(pa.string(), pa.int64())),
         pa.array([[("b", 2), ("a", 1)]], pa.map_(pa.string(), pa.int64()))),
        (pa.array([[1], [2, 3], None]).slice(1), pa.array([[2, 3], None])),
    ],
)  # fmt: skip
def test_same_rows(one: pa.Array, other: pa.Array) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pa.array([1], pa.int32()), pa.array([1], pa.int64())),
        (pa.array([1.0], pa.float32()), pa.array([1.0], pa.float64())),
        (pa.array([Decimal("1.5")]), pa.array([Decimal("1.50")])),
        (pa.array([1], pa.timestamp("us")), pa.array([1], pa.timestamp("us", "UTC"))),
        (pa.array([1], pa.timestamp("us")), pa.array([1], pa.timestamp("ns"))),
        (pa.array([""]), pa.array([None], pa.string())),
        (pa.array(["N"]), pa.array([None], pa.string())),
        (pa.array([[]], pa.list_(pa.int64())), pa.array([None], pa.list_(pa.int64()))),
        (pa.array([[]], pa.list_(pa.int64())), pa.array([[None]], pa.list_(pa.int64()))),
        (pa.array([[1, 2]]), pa.array([[2, 1]])),
        (pa.array([{"x": None}], pa.struct([("x", pa.int64())])), pa.array([None], pa.struct([("x", pa.int64())]))),
        (pa.array([["a", "b"]]), pa.array([["a,1:b"]])),
        (pa.array([timedelta(1)]), pa.array([timedelta(2)])),
        (pa.array(["a"]), pa.array([b"a"])),
        (pa.array([True]), pa.array([False])),
    ],
)
def test_other_rows(one: pa.Array, other: pa.Array) -> None:
    assert of(one) != of(other)


def test_values_do_not_run_into_each_other() -> None:
    one = pa.table({"a": ["1|2:x"], "b": ["y"]})
    assert fingerprint(one) != fingerprint(pa.table({"a": ["1"], "b": ["2:x|y"]}))


ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.text(max_size=3)), max_size=6)


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS)
def test_equal_exactly_when_the_multisets_are(one: list[Any], other: list[Any]) -> None:
    def table(rows: list[Any]) -> pa.Table:
        schema = pa.schema([("i", pa.int64()), ("s", pa.string())])
        return pa.Table.from_pylist([{"i": i, "s": s} for i, s in rows], schema=schema)

    same = sorted(map(repr, one)) == sorted(map(repr, other))
    assert (fingerprint(table(one)) == fingerprint(table(other))) == same
