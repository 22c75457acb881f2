"""Which files are read by their own names, and the ranges of values that DuckDB is told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.types import DateType, DecimalType, LongType, NestedField, StringType, TimestampType

from olo_jupyter.lakehouse.parquet_footer import Footer, footers
from olo_jupyter.lakehouse.parquet_statistics import Range, value_range
from olo_jupyter.lakehouse.scan_layout import by_layout, by_name
from olo_jupyter.lakehouse.storage import Place, place_of

A = NestedField(1, "a", LongType())
D = NestedField(2, "d", DecimalType(30, 2))


def write(path: Path, columns: dict[str, tuple[int, pa.Array]], **more: object) -> str:
    """A Parquet file whose columns have the field ids given with them."""
    fields = [
        pa.field(name, values.type, metadata={"PARQUET:field_id": str(id_)}) for name, (id_, values) in columns.items()
    ]
    pq.write_table(pa.table([values for _, values in columns.values()], pa.schema(fields)), path, **more)
    return str(path)


def read(*paths: str) -> dict[str, Footer]:
    return footers({path: _place(path) for path in paths})


def _place(path: str) -> Place:
    from pyiceberg.io.pyarrow import PyArrowFileIO

    place = place_of(PyArrowFileIO(), path)
    assert place is not None
    return place


def longs(*values: int | None) -> pa.Array:
    return pa.array(values, pa.int64())


def test_files_are_read_by_their_own_names_a_relation_a_layout(tmp_path: Path) -> None:
    one = write(tmp_path / "1.parquet", {"a": (1, longs(1, 2)), "b": (9, longs(0, 0))})
    two = write(tmp_path / "2.parquet", {"b": (1, longs(3)), "a": (9, longs(0))})
    three = write(tmp_path / "3.parquet", {"a": (1, longs(4, 5))})
    found = read(one, two, three)
    groups, others = by_layout(found, [A])
    assert (groups, others) == ([(one, three), (two,)], ())
    rows = [duckdb.sql(by_name(group, found, [A])).fetchall() for group in groups]
    assert rows == [[(1,), (2,), (4,), (5,)], [(3,)]]


def test_a_name_that_may_mean_two_columns_is_not_read_by_name(tmp_path: Path) -> None:
    double = write(tmp_path / "1.parquet", {"a": (1, longs(1)), "A": (9, longs(0))})
    missing = write(tmp_path / "2.parquet", {"b": (9, longs(0))})
    assert by_layout(read(double, missing), [A]) == ([], (double, missing))


def test_many_layouts_are_read_by_field_id(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{at}.parquet", {f"a{at}": (1, longs(at))}) for at in range(5)]
    assert by_layout(read(*paths), [A]) == ([], tuple(paths))


def test_ranges_over_files_row_groups_and_nulls(tmp_path: Path) -> None:
    columns = {"a": (1, longs(7, None, -3, 5)), "t": (3, pa.array(list("abcd")))}
    one = write(tmp_path / "1.parquet", columns, row_group_size=2)
    two = write(tmp_path / "2.parquet", {"a": (1, longs(None, None))})
    found = list(read(one, two).values())
    assert value_range(found, 1) == Range(-3, 7, 3)
    assert value_range(found[1:], 1) == Range(None, None, 2)
    assert value_range(found, 3) is None  # text is shortened, and the second file lacks it
    bare = write(tmp_path / "3.parquet", {"a": (1, longs(1))}, write_statistics=False)
    assert value_range([*found, *read(bare).values()], 1) is None


def test_a_promoted_column_is_widened_and_one_that_is_not_is_left_alone(tmp_path: Path) -> None:
    wide = pa.array([Decimal("2.50")], pa.decimal128(30, 2))
    paths = [
        write(tmp_path / "1.parquet", {"a": (1, pa.array([1], pa.int32())), "d": (2, pa.array([Decimal("1.50")]))}),
        write(tmp_path / "2.parquet", {"a": (1, longs(2)), "d": (2, wide)}),
    ]
    texts = [by_name([path], read(path), [A, D]) for path in paths]
    assert ["CAST" in text for text in texts] == [True, False]
    assert [str(type_) for text in texts for type_ in duckdb.sql(text).types] == ["BIGINT", "DECIMAL(30,2)"] * 2


def test_duckdb_is_told_the_ranges_of_several_files(tmp_path: Path) -> None:
    moment = dt.datetime(1969, 12, 31, 23, 59, 59, 999999)
    columns = {
        "a": (1, longs(-(2**63), 2**63 - 1)),
        "d": (2, pa.array([Decimal("-0.01"), Decimal("1e27")], pa.decimal128(30, 2))),
        "day": (3, pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31)])),
        "moment": (4, pa.array([moment, moment], pa.timestamp("us"))),
        "text": (5, pa.array(["x", "y"])),
    }
    paths = [write(tmp_path / f"{at}.parquet", columns) for at in range(2)]
    fields = [
        A,
        D,
        NestedField(3, "day", DateType()),
        NestedField(4, "moment", TimestampType()),
        NestedField(5, "text", StringType()),
    ]
    rows = by_name(paths, read(*paths), fields)
    told_of = ", ".join(f"stats({field.name})" for field in fields)
    [told] = duckdb.sql(f"SELECT {told_of} FROM ({rows}) LIMIT 1").fetchall()
    assert [(each.get("min"), each.get("max")) for each in told] == [
        (-(2**63), 2**63 - 1),
        (Decimal("-0.01"), Decimal("1e27")),
        (dt.date(1, 1, 1), dt.date(9999, 12, 31)),
        (moment, moment),
        (None, None),
    ]
