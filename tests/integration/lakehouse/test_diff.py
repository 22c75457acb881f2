"""Diffs of tables and queries: against a plain model of what the rows were, through every kind of file and delete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFileContent
from pyiceberg.table import Table
from pyiceberg.types import LongType, StringType

from olo_jupyter.lakehouse.diff.report import Diff
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session
from tests.delete_files import keyed

Make = Callable[..., Table]


def head(session: Session) -> str:
    (row,) = session.sql('SELECT snapshot_id FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1').rows()
    return str(row[0])


def all_rows(session: Session) -> list[tuple[Any, ...]]:
    return list(session.sql("SELECT * FROM t").rows())


def counts(found: Diff) -> tuple[int, int, int]:
    return found.added, found.removed, found.changed


def expected(before: list[tuple[Any, ...]], after: list[tuple[Any, ...]]) -> tuple[int, int, int, int]:
    """Added, removed, changed and repeated keys (the first column) by the definition, row by row."""
    old, new = Counter(before), Counter(after)
    uses = [Counter(row[0] for row in rows if row[0] is not None) for rows in (before, after)]
    repeated = {key for each in uses for key, times in each.items() if times > 1}
    apart = [{row[0]: row for row in rows if row[0] is not None and row[0] not in repeated} for rows in (before, after)]
    changed = [key for key in apart[0] if key in apart[1] and apart[0][key] != apart[1][key]]
    gone, come = old - new, new - old
    return come.total() - len(changed), gone.total() - len(changed), len(changed), len(repeated)


@pytest.mark.parametrize("seed", range(6))
def test_random_histories(session: Session, make: Make, add_deletes: Callable[..., None], seed: int) -> None:
    random = Random(seed)
    keys = [*range(12), None]
    schema = pa.schema([("id", pa.int64()), ("n", pa.int64()), ("s", pa.string())])

    def some(count: int, unique: bool) -> pa.Table:
        ids = random.sample(range(100), count) if unique else [random.choice(keys) for _ in range(count)]
        rows = [{"id": id_, "n": random.choice([None, 1, 2]), "s": random.choice(["a", "b"])} for id_ in ids]
        return pa.Table.from_pylist(rows, schema)

    table = make(some(30, unique=seed % 2 == 0))
    states = [(head(session), all_rows(session))]
    for _ in range(5):
        match random.randrange(6):
            case 0:
                table.refresh()
                table.append(some(4, unique=False))
            case 1:
                session.sql(f"UPDATE t SET n = 7 WHERE id = {random.randrange(12)}")
            case 2:
                session.sql(f"DELETE FROM t WHERE id % 5 = {random.randrange(5)}")
            case 3:
                table.refresh()
                deleted = pa.table({"id": pa.array([random.randrange(12)], pa.int64())})
                add_deletes(table, keyed(deleted, id=1), DataFileContent.EQUALITY_DELETES, [1])
            case 4:
                table.refresh()
                file = random.choice([task.file.file_path for task in table.scan().plan_files()] or [""])
                if file:
                    positions = pa.table({"file_path": [file], "pos": pa.array([0], pa.int64())})
                    add_deletes(table, positions, DataFileContent.POSITION_DELETES)
            case 5:
                session.sql("ALTER TABLE t EXECUTE optimize")
        states.append((head(session), all_rows(session)))
    for first, old in states:
        for second, new in states[-2:]:
            added, removed, changed, repeated = expected(old, new)
            found = session.diff("t", first, second, key=["id"])
            assert counts(found) == (added, removed, changed)
            assert found.repeated <= repeated  # of keys in files that both sides share nothing is counted
            gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
            found = session.diff("t", first, second)
            assert counts(found) == (come.total(), gone.total(), 0)
            shown = Counter(row for row in found.rows.rows())
            assert shown == Counter({("removed", *r): c for r, c in gone.items()}) + Counter(
                {("added", *r): c for r, c in come.items()}
            )


def test_a_key_that_also_stands_in_a_file_that_is_not_compared(session: Session, make: Make) -> None:
    table = make(pa.table({"id": [1, 2], "n": [1, 2]}))
    first = head(session)
    table.append(pa.table({"id": [2, 3], "n": [9, 9]}))
    found = session.diff("t", first, head(session), key=["id"])
    assert counts(found) == (2, 0, 0)
    assert found.files is not None
    assert found.files.same == 1
    assert found.repeated == 1
    assert "more than once: 1" in found.notes[0]


def test_values_are_compared_as_trino_compares_them(session: Session) -> None:
    session.sql(
        "CREATE TABLE t AS SELECT 1 AS id, nan() AS x, ARRAY[nan(), 0e0] AS a, MAP(ARRAY['x', 'y'], ARRAY[1, 2]) AS m, "
        "CAST(ROW(NULL, 0e0) AS ROW(p integer, q double)) AS r, DECIMAL '1.50' AS d"
    )
    first = head(session)
    session.sql(
        "UPDATE t SET x = nan(), a = ARRAY[nan(), -0e0], m = MAP(ARRAY['y', 'x'], ARRAY[2, 1]), "
        "r = CAST(ROW(NULL, -0e0) AS ROW(p integer, q double))"
    )
    second = head(session)
    assert second != first
    found = session.diff("t", first, second, key=["id"])
    assert found.same
    assert session.diff("t", first, second).same
    session.sql("UPDATE t SET r = CAST(ROW(1, 0e0) AS ROW(p integer, q double))")
    found = session.diff("t", second, head(session), key=["id"])
    assert counts(found) == (0, 0, 1)
    assert [each.column for each in found.drift if each.changed] == ["r"]


def test_columns_are_told_by_field_id(session: Session, make: Make) -> None:
    table = make(pa.table({"id": pa.array([1, 2], pa.int32()), "n": [1, 2], "gone": ["a", "b"]}))
    first = head(session)
    with table.update_schema() as change:
        change.rename_column("n", "number")
        change.delete_column("gone")
        change.update_column("id", field_type=LongType())
    with table.update_schema() as change:
        change.add_column("gone", StringType())
    session.sql("INSERT INTO t VALUES (3, 3, 'c')")
    session.sql("UPDATE t SET gone = 'new' WHERE id = 1")
    found = session.diff("t", first, head(session), key=["id"])
    assert {str(each) for each in found.schema} >= {"n renamed to number", "id: type int → long"}
    assert {each.kind for each in found.schema if each.column == "gone"} == {"added", "dropped"}
    assert counts(found) == (1, 0, 1)  # the new column's value counts, the dropped one's doesn't
    assert any("isn't compared" in note for note in found.notes)
    back = session.diff("t", head(session), first, key=["number"])
    assert counts(back) == (0, 1, 0)


def test_composite_keys_and_wrong_ones(session: Session, make: Make) -> None:
    make(pa.table({"a": [1, 1, 2], "b": ["x", "y", "x"], "n": [1, 1, 1]}))
    first = head(session)
    session.sql("UPDATE t SET n = 2 WHERE a = 1 AND b = 'y'")
    assert counts(session.diff("t", first, "now", key=["a", "b"])) == (0, 0, 1)
    by_part = session.diff("t", first, "now", key=["a"])
    assert counts(by_part) == (1, 1, 0)
    assert by_part.repeated == 1
    with pytest.raises(QueryError, match="no column c") as caught:
        session.diff("t", first, "now", key=["c"])
    assert "a" in caught.value.hint
    with pytest.raises(QueryError, match="twice"):
        session.diff("t", first, "now", key=["a", "A"])
    with pytest.raises(QueryError, match="no snapshot 12"):
        session.diff("t", "12", "now")


def test_compacted_tables_are_the_same(session: Session, make: Make) -> None:
    table = make(pa.table({"id": [1, 2], "n": [1, 2]}))
    table.append(pa.table({"id": [3], "n": [3]}))
    first = head(session)
    session.sql("ALTER TABLE t EXECUTE optimize")
    found = session.diff("t", first, head(session), key=["id"])
    assert found.same
    assert found.files is not None
    assert (found.files.before, found.files.after, found.files.same) == (2, 1, 0)


def test_a_query_at_two_pins(session: Session, make: Make) -> None:
    make(pa.table({"id": [1, 2], "n": [1, 2]}))
    first = head(session)
    session.sql("INSERT INTO t VALUES (2, 5)")
    session.sql("CREATE VIEW v AS SELECT id, sum(n) AS total FROM t GROUP BY id")
    query = "SELECT id, sum(n) AS total FROM t WHERE n < :most GROUP BY id"
    found = session.diff(query, first, "now", key=["id"], parameters={"most": 10})
    assert counts(found) == (0, 0, 1)
    assert list(found.rows.rows()) == [("before", 2, 2), ("after", 2, 7)]
    assert "The query ran at both pins on embedded" in found.method
    assert counts(session.diff("v", first, "now", key=["id"])) == (0, 0, 1)
    own = session.diff("SELECT id, random() AS r FROM t", "now", "now", key=["id"])
    assert any("query's own" in note for note in own.notes)


def test_more_rows_than_are_kept(session: Session, make: Make) -> None:
    table = make(pa.table({"change": list(range(5))}))
    first = head(session)
    table.append(pa.table({"change": list(range(5, 30))}))
    found = session.diff("t", first, "now", limit=10)
    assert (found.added, len(found.rows), found.rows.truncated) == (25, 10, True)
    assert [column.name for column in found.rows.columns] == ["change", "change_"]


def test_a_table_without_snapshots(session: Session) -> None:
    session.sql("CREATE TABLE t (id integer)")
    found = session.diff("t", "main", "main")
    assert found.same


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("more", [0, 3])
def test_rows_at_the_same_position_and_elsewhere(session: Session, make: Make, turned: bool, more: int) -> None:
    """Both sides in one order or not, one side longer, a row of NULLs at its end, rows that are there twice."""
    rows: list[dict[str, Any]] = [{"id": id_, "n": id_ % 7, "s": "a"} for id_ in range(20_000)]
    rows += [rows[5], {"id": None, "n": None, "s": None}]
    schema = pa.schema([("id", pa.int64()), ("n", pa.int64()), ("s", pa.string())])
    table = make(pa.Table.from_pylist(rows, schema))
    first, old = head(session), all_rows(session)
    rows[100] = {"id": 100, "n": None, "s": "b"}
    rows[15_000] = {"id": 15_000, "n": 1, "s": None}
    rows += [{"id": None, "n": None, "s": None}] * more
    table.refresh()
    table.overwrite(pa.Table.from_pylist(rows[::-1] if turned else rows, schema))
    second, new = head(session), all_rows(session)
    for pins, sides in (((first, second), (old, new)), ((second, first), (new, old))):
        added, removed, changed, repeated = expected(*sides)
        found = session.diff("t", *pins, key=["id"])
        assert (*counts(found), changed) == (added, removed, 2, 2) and repeated == 1
        gone, come = (Counter(a) - Counter(b) for a, b in (sides, sides[::-1]))
        assert counts(session.diff("t", *pins)) == (come.total(), gone.total(), 0)
