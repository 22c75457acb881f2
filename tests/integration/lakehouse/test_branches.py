"""Branches: made, written, fast-forwarded; partitions overwritten."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.refs import create_ref, drop_ref
from olo_jupyter.lakehouse.session import Session

NAME = TableName("dev", "silver", "t")


def rows(session: Session, what: str = "t") -> list[tuple[Any, ...]]:
    return sorted(session.execute(f"SELECT * FROM {what}").rows(), key=repr)


@pytest.fixture
def audited(session: Session) -> Session:
    session.execute("CREATE TABLE t (k integer, v varchar)")
    session.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    session.execute("CREATE BRANCH audit IN TABLE t")
    return session


def test_write_audit_publish(audited: Session) -> None:
    audited.execute("INSERT INTO t @ audit VALUES (3, 'c')")
    audited.execute("UPDATE t @ audit SET v = upper(v) WHERE k = 1")
    audited.execute("DELETE FROM t @ audit WHERE k = 2")
    audited.execute(
        "MERGE INTO t @ audit x USING (VALUES (3, 'z'), (4, 'd')) s(k, v) ON x.k = s.k "
        "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)"
    )
    audited.write("t", pa.table({"k": pa.array([5], pa.int32()), "v": ["e"]}), mode="append", branch="audit")
    changed = [(1, "A"), (3, "z"), (4, "d"), (5, "e")]
    assert rows(audited) == [(1, "a"), (2, "b")]
    assert rows(audited, "t FOR VERSION AS OF 'audit'") == changed
    assert [row[0] for row in audited.execute("SHOW BRANCHES IN TABLE t").rows()] == ["audit", "main"]
    audited.execute("ALTER BRANCH main IN TABLE t FAST FORWARD TO audit")
    assert rows(audited) == changed
    audited.execute("ALTER BRANCH main IN TABLE t FAST FORWARD TO audit")
    audited.execute("DROP BRANCH audit IN TABLE t")
    audited.execute("DROP BRANCH IF EXISTS audit IN TABLE t")
    assert rows(audited) == changed


def test_a_branch_with_snapshots_of_its_own_isnt_lost(audited: Session) -> None:
    audited.execute("DELETE FROM t @ audit")
    audited.execute("INSERT INTO t VALUES (9, 'mine')")
    with pytest.raises(QueryError, match="snapshots of its own"):
        audited.execute("ALTER BRANCH main IN TABLE t FAST FORWARD TO audit")
    assert rows(audited) == [(1, "a"), (2, "b"), (9, "mine")]
    assert rows(audited, "t FOR VERSION AS OF 'audit'") == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("CREATE BRANCH audit IN TABLE t", "branch-already-exists"),
        ("CREATE BRANCH x IN TABLE t FROM nope", "branch-not-found"),
        ("CREATE BRANCH x IN TABLE nope", "table-not-found"),
        ("CREATE BRANCH x IN TABLE e", "invalid-arguments"),
        ("CREATE OR REPLACE BRANCH main IN TABLE t", "branch-already-exists"),
        ("DROP BRANCH main IN TABLE t", "not-supported"),
        ("DROP BRANCH nope IN TABLE t", "branch-not-found"),
        ("DROP BRANCH fixed IN TABLE t", "branch-not-found"),
        ("ALTER BRANCH nope IN TABLE t FAST FORWARD TO main", "branch-not-found"),
        ("INSERT INTO t @ nope VALUES (1, 'x')", "branch-not-found"),
        ("INSERT INTO t @ fixed VALUES (1, 'x')", "branch-not-found"),
        ("TRUNCATE TABLE t @ audit", "syntax-error"),
        ("SHOW BRANCHES IN TABLE nope", "table-not-found"),
        ("SHOW BRANCHES IN t", "syntax-error"),
    ],
)
def test_refusals(audited: Session, statement: str, code: str) -> None:
    audited.execute("CREATE TABLE e (k integer)")
    audited.catalogs.catalog("dev").drop_table("silver.e")
    audited.catalogs.catalog("dev").create_table("silver.e", pa.schema([("k", pa.int32())]))
    create_ref(audited.catalogs, NAME, "fixed", "tag")
    before = rows(audited), rows(audited, '"t$refs"')
    with pytest.raises(QueryError) as caught:
        audited.execute(statement)
    assert caught.value.code == code
    assert (rows(audited), rows(audited, '"t$refs"')) == before


def test_tags_stay_where_they_are(audited: Session) -> None:
    (head,) = {snapshot for name, _, snapshot, *_ in audited.execute('SELECT * FROM "t$refs"').rows()}
    audited.execute("INSERT INTO t VALUES (3, 'c')")
    assert create_ref(audited.catalogs, NAME, "close", "tag", SnapshotPin(head)) == head
    audited.execute("DELETE FROM t")
    assert rows(audited, "t FOR VERSION AS OF 'close'") == [(1, "a"), (2, "b")]
    drop_ref(audited.catalogs, NAME, "close", "tag")
    with pytest.raises(QueryError, match="no branch or tag 'close'"):
        rows(audited, "t FOR VERSION AS OF 'close'")


def test_overwrite_partitions(session: Session) -> None:
    session.execute("CREATE TABLE t (k integer, day date) WITH (partitioning = ARRAY['month(day)'])")
    session.execute("INSERT INTO t VALUES (1, date '2024-01-01'), (2, date '2024-01-09'), (3, date '2024-02-01')")
    frame = session.execute("SELECT 7 AS k, date '2024-01-05' AS day UNION ALL SELECT 8, date '2024-03-01'").arrow
    written = session.write("t", frame, mode="overwrite_partitions")
    assert (written.rows, [row[0] for row in rows(session)]) == (2, [3, 7, 8])
    (last,) = session.execute('SELECT operation FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1').rows()
    assert last == ("overwrite",)
    session.write("t", frame.slice(0, 0), mode="overwrite_partitions")
    assert [row[0] for row in rows(session)] == [3, 7, 8]
    table = session.catalogs.catalog("dev").load_table("silver.t")
    with table.update_spec() as spec:
        spec.add_field("k", "bucket[4]")
    with pytest.raises(QueryError, match="older partitioning"):
        session.write("t", frame, mode="overwrite_partitions")
    with pytest.raises(QueryError, match="columns are the table's"):
        session.write("t", frame, mode="replace", branch="main2")
    assert [row[0] for row in rows(session)] == [3, 7, 8]
