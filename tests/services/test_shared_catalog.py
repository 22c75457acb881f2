"""One Iceberg catalog on PostgreSQL, seen by the embedded engine and by Trino: each reads what the other wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.session import Session
from tests.parity.judge import DIFFERENT, EQUAL, judge_query
from tests.parity.protocol import ask
from tests.parity.record import ask_query
from tests.services.trino import CATALOG, Trino

ROWS = """SELECT * FROM (VALUES
    (1, BIGINT '9223372036854775807', 1.10, 'a', DATE '2024-02-29',
        TIMESTAMP '2024-02-29 12:34:56.789012', 1.5e0, true),
    (2, BIGINT '-9223372036854775808', -99.99, '😀 ß', DATE '0001-01-01',
        TIMESTAMP '1969-12-31 23:59:59.999999', nan(), false),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
    ) AS t(id, big, money, label, day, moment, ratio, flag)"""


@pytest.fixture(scope="module")
def lake(shared_settings: Settings) -> Iterator[Session]:
    """The embedded engine on the catalog that Trino knows as ``iceberg``."""
    with Session(shared_settings, namespace="shared") as session:
        session.catalogs.catalog(CATALOG).create_namespace_if_not_exists("shared")
        yield session


def _trino(trino: Trino, sql: str) -> list[list[object]]:
    answer = ask(trino.uri, sql)
    assert not answer.error, f"{answer.error}: {answer.message}"
    return answer.rows


def _equal_in_both(trino: Trino, lake: Session, table: str) -> None:
    """The embedded engine's rows and types of ``shared.table`` are those that Trino reads."""
    theirs = ask_query(trino.uri, f"SELECT * FROM iceberg.shared.{table} ORDER BY 1")
    assert not isinstance(theirs, str), theirs
    verdict = judge_query(lake, f"SELECT * FROM {CATALOG}.shared.{table} ORDER BY 1", theirs)
    assert verdict.verdict == EQUAL, verdict.why


def test_trino_reads_what_we_write(trino: Trino, lake: Session) -> None:
    lake.sql(f"CREATE TABLE ours AS {ROWS}")
    assert _trino(trino, "SELECT count(*), sum(id) FROM iceberg.shared.ours") == [[3, 6]]
    lake.sql("INSERT INTO ours SELECT id + 10, big, money, label, day, moment, ratio, flag FROM ours")
    assert _trino(trino, "SELECT count(*), sum(id) FROM iceberg.shared.ours") == [[6, 42]]
    _equal_in_both(trino, lake, "ours")


def test_we_read_what_trino_writes(trino: Trino, lake: Session) -> None:
    _trino(trino, f"CREATE TABLE iceberg.shared.theirs AS {ROWS}")
    _equal_in_both(trino, lake, "theirs")
    _trino(trino, "INSERT INTO iceberg.shared.theirs (id, label) VALUES (4, 'late')")
    _equal_in_both(trino, lake, "theirs")


def test_we_read_a_table_that_trino_evolved_and_deleted_from(trino: Trino, lake: Session) -> None:
    _trino(
        trino,
        "CREATE TABLE iceberg.shared.evolved (id integer, a integer, b varchar) WITH (partitioning = ARRAY['id'])",
    )
    _trino(trino, "INSERT INTO iceberg.shared.evolved VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z')")
    _trino(trino, "ALTER TABLE iceberg.shared.evolved RENAME COLUMN a TO c")
    _trino(trino, "ALTER TABLE iceberg.shared.evolved ADD COLUMN a bigint")
    _trino(trino, "ALTER TABLE iceberg.shared.evolved DROP COLUMN b")
    _trino(trino, "INSERT INTO iceberg.shared.evolved VALUES (4, 40, 400)")
    _equal_in_both(trino, lake, "evolved")
    _trino(trino, "DELETE FROM iceberg.shared.evolved WHERE c = 20")
    _trino(trino, "UPDATE iceberg.shared.evolved SET a = 7 WHERE id = 1")
    _equal_in_both(trino, lake, "evolved")


def test_both_see_the_same_past(trino: Trino, lake: Session) -> None:
    _trino(trino, "CREATE TABLE iceberg.shared.past (id integer)")
    _trino(trino, "INSERT INTO iceberg.shared.past VALUES 1")
    lake.sql("INSERT INTO past SELECT 2")
    snapshots = _trino(trino, 'SELECT snapshot_id FROM iceberg.shared."past$snapshots" ORDER BY committed_at')
    for (snapshot,) in snapshots:
        theirs = ask_query(trino.uri, f"SELECT id FROM iceberg.shared.past FOR VERSION AS OF {snapshot} ORDER BY id")
        verdict = judge_query(lake, f"SELECT id FROM past FOR VERSION AS OF {snapshot} ORDER BY id", theirs)
        assert verdict.verdict != DIFFERENT, verdict.why
        assert verdict.verdict == EQUAL, verdict.why
