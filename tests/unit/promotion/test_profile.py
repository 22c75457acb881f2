from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa

from olo_jupyter.promotion.profile import profile, sample


def test_the_profile_tells_what_is_there() -> None:
    table = pa.table(
        {
            "n": [2, 1, None],
            "flag": [True, None, True],
            "day": [date(2026, 1, 2), date(2026, 1, 1), date(2026, 1, 2)],
            "amount": pa.array([Decimal("1.50")] * 3, pa.decimal128(5, 2)),
            "ratio": [0.5, float("nan"), 0.5],
            "list": [[1], [2], None],
            "nothing": pa.nulls(3),
        }
    )
    found = {column.name: column for column in profile(table, ())}
    assert (found["n"].nulls, found["n"].distinct, found["n"].minimum, found["n"].values) == (1, 2, 1, (1, 2))
    assert found["flag"].values == (True,)
    assert found["day"].values == (date(2026, 1, 1), date(2026, 1, 2))
    assert found["amount"].maximum == Decimal("1.50")
    assert found["ratio"].values == ()
    assert "list" not in found
    assert (found["nothing"].nulls, found["nothing"].distinct) == (3, 0)


def test_sensitive_columns_show_counts_only() -> None:
    [column] = profile(pa.table({"tailnum": ["N1", "N2", "N2"]}), {"tailnum"})
    assert (column.rows, column.distinct, column.minimum, column.maximum, column.values) == (3, 2, None, None, ())


def test_many_values_are_not_listed() -> None:
    [column] = profile(pa.table({"n": list(range(21))}), ())
    assert (column.distinct, column.values, column.maximum) == (21, (), 20)


def test_no_rows() -> None:
    [column] = profile(pa.table({"n": pa.array([], pa.int64())}), ())
    assert (column.rows, column.distinct, column.minimum) == (0, 0, None)
    assert sample(pa.table({"n": [1, 2]}), rows=1) == ({"n": 1},)
