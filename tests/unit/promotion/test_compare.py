"""Comparing rows: what counts as the same, and what is shown of what differs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.result import Column
from olo_jupyter.promotion.compare import MASK, Rows, compare


def _rows(types: dict[str, str], arrow: dict[str, pa.Array]) -> Rows:
    return Rows(tuple(Column(name, type_) for name, type_ in types.items()), pa.table(arrow))


def _floats(values: list[float | None], keys: list[str]) -> Rows:
    types = {"k": "varchar", "v": "double"}
    return _rows(types, {"k": pa.array(keys), "v": pa.array(values, pa.float64())})


def _ints(values: list[int | None], type_: str = "bigint") -> Rows:
    return _rows({"v": type_}, {"v": pa.array(values, pa.int64() if type_ == "bigint" else pa.int32())})


def test_the_order_of_rows_does_not_count_but_their_number_does() -> None:
    assert compare(_ints([1, 2, 2, None]), _ints([None, 2, 1, 2])).same
    assert not compare(_ints([1, 2, 2]), _ints([1, 1, 2])).same
    assert compare(_ints([1, 2]), _ints([1, 2, 2])).rows == (2, 3)


def test_another_type_or_name_or_order_of_columns_is_a_difference() -> None:
    assert compare(_ints([1]), _ints([1], "integer")).schema == (
        "column v is bigint in the notebook and integer in the artefact",
    )
    other = _rows({"w": "bigint"}, {"w": pa.array([1])})
    assert len(compare(_ints([1]), other).schema) == 2
    two = _rows({"a": "bigint", "b": "bigint"}, {"a": pa.array([1]), "b": pa.array([1])})
    turned = _rows({"b": "bigint", "a": "bigint"}, {"b": pa.array([1]), "a": pa.array([1])})
    assert "another order" in compare(two, turned).schema[0]


def test_types_that_iceberg_widens_are_the_same() -> None:
    small = _rows({"a": "varchar(3)", "b": "smallint"}, {"a": pa.array(["x"]), "b": pa.array([1], pa.int16())})
    stored = _rows({"a": "varchar", "b": "integer"}, {"a": pa.array(["x"]), "b": pa.array([1], pa.int32())})
    assert compare(small, stored).same
    assert compare(small, small).same


def test_decimals_of_another_scale_are_a_difference() -> None:
    one = _rows({"d": "decimal(10,2)"}, {"d": pa.array([1], pa.decimal128(10, 2))})
    two = _rows({"d": "decimal(10,4)"}, {"d": pa.array([1], pa.decimal128(10, 4))})
    assert not compare(one, two).same


def test_floats_within_the_tolerance_are_the_same_and_it_is_said() -> None:
    done = compare(_floats([0.1 + 0.2, 5.0], ["a", "b"]), _floats([5.0, 0.3], ["b", "a"]))
    assert (done.same, done.within_tolerance) == (True, True)
    exact = compare(_floats([0.3], ["a"]), _floats([0.3], ["a"]))
    assert (exact.same, exact.within_tolerance) == (True, False)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [([0.3], [0.3001]), ([None], [float("nan")]), ([None], [0.0]), ([float("inf")], [1e308]), ([0.0], [1e-300])],
)
def test_floats_beyond_it_are_different(ours: list[float | None], theirs: list[float | None]) -> None:
    assert not compare(_floats(ours, ["a"]), _floats(theirs, ["a"])).same


def test_a_float_that_belongs_to_another_row_is_different() -> None:
    assert not compare(_floats([1.0, 2.0], ["a", "b"]), _floats([2.0, 1.0], ["a", "b"])).same


def test_rows_that_differ_are_shown_without_sensitive_values() -> None:
    done = compare(_floats([1.0, 2.0], ["N123", "N124"]), _floats([1.0, 3.0], ["N123", "N124"]), sensitive={"k"})
    assert done.only_notebook == ({"k": MASK, "v": "2.0"},)
    assert done.only_artefact == ({"k": MASK, "v": "3.0"},)


def test_rows_of_a_notebook_file_are_compared_by_their_fingerprint() -> None:
    whole = _ints([1, 2, 3])
    stored = Rows(whole.columns, whole.arrow.slice(0, 1), fingerprint(whole.arrow), 3)
    assert compare(stored, whole).same
    assert not compare(stored, _ints([1, 2, 4])).same
    assert compare(stored, _ints([1, 2])).rows == (3, 2)
