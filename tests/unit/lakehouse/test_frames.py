"""Results as pandas frames."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from olo_jupyter.lakehouse.result import as_pandas

_PRICES = pa.array([Decimal("1.50"), None, Decimal("1.50"), Decimal("2.00")] * 3)
_TABLE = pa.table(
    [pa.array([1, 2, None, 4] * 3), _PRICES, pa.array(["x", None, "y", "z"] * 3), pa.array(map(Decimal, range(12)))],
    names=["a", "price", "a", "single"],
)


@pytest.mark.parametrize(
    "table",
    [_TABLE, _TABLE.slice(0, 0), _TABLE.select([1]), _TABLE.select([0, 3]), pa.concat_tables([_TABLE, _TABLE])],
    ids=["all", "no rows", "decimals alone", "none equal", "chunks"],
)
def test_a_frame_is_the_one_that_arrow_makes(table: pa.Table) -> None:
    pd.testing.assert_frame_equal(as_pandas(table), table.to_pandas())


def test_equal_decimals_are_one_object() -> None:
    prices = as_pandas(_TABLE)["price"]
    assert prices.iloc[0] is prices.iloc[2] and prices.iloc[0] == Decimal("1.50")
