"""DELETE, UPDATE, MERGE and TRUNCATE on real tables; what a statement answers was recorded from Trino 483."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFileContent
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import FixedType, IntegerType, LongType, NestedField, UUIDType

from olo_jupyter.lakehouse.engines import changes
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session

START = (
    "CREATE TABLE m (id integer, v varchar, n bigint)",
    "CREATE TABLE s (id bigint, v varchar, op varchar)",
    "INSERT INTO m VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (NULL, 'z', 0)",
    "INSERT INTO s VALUES (1, 'A', 'u'), (2, 'B', 'd'), (4, 'D', 'i'), (NULL, 'N', 'i')",
)

Row = tuple[Any, ...]
UNCHANGED: list[Row] = [(1, "a", 1), (2, "b", 2), (3, "c", 3), (None, "z", 0)]


def rows(session: Session, table: str = "m") -> list[Row]:
    return sorted(session.execute(f"SELECT * FROM {table}").rows(), key=repr)


def snapshots(session: Session, table: str = "m") -> list[tuple[str, dict[str, str]]]:
    result = session.execute(f'SELECT operation, summary FROM "{table}$snapshots" ORDER BY committed_at')
    return [(operation, dict(summary)) for operation, summary in result.rows()]


def paths(session: Session, table: str = "m") -> set[str]:
    return {path for (path,) in session.execute(f'SELECT file_path FROM "{table}$files" WHERE content = 0').rows()}


@pytest.fixture
def merging(session: Session) -> Session:
    for statement in START:
        session.execute(statement)
    return session


@pytest.mark.parametrize(
    ("statement", "count", "after"),
    [
        ("DELETE FROM m WHERE id = 1 OR id IS NULL", 2, [(2, "b", 2), (3, "c", 3)]),
        ('DELETE FROM m WHERE m."ID" = 9', 0, UNCHANGED),
        ("DELETE FROM m WHERE EXISTS (SELECT 1 FROM m x WHERE x.id = m.id + 1)", 2, [(3, "c", 3), (None, "z", 0)]),
        (
            "DELETE FROM m WHERE id NOT IN (SELECT id FROM s)",
            0,
            [(1, "a", 1), (2, "b", 2), (3, "c", 3), (None, "z", 0)],
        ),
        (
            "UPDATE m SET id = 1.5, V = upper(v) WHERE id = 1",
            1,
            [(2, "A", 1), (2, "b", 2), (3, "c", 3), (None, "z", 0)],
        ),
        (
            "UPDATE m SET n = (SELECT max(n) FROM m) + id",
            4,
            [(1, "a", 4), (2, "b", 5), (3, "c", 6), (None, "z", None)],
        ),
        ("UPDATE m SET v = 'k' WHERE NULL", 0, UNCHANGED),
        ("UPDATE m SET id = n, n = id WHERE id > 1", 2, UNCHANGED),
        (
            "MERGE INTO m USING s ON m.id = s.id WHEN MATCHED AND s.op = 'd' THEN DELETE "
            "WHEN MATCHED THEN UPDATE SET v = s.v, n = n + 1 "
            "WHEN NOT MATCHED AND s.op = 'i' THEN INSERT (id, v) VALUES (s.id, s.v)",
            4,
            [(1, "A", 2), (3, "c", 3), (4, "D", None), (None, "N", None), (None, "z", 0)],
        ),
        (
            "MERGE INTO m AS t USING (VALUES (1, 'p'), (1, 'q')) x(id, v) ON t.id = x.id "
            "WHEN MATCHED AND x.v = 'p' THEN UPDATE SET v = x.v",
            1,
            [(1, "p", 1), (2, "b", 2), (3, "c", 3), (None, "z", 0)],
        ),
        (
            "MERGE INTO m t USING (VALUES (30, 'p'), (30, 'p')) x(id, v) ON t.id = x.id "
            "WHEN NOT MATCHED THEN INSERT VALUES (x.id, x.v, 1.7)",
            2,
            [(1, "a", 1), (2, "b", 2), (3, "c", 3), (30, "p", 2), (30, "p", 2), (None, "z", 0)],
        ),
        (
            "MERGE INTO m t USING s ON t.id = s.id WHEN NOT MATCHED AND s.id IN (SELECT 4) "
            "THEN INSERT (id, v) VALUES (s.id, (SELECT max(v) FROM m))",
            1,
            [(1, "a", 1), (2, "b", 2), (3, "c", 3), (4, "z", None), (None, "z", 0)],
        ),
        (
            "MERGE INTO m USING s ON false WHEN NOT MATCHED THEN INSERT (n, id) VALUES (m.id, s.id)",
            4,
            [
                *((1, "a", 1), (1, None, None), (2, "b", 2), (2, None, None), (3, "c", 3), (4, None, None)),
                *((None, "z", 0), (None, None, None)),
            ],
        ),
        ("DELETE FROM m", 4, []),
    ],
)
def test_rows_and_counts_are_trinos(merging: Session, statement: str, count: int, after: list[Row]) -> None:
    before = len(snapshots(merging))
    result = merging.execute(statement)
    assert (result.columns[0].name, list(result.rows())) == ("rows", [(count,)])
    assert rows(merging) == sorted(after, key=repr)
    assert len(snapshots(merging)) == before + (count > 0)


@pytest.mark.parametrize(
    ("statement", "code", "place"),
    [
        ("UPDATE m SET v = 1", "type-mismatch", 14),
        ("UPDATE m SET nope = 1", "column-not-found", 14),
        ("UPDATE m SET v = 'x', V = 'y'", "duplicate-column-name", 23),
        ("UPDATE m SET m.v = 'x'", "syntax-error", 15),
        ("UPDATE m x SET v = 'x'", "syntax-error", 10),
        ("UPDATE m SET v = (SELECT v FROM m)", "subquery-multiple-rows", None),
        ("UPDATE m SET v = 'k' WHERE count(*) > 1", "expression-not-scalar", 28),
        ("UPDATE m SET v = 'k' WHERE id", "type-mismatch", 28),
        ("UPDATE m SET id = id + 2147483647 WHERE id = 3", "numeric-value-out-of-range", None),
        ("UPDATE m SET id = bigint '3000000000'", "numeric-value-out-of-range", None),
        ("UPDATE nope SET v = 1", "table-not-found", 8),
        ('UPDATE "m$snapshots" SET v = 1', "not-supported", 8),
        ("DELETE FROM m x WHERE x.id = 1", "syntax-error", 15),
        ("DELETE FROM m WHERE silver.m.id = 1", "column-not-found", 21),
        ("DELETE FROM v", "not-supported", 13),
        ("MERGE INTO m USING s ON m.id = s.id", "syntax-error", 36),
        ("MERGE INTO m USING s ON m.id WHEN MATCHED THEN DELETE", "type-mismatch", 25),
        ("MERGE INTO m USING m ON m.id = m.id WHEN MATCHED THEN DELETE", "ambiguous-name", 25),
        ("MERGE INTO m t USING s ON m.id = s.id WHEN MATCHED THEN DELETE", "column-not-found", 27),
        ("MERGE INTO m USING s ON m.id = s.id WHEN MATCHED THEN UPDATE SET v = s.id", "type-mismatch", 37),
        (
            "MERGE INTO m USING s ON m.id = s.id WHEN MATCHED THEN UPDATE SET v = 'a', v = 'b'",
            "duplicate-column-name",
            37,
        ),
        ("MERGE INTO m USING s ON m.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (1, 2)", "type-mismatch", 37),
        ("MERGE INTO m USING s ON m.id = s.id WHEN NOT MATCHED THEN DELETE", "syntax-error", 59),
        (
            "MERGE INTO m USING (VALUES 3, 3) x(id) ON m.id = x.id WHEN MATCHED AND false THEN DELETE",
            "merge-target-row-multiple-matches",
            None,
        ),
        (
            "MERGE INTO m USING (VALUES 3, 3) x(id) ON m.id = x.id WHEN NOT MATCHED THEN INSERT VALUES (1, 'a', 1)",
            "merge-target-row-multiple-matches",
            None,
        ),
        (
            "MERGE INTO m USING (VALUES (1, 'p'), (1, 'q')) x(id, v) ON m.id = x.id "
            "WHEN MATCHED THEN UPDATE SET v = x.v",
            "merge-target-row-multiple-matches",
            None,
        ),
        ("DELETE FROM m @ nope", "branch-not-found", 17),
        ("TRUNCATE m", "syntax-error", 10),
    ],
)
def test_refusals_change_nothing(merging: Session, statement: str, code: str, place: int | None) -> None:
    merging.execute("CREATE VIEW v AS SELECT id FROM m")
    before = rows(merging), len(snapshots(merging)), paths(merging)
    with pytest.raises(QueryError) as caught:
        merging.execute(statement)
    assert caught.value.code == code
    assert place is None or caught.value.column == place  # None: told by the engine while it runs
    assert (rows(merging), len(snapshots(merging)), paths(merging)) == before


def test_a_row_that_two_cases_take_is_refused(merging: Session) -> None:
    """Trino 483 deletes it once and inserts it for each case: no answer that anybody wants."""
    with pytest.raises(QueryError, match="more than one source row"):
        merging.execute(
            "MERGE INTO m t USING (VALUES (1, 'p'), (1, 'q')) x(id, v) ON t.id = x.id "
            "WHEN MATCHED AND x.v = 'p' THEN UPDATE SET v = x.v WHEN MATCHED THEN UPDATE SET n = 9"
        )


def test_only_touched_files_are_rewritten_and_whole_ones_just_leave(session: Session) -> None:
    session.execute("CREATE TABLE m (k integer, part varchar) WITH (partitioning = ARRAY['part'])")
    session.execute("INSERT INTO m VALUES (1, 'a'), (2, 'a'), (3, 'b'), (4, 'b'), (5, 'c')")
    before = paths(session)
    session.execute("DELETE FROM m WHERE part = 'b'")
    assert paths(session) < before and len(paths(session)) == 2
    operation, summary = snapshots(session)[-1]
    assert (operation, summary["deleted-records"], summary["total-records"]) == ("delete", "2", "3")
    kept = next(path for path in paths(session) if "part=c" in path)
    session.execute("UPDATE m SET part = 'z' WHERE k = 1")
    assert rows(session) == [(1, "z"), (2, "a"), (5, "c")]
    assert kept in paths(session) and len(paths(session)) == 3
    operation, summary = snapshots(session)[-1]
    assert (operation, summary["deleted-records"], summary["added-records"]) == ("overwrite", "2", "2")
    assert summary["total-records"] == "3"


def test_deletes_of_others_are_applied_and_never_come_back(
    session: Session, make: Callable[..., Table], add_deletes: Callable[..., None]
) -> None:
    table = make(pa.table({"k": pa.array(range(10), pa.int64()), "v": ["x"] * 10}))
    (path,) = (task.file.file_path for task in table.scan().plan_files())
    positions = pa.table({"file_path": [path, path], "pos": pa.array([3, 4], pa.int64())})
    add_deletes(table, positions, DataFileContent.POSITION_DELETES)
    keys = pa.table({"k": pa.array([9], pa.int64())}).cast(
        pa.schema([pa.field("k", pa.int64(), metadata={"PARQUET:field_id": "1"})])
    )
    add_deletes(table, keys, DataFileContent.EQUALITY_DELETES, [1])
    assert list(session.execute("UPDATE t SET v = 'y' WHERE k IN (0, 4, 9)").rows()) == [(1,)]
    live = [(0, "y"), (1, "x"), (2, "x"), (5, "x"), (6, "x"), (7, "x"), (8, "x")]
    assert rows(session, "t") == live
    session.execute("INSERT INTO t VALUES (3, 'new'), (9, 'new')")
    assert rows(session, "t") == sorted([*live, (3, "new"), (9, "new")], key=repr)
    assert list(session.execute("DELETE FROM t").rows()) == [(9,)]
    session.execute("INSERT INTO t VALUES (9, 'again')")
    assert rows(session, "t") == [(9, "again")]


def test_truncate_keeps_the_snapshots(merging: Session) -> None:
    (old,) = merging.execute(
        'SELECT max(snapshot_id) FROM (SELECT snapshot_id FROM "m$snapshots" s '
        "WHERE operation = 'append' ORDER BY committed_at DESC LIMIT 1)"
    ).rows()
    result = merging.execute("TRUNCATE TABLE m")
    assert (result.columns, rows(merging)) == ((), [])
    assert len(rows(merging, f"m FOR VERSION AS OF {old[0]}")) == 4


def test_every_type_survives_in_the_rows_that_are_not_changed(session: Session) -> None:
    session.execute(
        "CREATE TABLE m (k integer NOT NULL, d decimal(38,10), t time(6), "
        "ts timestamp(6), tz timestamp(6) with time zone, "
        "b varbinary, r real, f double, day date, a array(row(x integer, y varchar)), mp map(varchar, array(bigint)), "
        "flag boolean)"
    )
    session.execute(
        "INSERT INTO m VALUES (1, decimal '1234567890123456789012345678.0123456789', time '23:59:59.999999', "
        "timestamp '0001-01-01 00:00:00.000001', timestamp '9999-12-31 23:59:59.999999 UTC', x'00ff', real '-0.0', "
        "nan(), date '0001-01-01', ARRAY[ROW(1, 'é'), NULL], MAP(ARRAY['a', 'b'], ARRAY[ARRAY[1, NULL], NULL]), true), "
        "(2, NULL, NULL, NULL, NULL, NULL, NULL, infinity(), NULL, NULL, NULL, NULL)"
    )
    before = [row[1:] for row in rows(session)]
    session.execute("UPDATE m SET k = k + 10")
    assert repr([row[1:] for row in rows(session)]) == repr(before)
    assert [row[0] for row in rows(session)] == [11, 12]
    assert before[0][0] == Decimal("1234567890123456789012345678.0123456789")
    with pytest.raises(QueryError, match="NULL value not allowed for NOT NULL column: k") as caught:
        session.execute("UPDATE m SET k = NULL WHERE f > 1")
    assert caught.value.code == "constraint-violation"


def test_types_that_only_others_write_survive_too(session: Session, make: Callable[..., Table]) -> None:
    table = make(
        Schema(NestedField(1, "k", IntegerType()), NestedField(2, "u", UUIDType()), NestedField(3, "f", FixedType(3)))
    )
    table.append(
        pa.table(
            {"k": pa.array([1, 2], pa.int32()), "u": [UUID(int=7).bytes, None], "f": [b"abc", None]},
            schema=pa.schema([("k", pa.int32()), ("u", pa.uuid()), ("f", pa.binary(3))]),
        )
    )
    session.execute("UPDATE t SET k = k + 1")
    assert rows(session, "t") == [(2, str(UUID(int=7)), b"abc"), (3, None, None)]
    assert table.refresh().scan().to_arrow().sort_by("k")["u"].to_pylist() == [UUID(int=7), None]


def test_evolved_columns_and_partitioning_are_kept(session: Session) -> None:
    session.execute("CREATE TABLE m (a integer, b varchar, part integer) WITH (partitioning = ARRAY['part'])")
    session.execute("INSERT INTO m VALUES (1, 'x', 1), (2, 'y', 1), (3, 'z', 2)")
    table = session.catalogs.catalog("dev").load_table("silver.m")
    with table.update_spec() as spec:
        spec.remove_field("part")
        spec.add_field("a", "bucket[4]", "a_bucket")
    with table.update_schema() as schema:
        schema.rename_column("b", "c")
    with table.update_schema() as schema:
        schema.add_column("b", LongType())
    with table.update_schema(allow_incompatible_changes=True) as schema:
        schema.delete_column("part")
    session.execute("INSERT INTO m VALUES (4, 'new', 44)")
    assert list(session.execute("UPDATE m SET b = a * 10 WHERE a IN (2, 4)").rows()) == [(2,)]
    assert rows(session) == [(1, "x", None), (2, "y", 20), (3, "z", None), (4, "new", 40)]
    table.refresh()
    assert [str(field.transform) for field in table.spec().fields] == ["bucket[4]"]
    assert {task.file.spec_id for task in table.scan().plan_files()} == {0, table.spec().spec_id}


def test_a_lost_race_evaluates_the_statement_again(merging: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer commits between evaluation and commit: its rows are seen by the second evaluation."""
    catalog = merging.catalogs.catalog("dev")
    real = catalog.commit_table
    raced: list[str] = []

    def commit(table: Table, *more: Any) -> Any:
        if not raced:
            raced.append("once")
            with Session(merging.settings, namespace="silver") as other:
                other.execute("INSERT INTO m VALUES (1, 'theirs', 100)")
        return real(table, *more)

    monkeypatch.setattr(catalog, "commit_table", commit)
    files = len(list((merging.settings.root).rglob("*.parquet")))
    assert list(merging.execute("UPDATE m SET n = n + 1 WHERE id = 1").rows()) == [(2,)]
    assert rows(merging) == [(1, "a", 2), (1, "theirs", 101), (2, "b", 2), (3, "c", 3), (None, "z", 0)]
    assert len(list((merging.settings.root).rglob("*.parquet"))) == files + 2  # theirs and ours, none of the lost try


def test_a_statement_that_always_loses_gives_up_and_changes_nothing(
    merging: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olo_jupyter.lakehouse.write._ATTEMPTS", 2)
    before = rows(merging), len(list((merging.settings.root).rglob("*.parquet")))

    def lose(_: Catalog, *__: Any) -> Any:
        raise CommitFailedException("somebody was first")

    monkeypatch.setattr(type(merging.catalogs.catalog("dev")), "commit_table", lose)
    with pytest.raises(QueryError) as caught:
        merging.execute("DELETE FROM m WHERE id = 1")
    assert caught.value.code == "transaction-conflict"
    monkeypatch.undo()
    assert (rows(merging), len(list((merging.settings.root).rglob("*.parquet")))) == before


def test_the_notebooks_pin_holds_for_what_is_read_not_for_what_is_changed(merging: Session) -> None:
    from olo_jupyter.lakehouse.pins import SnapshotPin

    (snapshot,) = [row[0] for row in merging.execute('SELECT snapshot_id FROM "m$refs"').rows()]
    merging.execute("INSERT INTO m VALUES (5, 'e', 5)")
    merging.execute("UPDATE m SET n = (SELECT count(*) FROM m) WHERE id = 5", as_of=SnapshotPin(snapshot))
    assert (5, "e", 4) in rows(merging) and len(rows(merging)) == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE m SET v = 'new' WHERE k % 1000 = 999",
        "DELETE FROM m WHERE k % 1000 = 999",
        "MERGE INTO m USING (SELECT k + 299000 AS k FROM m WHERE k < 2000) s ON m.k = s.k "
        "WHEN MATCHED THEN UPDATE SET v = 'new' WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, 'come')",
    ],
)
def test_the_rows_of_a_file_stay_in_their_order(session: Session, statement: str) -> None:
    """So its row groups still tell ranges apart, which they did while rows came in the order of time."""
    session.execute("CREATE TABLE m (k bigint, v varchar)")
    session.write("m", pa.table({"k": range(300_000), "v": ["old"] * 300_000}))
    session.execute(statement)
    keys = []
    for path in sorted(paths(session), key=len):
        keys += pq.read_table(path.removeprefix("file://"), columns=["k"])["k"].to_pylist()
    assert len(keys) in (300_000, 299_700, 301_000)
    stayed = [key for key in keys if key < 300_000]
    assert stayed == sorted(stayed)


def test_columns_that_are_called_as_duckdb_calls_places(session: Session) -> None:
    names = ("file_index", "file_row_number", "filename", "row", "file")
    for name in names:
        session.execute(f'CREATE OR REPLACE TABLE m ("{name}" bigint, v varchar)')
        for start in (0, 10):
            session.write("m", pa.table({name: range(start, start + 5), "v": ["old"] * 5}), mode="append")
        session.execute(f"UPDATE m SET v = 'new' WHERE \"{name}\" IN (3, 12)")
        session.execute(f'DELETE FROM m WHERE "{name}" = 11')
        session.execute(
            f'MERGE INTO m USING (VALUES 4, 99) s (k) ON "{name}" = s.k WHEN MATCHED THEN DELETE WHEN NOT '
            f"MATCHED THEN INSERT (\"{name}\", v) VALUES (k, 'come')"
        )
        wanted = [(0, "old"), (1, "old"), (10, "old"), (12, "new"), (13, "old"), (14, "old"), (2, "old"), (3, "new")]
        assert sorted(session.execute("SELECT * FROM m").rows(), key=lambda row: str(row[0])) == [*wanted, (99, "come")]
        (count,) = session.execute(f'SELECT count(DISTINCT "$path") FROM m WHERE "{name}" < 20').rows()
        assert count == (1,) or count == (2,)


def test_files_that_are_rewritten_one_by_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_TOGETHER_BYTES", 1)
    session.execute("CREATE TABLE m (k bigint, v varchar)")
    for start in range(0, 50, 10):
        session.write("m", pa.table({"k": range(start, start + 10), "v": ["old"] * 10}), mode="append")
    session.execute("UPDATE m SET v = 'new' WHERE k % 20 < 15")
    session.execute(
        "MERGE INTO m USING (SELECT k FROM m WHERE k % 3 = 0 UNION ALL SELECT 99) s ON m.k = s.k "
        "WHEN MATCHED AND m.k > 30 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 'met' "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.k, 'come')"
    )
    wanted = [
        (k, "met" if k % 3 == 0 else "new" if k % 20 < 15 else "old") for k in range(50) if not (k % 3 == 0 and k > 30)
    ]
    assert sorted(session.execute("SELECT * FROM m").rows()) == [*wanted, (99, "come")]
    assert len(paths(session)) == 6
