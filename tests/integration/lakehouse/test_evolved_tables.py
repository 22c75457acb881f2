"""Tables that changed after they were written: every read gives the rows that Iceberg's rules say, now and at a pin."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import (
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
)

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.scan import Plan, Planner
from olo_jupyter.lakehouse.session import Session
from tests.delete_files import keyed

Make = Callable[..., Table]


def rows(session: Session, sql: str = "SELECT * FROM t") -> list[tuple[Any, ...]]:
    return sorted(session.sql(sql).rows(), key=repr)


def plan(session: Session, *columns: str) -> Plan:
    return Planner().plan(Reading(session.catalogs).pinned(TableName("dev", "silver", "t"), None), columns)


def head(table: Table) -> int:
    snapshot = table.refresh().current_snapshot()
    assert snapshot is not None
    return snapshot.snapshot_id


def test_renamed_column(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    old = head(table)
    with table.update_schema() as update:
        update.rename_column("a", "c")
    table.append(pa.table({"c": [3], "b": ["z"]}))
    assert rows(session) == [(1, "x"), (2, "y"), (3, "z")]
    assert rows(session, "SELECT c FROM t WHERE c > 1") == [(2,), (3,)]
    assert rows(session, f"SELECT a FROM t FOR VERSION AS OF {old}") == [(1,), (2,)]
    assert not plan(session, "c").indirect


def test_swapped_columns(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1, 2], "b": [10, 20]}))
    old = head(table)
    with table.update_schema() as update:
        update.rename_column("a", "x")
    with table.update_schema() as update:
        update.rename_column("b", "a")
    with table.update_schema() as update:
        update.rename_column("x", "b")
    table.append(pa.table({"b": [3], "a": [30]}))
    assert rows(session, "SELECT a, b FROM t") == [(10, 1), (20, 2), (30, 3)]
    # File statistics are by field id: pruning by today's names must not use yesterday's bounds.
    assert rows(session, "SELECT a, b FROM t WHERE a >= 10") == [(10, 1), (20, 2), (30, 3)]
    assert rows(session, f"SELECT a, b FROM t FOR VERSION AS OF {old} WHERE a < 10") == [(1, 10), (2, 20)]


def test_dropped_and_added_again(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1], "b": ["old"]}))
    old = head(table)
    with table.update_schema() as update:
        update.delete_column("b")
    with table.update_schema() as update:
        update.add_column("b", StringType())
    table.append(pa.table({"a": [2], "b": ["new"]}))
    assert rows(session) == [(1, None), (2, "new")]
    assert rows(session, "SELECT count(*) FROM t WHERE b IS NULL") == [(1,)]
    assert rows(session, f"SELECT * FROM t FOR VERSION AS OF {old}") == [(1, "old")]


def test_promoted_types(session: Session, make: Make) -> None:
    schema = Schema(
        NestedField(1, "i", IntegerType(), required=False),
        NestedField(2, "f", FloatType(), required=False),
        NestedField(3, "d", DecimalType(5, 2), required=False),
    )
    table = make(schema)
    arrow = table.schema().as_arrow()
    table.append(pa.Table.from_pylist([{"i": 2**31 - 1, "f": 0.1, "d": decimal.Decimal("999.99")}], schema=arrow))
    with table.update_schema() as update:
        update.update_column("i", LongType())
        update.update_column("f", DoubleType())
        update.update_column("d", DecimalType(20, 2))
    table.append(
        pa.Table.from_pylist([{"i": 2**40, "f": 0.1, "d": decimal.Decimal("1" * 18)}], schema=table.schema().as_arrow())
    )
    as_single = 0.10000000149011612
    expected = [(2**31 - 1, as_single, decimal.Decimal("999.99")), (2**40, 0.1, decimal.Decimal("1" * 18 + ".00"))]
    assert sorted(rows(session), key=lambda row: row[0]) == expected
    assert [column.type for column in session.sql("SELECT * FROM t").columns] == ["bigint", "double", "decimal(20,2)"]
    assert rows(session, "SELECT count(*) FROM t WHERE i > 2147483646") == [(2,)]
    assert rows(session, "SELECT count(*) FROM t WHERE i > 2147483647") == [(1,)]
    assert rows(session, "SELECT count(*) FROM t WHERE d > 999.98") == [(2,)]
    assert not plan(session, "i", "f", "d").indirect


def test_reordered_columns(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1], "b": ["x"], "c": [True]}))
    with table.update_schema() as update:
        update.move_first("c")
        update.move_after("a", "b")
    assert rows(session) == [(True, "x", 1)]


def test_renamed_field_in_a_row(session: Session, make: Make) -> None:
    table = make(pa.table({"id": [1, 2], "s": [{"p": 1, "q": "x"}, None]}))
    with table.update_schema() as update:
        update.rename_column(("s", "p"), "r")
    table.append(pa.Table.from_pylist([{"id": 3, "s": {"r": 3, "q": "z"}}], schema=table.schema().as_arrow()))
    assert plan(session, "s").indirect  # DuckDB would read NULL
    assert plan(session, "id").direct and not plan(session, "id").indirect
    assert rows(session, "SELECT id, s.r, s.q FROM t") == [(1, 1, "x"), (2, None, None), (3, 3, "z")]
    assert rows(session, "SELECT id FROM t WHERE s IS NULL") == [(2,)]


def test_field_added_inside_nested_columns(session: Session, make: Make) -> None:
    table = make(
        pa.table(
            {
                "l": [[{"p": 1}], [], None],
                "m": pa.array([[("k", {"v": 1})], None, []], pa.map_(pa.string(), pa.struct([("v", pa.int64())]))),
            }
        )
    )
    with table.update_schema() as update:
        update.add_column(("l", "element", "extra"), StringType())
        update.add_column(("m", "value", "extra"), LongType())
    found = session.sql("SELECT l, m FROM t").arrow.to_pylist()
    assert found == [
        {"l": [{"p": 1, "extra": None}], "m": [("k", {"v": 1, "extra": None})]},
        {"l": [], "m": None},
        {"l": None, "m": []},
    ]


def test_type_promoted_inside_a_list(session: Session, make: Make) -> None:
    table = make(pa.table({"l": pa.array([[1, 2**31 - 1], None], pa.list_(pa.int32()))}))
    with table.update_schema() as update:
        update.update_column(("l", "element"), LongType())
    assert rows(session, "SELECT l FROM t") == [(None,), ([1, 2**31 - 1],)]
    assert session.sql("SELECT l FROM t").columns[0].type == "array(bigint)"


def test_changed_partitioning(session: Session, make: Make) -> None:
    table = make(pa.table({"id": [1, 2, 3], "k": ["a", "b", "c"]}))
    with table.update_spec() as update:
        update.add_field("k", IdentityTransform(), "k")
    table.append(pa.table({"id": [4, 5], "k": ["a", "d"]}))
    with table.update_spec() as update:
        update.remove_field("k")
        update.add_field("id", BucketTransform(4), "id_bucket")
        update.add_field("k", TruncateTransform(1), "k_trunc")
    table.append(pa.table({"id": [6, 7], "k": ["aa", None]}))
    assert rows(session, "SELECT id FROM t") == [(id_,) for id_ in range(1, 8)]
    assert rows(session, "SELECT id FROM t WHERE k = 'a'") == [(1,), (4,)]
    assert rows(session, "SELECT id FROM t WHERE k IS NULL") == [(7,)]
    assert rows(session, "SELECT k FROM t WHERE id IN (5, 6)") == [("aa",), ("d",)]


def test_dropped_partition_column(session: Session, make: Make) -> None:
    table = make(pa.table({"id": [1, 2], "k": ["a", "b"]}))
    with table.update_spec() as update:
        update.add_field("k", IdentityTransform(), "k")
    table.append(pa.table({"id": [3], "k": ["c"]}))
    old = head(table)
    with table.update_spec() as update:
        update.remove_field("k")
    with table.update_schema() as update:
        update.delete_column("k")
    table.append(pa.table({"id": [4]}))
    assert rows(session, "SELECT id FROM t WHERE id > 1") == [(2,), (3,), (4,)]
    assert rows(session, f"SELECT id FROM t FOR VERSION AS OF {old} WHERE k = 'c'") == [(3,)]


def test_partition_column_that_was_renamed(session: Session, make: Make) -> None:
    schema = Schema(NestedField(1, "day", DateType()), NestedField(2, "n", IntegerType(), required=False))
    spec = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "day"))
    table = make(schema, partition_spec=spec)
    day = datetime.date(2026, 1, 31)
    table.append(pa.Table.from_pylist([{"day": day, "n": 1}], schema=table.schema().as_arrow()))
    with table.update_schema() as update:
        update.rename_column("day", "date_of")
    table.append(pa.Table.from_pylist([{"date_of": day, "n": 2}], schema=table.schema().as_arrow()))
    assert rows(session, "SELECT n FROM t WHERE date_of = DATE '2026-01-31'") == [(1,), (2,)]
    assert rows(session, "SELECT n FROM t WHERE date_of > DATE '2026-01-31'") == []


def test_partition_by_a_double(session: Session, make: Make) -> None:
    """PyIceberg's decoder rounds the partition's value to a float: the filter would leave the file out."""
    schema = Schema(NestedField(1, "x", DoubleType(), required=False), NestedField(2, "n", LongType(), required=False))
    table = make(schema, partition_spec=PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "x")))
    table.append(pa.table({"x": [0.1, 2.5], "n": [1, 2]}))
    assert rows(session, "SELECT n FROM t WHERE x = 0.1e0") == [(1,)]
    assert rows(session, "SELECT n FROM t WHERE x > 0.1e0") == [(2,)]
    assert rows(session, 'SELECT partition.x FROM "t$partitions"') == [(0.1,), (2.5,)]


def test_branch_with_columns_of_its_own_time(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1]}))
    table.manage_snapshots().create_branch(head(table), "audit").commit()
    with table.update_schema() as update:
        update.rename_column("a", "b")
    table.append(pa.table({"b": [2]}))
    assert rows(session, "SELECT b FROM t") == [(1,), (2,)]
    assert rows(session, "SELECT a FROM t FOR VERSION AS OF 'audit'") == [(1,)]
    table.append(pa.table({"b": [3]}), branch="audit")
    assert rows(session, "SELECT * FROM t FOR VERSION AS OF 'audit'") == [(1,), (3,)]
    assert rows(session, "SELECT * FROM t") == [(1,), (2,)]


def test_deleted_rows(session: Session, make: Make, add_deletes: Callable[..., None]) -> None:
    """A position delete file, as Spark writes it: DuckDB leaves its rows out."""
    table = make(pa.table({"a": [1, 2, 3]}))
    table.append(pa.table({"a": [4, 5]}))
    before = head(table)
    first = next(task.file for task in table.scan("a = 1").plan_files())
    positions = pa.table({"file_path": [first.file_path] * 2, "pos": pa.array([0, 2], pa.int64())})
    add_deletes(table, positions, DataFileContent.POSITION_DELETES)
    assert rows(session) == [(2,), (4,), (5,)]
    assert rows(session, "SELECT count(*) FROM t AS x JOIN t AS y ON x.a = y.a") == [(3,)]
    assert rows(session, f"SELECT count(*) FROM t FOR VERSION AS OF {before}") == [(5,)]
    found = plan(session, "a")
    assert (len(found.direct), found.whole, len(found.indirect)) == (2, 1, 0)


def test_files_without_field_ids(session: Session, make: Make, tmp_path: Path) -> None:
    """Files that add_files took in as they were: DuckDB would give NULL for every column."""
    table = make(pa.table({"a": [1], "b": ["x"]}))
    pq.write_table(pa.table({"a": [2, 3], "b": ["y", "z"]}), tmp_path / "plain.parquet")
    table.add_files([f"file://{tmp_path}/plain.parquet"])
    assert rows(session) == [(1, "x"), (2, "y"), (3, "z")]
    assert len(plan(session, "a").indirect) == 1


def test_partition_values_that_no_file_holds(session: Session, make: Make, tmp_path: Path) -> None:
    """A table migrated from Hive keeps the partition column in the folder's name only."""
    schema = Schema(NestedField(1, "n", LongType(), required=False), NestedField(2, "k", StringType(), required=False))
    table = make(schema, partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "k")))
    table.append(pa.table({"n": [1], "k": ["x"]}))
    file = next(iter(table.scan().plan_files())).file
    path = Path(file.file_path.removeprefix("file://"))
    whole = pq.read_table(path)
    pq.write_table(whole.select(["n"]), path)
    assert rows(session) == [(1, "x")]
    assert rows(session, "SELECT k, count(*) FROM t GROUP BY k") == [("x", 1)]


def test_damaged_and_missing_files(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1]}))
    path = Path(next(iter(table.scan().plan_files())).file.file_path.removeprefix("file://"))
    path.write_bytes(b"no parquet at all")
    with pytest.raises(QueryError) as damaged:
        session.sql("SELECT * FROM t")
    assert damaged.value.code == "iceberg-bad-data"
    path.unlink()
    with pytest.raises(QueryError) as gone:
        session.sql("SELECT * FROM t")
    assert gone.value.code == "iceberg-cannot-open-split"
    assert "dev.silver.t" in gone.value.message


def test_every_plain_type(session: Session, make: Make) -> None:
    import uuid

    from pyiceberg import types

    kinds = [
        types.BooleanType(), types.IntegerType(), types.LongType(), types.FloatType(), types.DoubleType(),
        types.DecimalType(9, 2), types.DecimalType(18, 4), types.DecimalType(38, 10), types.DateType(),
        types.TimeType(), types.TimestampType(), types.TimestamptzType(), types.StringType(),
        types.UUIDType(), types.FixedType(4),         types.BinaryType(),
    ]  # fmt: skip
    schema = Schema(*(NestedField(i, f"c{i}", kind, required=False) for i, kind in enumerate(kinds, 1)))
    table = make(schema)
    moment = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
    values = [
        True, -(2**31), 2**63 - 1, 1.5, float("-inf"), decimal.Decimal("-1234567.89"), decimal.Decimal("0.0001"),
        decimal.Decimal("-" + "9" * 28 + "." + "9" * 10), datetime.date(1, 1, 1), datetime.time(23, 59, 59, 999999),
        moment, moment.replace(tzinfo=datetime.UTC), "naïve 🦆", uuid.UUID(int=5).bytes, b"\0\1\2\3", b"",
    ]  # fmt: skip
    names = [f"c{i}" for i in range(1, len(kinds) + 1)]
    written = pa.Table.from_pylist(
        [dict(zip(names, values, strict=True)), dict.fromkeys(names)], schema=table.schema().as_arrow()
    )
    table.append(written)
    assert not plan(session, *names).indirect
    found = session.sql("SELECT * FROM t").arrow.to_pylist()
    expected = [uuid.UUID(bytes=v) if isinstance(v, bytes) and len(v) == 16 else v for v in values]
    expected[13] = str(expected[13])
    assert list(found[0].values()) == expected
    assert set(found[1].values()) == {None}


def test_rows_deleted_by_key(session: Session, make: Make, add_deletes: Callable[..., None]) -> None:
    """They take away older rows only, NULL equals NULL, and the key need not be among the columns that are read."""
    table = make(pa.table({"a": [1, 2, None], "b": ["x", "y", "z"]}))
    before = head(table)
    add_deletes(table, keyed(pa.table({"a": [2, None]}), a=1), DataFileContent.EQUALITY_DELETES, [1])
    table.append(pa.table({"a": [2], "b": ["new"]}))
    assert rows(session) == [(1, "x"), (2, "new")]
    assert rows(session, "SELECT b FROM t") == [("new",), ("x",)]
    assert rows(session, "SELECT b FROM t WHERE b <> 'x'") == [("new",)]
    assert rows(session, "SELECT count(*) FROM t AS x JOIN t AS y ON x.a = y.a") == [(2,)]
    assert rows(session, f"SELECT count(*) FROM t FOR VERSION AS OF {before}") == [(3,)]
    with table.update_schema() as update:
        update.delete_column("a")
    assert rows(session) == [("new",), ("x",)]
    assert not plan(session, "b").indirect


def test_keys_of_several_columns_and_files_that_pyiceberg_reads(
    session: Session, make: Make, add_deletes: Callable[..., None]
) -> None:
    table = make(pa.table({"id": [1, 1, 2], "k": ["a", "b", "a"], "s": [{"p": 1}, {"p": 2}, None]}))
    with table.update_schema() as update:
        update.rename_column(("s", "p"), "q")
    add_deletes(table, keyed(pa.table({"id": [1], "k": ["b"]}), id=1, k=2), DataFileContent.EQUALITY_DELETES, [1, 2])
    assert plan(session, "s").indirect
    assert rows(session, "SELECT s.q FROM t") == [(1,), (None,)]
    # The statistics of a delete file are no reason to leave it out: it deletes rows, it doesn't hold them.
    assert rows(session, "SELECT id, k FROM t WHERE s.q = 2") == []


def test_deletes_by_a_double_are_refused(session: Session, make: Make, add_deletes: Callable[..., None]) -> None:
    table = make(pa.table({"a": [0.0, 1.0]}))
    add_deletes(table, keyed(pa.table({"a": [-0.0]}), a=1), DataFileContent.EQUALITY_DELETES, [1])
    with pytest.raises(Unsupported, match="deleted by equality"):
        session.sql("SELECT * FROM t")


def test_pin_by_snapshot_id(session: Session, make: Make) -> None:
    table = make(pa.table({"a": [1]}))
    old = head(table)
    table.append(pa.table({"a": [2]}))
    assert len(session.sql("SELECT * FROM t", as_of=SnapshotPin(old))) == 1


def test_missing_lists_and_maps_of_rows_stay_missing(session: Session, make: Make) -> None:
    """PyIceberg makes them empty, when it writes and when it reads; see pyiceberg_repairs."""
    row = pa.struct([("p", pa.int64())])
    written = pa.table(
        {
            "l": pa.array([[{"p": 1}], None, [], [None]], pa.list_(row)),
            "m": pa.array([None, [("k", None)], [], None], pa.map_(pa.string(), row)),
        }
    )
    table = make(written)
    assert session.sql("SELECT l, m FROM t").arrow.to_pylist() == written.to_pylist()
    with table.update_schema() as update:
        update.rename_column(("l", "element", "p"), "q")
        update.rename_column(("m", "value", "p"), "q")
    assert plan(session, "l", "m").indirect
    found = session.sql("SELECT l, m FROM t").arrow.to_pylist()
    assert found == [
        {"l": [{"q": 1}], "m": None},
        {"l": None, "m": [("k", None)]},
        {"l": [], "m": []},
        {"l": [None], "m": None},
    ]


def test_default_of_a_column_that_a_file_lacks(session: Session, make: Make) -> None:
    """Format version 3: rows written before the column was added have its default, not NULL."""
    table = make(pa.table({"a": [1, 2]}))
    path = Path(table.metadata_location.removeprefix("file://"))
    metadata = json.loads(path.read_text())
    metadata |= {"format-version": 3, "next-row-id": 2, "last-column-id": 2}
    for snapshot in metadata["snapshots"]:
        snapshot |= {"first-row-id": 0, "added-rows": 2}
    added = {"id": 2, "name": "n", "required": False, "type": "int", "initial-default": 42, "write-default": 43}
    metadata["schemas"][-1]["fields"].append(added)
    path.write_text(json.dumps(metadata))
    assert rows(session) == [(1, 42), (2, 42)]
    assert rows(session, "SELECT a FROM t WHERE n = 42") == [(1,), (2,)]
    assert rows(session, "SELECT a FROM t WHERE n IS NULL") == []


def test_names_with_capitals(session: Session, make: Make) -> None:
    make(pa.table({"Carrier": ["UA", "AA"], "depDelay": [1, 2]}))
    result = session.sql("SELECT * FROM T WHERE CARRIER = 'UA'")
    assert [column.name for column in result.columns] == ["carrier", "depdelay"]
    assert list(result.rows()) == [("UA", 1)]
    session.catalogs.catalog("dev").create_table("silver.Mixed", pa.schema([("a", pa.int64())]))
    assert rows(session, "SELECT count(*) FROM mixed") == [(0,)]


def test_columns_that_differ_in_case_only_are_refused(session: Session, make: Make) -> None:
    make(pa.table({"a": [1], "A": [2]}))
    with pytest.raises(Unsupported, match="differ in case only"):
        session.sql("SELECT * FROM t")


def test_partition_values_in_metadata_tables(session: Session, make: Make) -> None:
    table = make(pa.table({"at": pa.array([], pa.timestamp("us")), "k": pa.array([], pa.string())}).schema)
    with table.update_spec() as update:
        update.add_field("at", DayTransform(), "at_day")
        update.add_field("k", IdentityTransform(), "k")
    table.append(pa.table({"at": [datetime.datetime(2026, 1, 2, 3), None], "k": ["x", None]}))
    day = datetime.date(2026, 1, 2)
    found = session.sql('SELECT partition.at_day, partition.k, record_count FROM "t$partitions"')
    assert sorted(found.rows(), key=repr) == [(None, None, 1), (day, "x", 1)]
    assert [column.type for column in found.columns] == ["date", "varchar", "bigint"]
    files = session.sql("SELECT partition.at_day, file_format FROM \"t$files\" WHERE partition.k = 'x'")
    assert list(files.rows()) == [(day, "PARQUET")]
    (bounds,) = session.sql('SELECT partition_summaries[1].lower_bound FROM "t$manifests"').rows()
    assert bounds == ("2026-01-02",)


def test_two_threads_at_once(session: Session, make: Make) -> None:
    make(pa.table({"a": list(range(1000))}))
    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(lambda n: rows(session, f"SELECT sum(a) FROM t WHERE a < {n}"), range(1, 30)))
    assert totals == [[(n * (n - 1) // 2,)] for n in range(1, 30)]
