"""Queries that only a lake answers (files' columns, pins by the clock): what Trino gives, over its own table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.session import Session
from tests.parity import judge
from tests.parity.protocol import ask, must
from tests.parity.record import ask_query
from tests.services.trino import Trino

SCHEMA = "lake_queries"
_SETUP = (
    "CREATE TABLE p (id bigint, k varchar, d date, n decimal(8,2), r ROW(A integer, b varchar)) "
    "WITH (partitioning = ARRAY['k', 'month(d)', 'bucket(id, 4)'])",
    "INSERT INTO p VALUES (1, 'a', DATE '2024-01-05', 1.5, ROW(1, 'x')), (2, NULL, NULL, NULL, NULL), "
    "(3, 'b/c =d', DATE '2024-02-05', 2.5, ROW(2, 'y'))",
    "INSERT INTO p VALUES (4, 'a', DATE '2024-01-06', 1.5, ROW(1, 'x'))",
    "DELETE FROM p WHERE id = 1 OR id = 4",
    "INSERT INTO p VALUES (5, 'z', DATE '2024-01-06', 1.5, NULL)",
    "CREATE TABLE flat AS SELECT 1 AS x",
)
QUERIES = (
    'SELECT id, "$path", "$partition", "$file_modified_time" FROM p ORDER BY id',
    'SELECT "$partition", count(*), min(id) FROM p GROUP BY 1 ORDER BY 1',
    "SELECT * FROM p ORDER BY id",
    'SELECT p.*, p."$partition" FROM p ORDER BY id',
    'SELECT "$PATH" FROM p ORDER BY 1',
    'SELECT "$path" FROM p x(a, b, c, d, e)',
    'SELECT q."$path" FROM (SELECT * FROM p) q',
    'SELECT "$path" FROM "p$files"',
    'SELECT "$partition" FROM information_schema.tables',
    'SELECT a.id, a."$partition" = b."$partition" FROM p a JOIN p b USING (id) ORDER BY 1',
    'SELECT id FROM p a JOIN p b USING (id, "$path") ORDER BY 1',
    'SELECT id FROM p WHERE "$path" = (SELECT max("$path") FROM p)',
    'SELECT "$path" FROM p WHERE false',
    'SELECT x, "$partition" FROM flat',
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF now() - INTERVAL '1' MONTH",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF current_timestamp - INTERVAL '1' SECOND",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF date_add('second', -1, now())",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF current_date + INTERVAL '1' DAY",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF DATE '2024-01-31' + INTERVAL '1' MONTH",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF current_date + INTERVAL '1' HOUR",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF TIMESTAMP '2099-01-01 00:00:00 UTC'",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF DATE '2099-01-01'",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF NULL",
    "SELECT count(*) FROM p FOR TIMESTAMP AS OF INTERVAL '1' DAY",
    'SELECT * FROM "p$data"',
    "DESCRIBE p",
    f"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '{SCHEMA}' ORDER BY 1",
)


@pytest.fixture(scope="module")
def lake(trino: Trino, shared_settings: Settings) -> Iterator[Session]:
    with Session(shared_settings, namespace=SCHEMA) as session:
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")  # makes the catalog's own tables too, which Trino doesn't
        for statement in _SETUP:
            must(ask(trino.uri, statement, catalog="iceberg", schema=SCHEMA))
        yield session


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_gives_what_trino_gives(trino: Trino, lake: Session, sql: str) -> None:
    verdict = judge.judge_query(lake, sql, ask_query(trino.uri, sql, catalog="iceberg", schema=SCHEMA))
    assert verdict.verdict in (judge.EQUAL, judge.SAME_ERROR), verdict.why


def test_rows_are_deleted_by_their_file(trino: Trino, lake: Session) -> None:
    """Where a row is may be asked for in a change, too, by whoever makes it."""
    lake.sql("""DELETE FROM flat WHERE "$path" LIKE 'nowhere%'""")
    lake.sql("""UPDATE flat SET x = 2 WHERE "$path" LIKE '%.parquet'""")
    assert must(ask(trino.uri, f"SELECT x FROM iceberg.{SCHEMA}.flat")).rows == [[2]]
