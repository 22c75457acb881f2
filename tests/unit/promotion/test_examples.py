"""The rows of a generated test: the same promotion gives the same ones, whatever order a query's rows come in."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from olo_converters.capture import Capture, ColumnFact, TableFact
from olo_converters.conversion import Conversion, Input
from olo_jupyter.promotion.examples import MOST_EXPECTED, example

TABLE = TableFact("dev", "silver", "t", (ColumnFact("a", "integer"),), "", ({"a": 1}, {"a": 2}))
COUNTED = Conversion(
    kind="dbt",
    name="counted",
    relation="gold.counted",
    cells=(),
    slice="",
    artefacts=(),
    findings=(),
    inputs=(Input("dev.silver.t", table="dev.silver.t"),),
    query="SELECT a, count(*) AS n FROM t GROUP BY a",
)


def answering(rows: list[dict[str, Any]]) -> Any:
    """A session whose rows come in this order: no engine can be made to take the other one."""
    return SimpleNamespace(execute=lambda *_, **__: SimpleNamespace(arrow=pa.Table.from_pylist(rows)))


def test_expected_rows_are_in_an_order() -> None:
    rows = [{"a": 2, "n": 1}, {"a": 1, "n": 7}, {"a": None, "n": 3}]
    capture = Capture(tables=(TABLE,))
    once, again = (example(COUNTED, capture, answering(given)) for given in (rows, rows[::-1]))
    assert once is not None
    assert once == again
    assert once.expected == ({"a": 1, "n": 7}, {"a": 2, "n": 1}, {"a": None, "n": 3})
    many = [{"a": at} for at in range(MOST_EXPECTED + 1)]
    assert example(replace(COUNTED, query="SELECT a FROM t"), capture, answering(many)) is None
