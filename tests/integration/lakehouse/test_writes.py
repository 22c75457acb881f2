"""Writes, DDL and views as SQL, and what each refusal is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.lakehouse import dbapi


@pytest.fixture
def cursor(tmp_path: Path) -> Iterator[dbapi.Cursor]:
    (tmp_path / "olo.yml").write_text(
        "version: 1\ncatalogs:\n  dev: {properties: {uri: 'sqlite:///c.db', warehouse: 'file:w'}}\n"
    )
    with dbapi.connect(tmp_path, catalog="dev", schema="g", environ={}) as connection:
        opened = connection.cursor()
        opened.execute("CREATE SCHEMA g")
        yield opened


def rows(cursor: dbapi.Cursor, sql: str) -> list[tuple[Any, ...]]:
    return cursor.execute(sql).fetchall()


def snapshot(cursor: dbapi.Cursor) -> int:
    assert cursor.provenance is not None
    return next(iter(cursor.provenance.written.values()))


def test_a_replaced_table_is_another_table_with_the_same_history(cursor: dbapi.Cursor) -> None:
    cursor.execute(
        "CREATE TABLE t WITH (partitioning = ARRAY['month(d)', 'k']) AS "
        "SELECT date '2026-01-01' + interval '1' day * n AS d, n AS k, 'x' AS s FROM (VALUES 1, 20, 40) v(n)"
    )
    first = snapshot(cursor)
    cursor.execute("CREATE OR REPLACE TABLE t COMMENT 'new' AS SELECT 7 AS k, varchar 'y' AS s, 2.5 AS z")
    assert len(rows(cursor, "SELECT * FROM t")) == 1
    pinned = f"t FOR VERSION AS OF {first}"
    assert rows(cursor, f"SELECT k, s FROM {pinned} WHERE d > date '2026-01-15' ORDER BY d") == [(20, "x"), (40, "x")]
    counts = {"snapshots": 2, "history": 2, "files": 1, "partitions": 1, "manifests": 2, "properties": 7, "refs": 1}
    for name, count in counts.items():
        assert len(rows(cursor, f'SELECT * FROM "t${name}"')) == count, name


def test_columns_partitions_and_not_null(cursor: dbapi.Cursor) -> None:
    cursor.execute("CREATE TABLE t (a integer NOT NULL, b varchar) WITH (partitioning = ARRAY['bucket(a, 4)'])")
    cursor.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL)")
    cursor.execute("INSERT INTO t (a) SELECT a + 10 FROM t")
    assert rows(cursor, "SELECT * FROM t ORDER BY a") == [(1, "a"), (2, None), (11, None), (12, None)]
    assert rows(cursor, "SELECT b FROM t WHERE a = 1") == [("a",)]
    for sql in ("INSERT INTO t (b) VALUES ('c')", "INSERT INTO t VALUES (NULL, 'c')"):
        with pytest.raises(dbapi.ProgrammingError) as caught:
            cursor.execute(sql)
        assert caught.value.query_error.code == "constraint-violation"
    cursor.execute("ALTER TABLE t ADD COLUMN c decimal(5,1)")
    cursor.execute("ALTER TABLE t RENAME COLUMN c TO e")
    cursor.execute("ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint")
    cursor.execute("INSERT INTO t (a, e) VALUES (99, 1.5)")
    assert [str(row[0]) for row in rows(cursor, "SELECT e FROM t WHERE a = 99")] == ["1.5"]
    cursor.execute("ALTER TABLE t RENAME TO u")
    assert rows(cursor, "SELECT count(*) FROM u") == [(5,)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE TABLE t AS SELECT 1 AS a", "table-already-exists"),
        ("CREATE VIEW t AS SELECT 1 AS a", "table-already-exists"),
        ("CREATE OR REPLACE TABLE v AS SELECT 1 AS a", "table-already-exists"),
        ("CREATE VIEW v AS SELECT 1 AS a", "table-already-exists"),
        ("DROP TABLE v", "generic-user-error"),
        ("DROP VIEW t", "table-not-found"),
        ("INSERT INTO t (a, zz) VALUES (1, 2)", "column-not-found"),
        ("INSERT INTO t VALUES (1, 2)", "type-mismatch"),
        ("INSERT INTO tt VALUES (1)", "table-not-found"),
        ("ALTER TABLE t DROP COLUMN zz", "column-not-found"),
        ("DROP SCHEMA g", "schema-not-empty"),
        ("CREATE SCHEMA g", "schema-already-exists"),
        ("CREATE TABLE nope.p (a integer)", "schema-not-found"),
        ("CREATE TABLE p AS SELECT 1", "missing-column-name"),
        ("CREATE TABLE p (a integer, a bigint)", "duplicate-column-name"),
        ("CREATE TABLE p AS SELECT CAST('a' AS char(3)) AS c", "unsupported"),
        ("CREATE TABLE p (a integer) WITH (format_version = 3)", "unsupported"),
        ("CREATE TABLE p (a integer) WITH (nonsense = 1)", "invalid-table-property"),
        ("CREATE TABLE p AS SELECT 1 / (a - 1) AS x FROM t", "division-by-zero"),
        ("CREATE OR REPLACE TABLE t AS SELECT 1 / (a - 1) AS x FROM t", "division-by-zero"),
        ("INSERT INTO t SELECT 1 / (a - 1) FROM t", "division-by-zero"),
        ("DELETE FROM t WHERE 1 / (a - 1) = 1", "division-by-zero"),
    ],
)
def test_refusals_change_nothing(cursor: dbapi.Cursor, tmp_path: Path, sql: str, code: str) -> None:
    cursor.execute("CREATE TABLE t AS SELECT 1 AS a")
    head = snapshot(cursor)
    cursor.execute("CREATE VIEW v AS SELECT a FROM t")
    before = set((tmp_path / "w").rglob("*.parquet"))
    with pytest.raises(dbapi.Error) as caught:
        cursor.execute(sql)
    assert caught.value.query_error.code == code
    assert rows(cursor, "SELECT * FROM v") == [(1,)]
    assert rows(cursor, 'SELECT snapshot_id FROM "t$snapshots"') == [(head,)]
    assert set((tmp_path / "w").rglob("*.parquet")) == before
    assert rows(cursor, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'g' ORDER BY 1") == [
        ("t",),
        ("v",),
    ]
