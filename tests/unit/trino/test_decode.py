"""Rows of the protocol into Arrow: by CSV and by JSON the same, every value exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.trino import decode
from olo_jupyter.lakehouse.trino.decode import Decoder


def table(columns: list[tuple[str, str]], rows: list[list[Any]]) -> pa.Table:
    return Decoder(columns).table(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode())


def one(type_: str, value: Any) -> Any:
    column = table([("c", type_)], [[value], [None]]).column(0)
    assert column[1].as_py() is None
    return column[0].as_py()


@pytest.mark.parametrize(
    ("type_", "sent", "arrow", "value"),
    [
        ("bigint", -(2**63), pa.int64(), -(2**63)),
        ("tinyint", 127, pa.int8(), 127),
        ("double", "-Infinity", pa.float64(), float("-inf")),
        ("double", 1e100, pa.float64(), 1e100),
        ("double", -0.0, pa.float64(), -0.0),
        ("real", 0.1, pa.float32(), 0.10000000149011612),
        ("decimal(38, 0)", "9" * 38, pa.decimal128(38, 0), Decimal("9" * 38)),
        ("decimal(38, 38)", "-0." + "9" * 38, pa.decimal128(38, 38), Decimal("-0." + "9" * 38)),
        ("varchar(4)", "null", pa.string(), "null"),
        ("varchar", "", pa.string(), ""),
        ("varchar", '"],[" \\ \n\t, 😀', pa.string(), '"],[" \\ \n\t, 😀'),
        ("char(4)", "ab  ", pa.string(), "ab  "),
        ("varbinary", "AP8=", pa.binary(), b"\x00\xff"),
        ("json", '{"a":"x\\"y"}', pa.string(), '{"a":"x\\"y"}'),
        ("time(12)", "01:02:03.123456789012", pa.string(), "01:02:03.123456789012"),
        ("timestamp(12)", "2020-01-01 00:00:00.123456789012", pa.string(), "2020-01-01 00:00:00.123456789012"),
        ("time(3) with time zone", "01:02:03.123+05:30", pa.string(), "01:02:03.123+05:30"),
        ("ipaddress", "::1", pa.string(), "::1"),
        ("INTERVAL YEAR TO MONTH", "-1-2", pa.int64(), -14),
        ("unknown", None, pa.null(), None),
        ("boolean", True, pa.bool_(), True),
    ],
)
def test_each_value_as_it_is(type_: str, sent: Any, arrow: pa.DataType, value: Any) -> None:
    got = table([("c", type_)], [[sent]])
    assert got.schema.types == [arrow]
    assert got.column(0)[0].as_py() == value
    assert one(type_, sent) == value


@pytest.mark.parametrize(
    ("type_", "sent", "number"),
    [
        ("date", "-0044-03-15", -735525),
        ("date", "+12020-01-01", 3670687),
        ("timestamp(6)", "-0044-03-15 00:00:00.000001", -735525 * 86_400 * 10**6 + 1),
        ("timestamp(9)", "2262-04-11 23:47:16.854775807", 2**63 - 1),
        ("timestamp(0) with time zone", "2020-01-01 00:00:00 +05:30", 1577817000 * 10**6),
        ("timestamp(3) with time zone", "2020-07-01 12:00:00.123 Europe/Berlin", 1593597600123000),
        ("timestamp(0) with time zone", "8500-07-01 12:00:00 Europe/Berlin", 206082612000 * 10**6),
        ("INTERVAL DAY TO SECOND", "-1 02:03:04.500", -93784500),
        ("time(3)", "23:59:59.999", 86399999000),
    ],
)
def test_times_in_every_year(type_: str, sent: str, number: int) -> None:
    assert table([("c", type_)], [[sent], [None]]).column(0)[0].value == number


def test_what_a_result_cannot_hold_is_told_and_nothing_is_rounded() -> None:
    with pytest.raises(QueryError, match="Arrow's nanoseconds reach from 1677") as wide:
        table([("c", "timestamp(9)")], [["2500-01-01 00:00:00.123456789"]])
    assert wide.value.code == "numeric-value-out-of-range"
    with pytest.raises(QueryError, match="an hour that Europe/Berlin has twice") as twice:
        table([("c", "timestamp(0) with time zone")], [["2026-10-25 02:30:00 Europe/Berlin"]])
    assert twice.value.hint == "Ask for the instant: … AT TIME ZONE 'UTC'."
    with pytest.raises(Unsupported, match=r"Column h has the type (HyperLogLog|hyperloglog)"):
        Decoder([("h", "HyperLogLog")])
    with pytest.raises(Unsupported, match="Column m has the type map") as keys:
        Decoder([("m", "map(row(integer, varchar), integer)")])
    assert keys.value.hint.startswith("Give its keys and values apart")


def test_nested_values() -> None:
    got = table(
        [("m", "map(decimal(3, 2), array(date))"), ("r", 'row(a integer, "B c" map(double, boolean))')],
        [[{"1.50": ["2020-02-29", None]}, [1, {"NaN": True}]], [None, None], [{}, [None, None]]],
    ).to_pylist()
    assert got[0]["m"][0][0] == Decimal("1.50") and str(got[0]["m"][0][1][0]) == "2020-02-29"
    assert got[0]["r"]["a"] == 1 and got[0]["r"]["B c"][0][1] is True
    assert got[1] == {"m": None, "r": None}
    assert got[2] == {"m": [], "r": {"a": None, "B c": None}}


_VALUES = st.text() | st.sampled_from(["],[", '"', "\\", "null", "", " ", "\n", "a,b", '""', "]]", '","'])
_ROWS = st.lists(st.tuples(st.none() | _VALUES, st.none() | st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=8)


@given(_ROWS)
def test_csv_and_json_read_the_same(rows: list[tuple[str | None, int | None]]) -> None:
    decoder = Decoder([("a", "varchar"), ("b", "bigint")])
    data = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    if any(text and any("\ud800" <= letter <= "\udfff" for letter in text) for text, _ in rows):
        return  # no text that Trino can hold
    assert [tuple(row.values()) for row in decoder.table(data).to_pylist()] == rows


def test_plain_rows_take_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode.orjson, "loads", None)
    assert table([("a", "varchar"), ("b", "decimal(4, 2)")], [['say "x"', "1.50"], [None, None]]).num_rows == 2
