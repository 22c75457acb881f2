"""A sample doesn't depend on the order of the rows."""

import pyarrow as pa

from olo_jupyter.promotion.profile import sample


def test_a_sample_is_the_same_in_any_order() -> None:
    rows = [{"k": key, "v": [key], "n": None} for key in (5, 3, None, 1, 4)]
    schema = pa.schema([("k", pa.int64()), ("v", pa.list_(pa.int64())), ("n", pa.null())])
    one = sample(pa.Table.from_pylist(rows, schema), 2)
    other = sample(pa.Table.from_pylist(rows[::-1], schema), 2)
    assert one == other == ({"k": 1, "v": [1], "n": None}, {"k": 3, "v": [3], "n": None})


def test_a_sample_of_columns_with_one_name() -> None:
    table = pa.table([pa.array([2, 1]), pa.array(["b", "a"])], names=["x", "x"])
    assert len(sample(table.rename_columns(["x", "y"]))) == 2
