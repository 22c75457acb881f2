"""Views and replaced tables on one catalog: what the embedded engine makes, Trino reads, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import ask
from tests.services.trino import Trino


@pytest.fixture(scope="module")
def lake(shared_settings: Settings) -> Iterator[Session]:
    """The embedded engine on the catalog that Trino knows as ``iceberg``."""
    with Session(shared_settings, namespace="views") as session:
        session.sql("CREATE SCHEMA IF NOT EXISTS views")
        yield session


def _trino(trino: Trino, sql: str) -> list[list[object]]:
    answer = ask(trino.uri, sql)
    assert not answer.error, f"{answer.error}: {answer.message}"
    return answer.rows


# Views over tables need the catalog to have one name in both engines, which these services don't give it.


def test_trino_reads_and_replaces_our_view(trino: Trino, lake: Session) -> None:
    lake.sql("CREATE VIEW ours AS SELECT n, 'a' AS s FROM (VALUES 1, 2) t(n)")
    assert _trino(trino, "SELECT * FROM iceberg.views.ours ORDER BY n") == [[1, "a"], [2, "a"]]
    lake.sql("CREATE OR REPLACE VIEW ours AS SELECT 7 AS n")
    assert _trino(trino, "SELECT * FROM iceberg.views.ours") == [[7]]
    with pytest.raises(QueryError, match="is a view"):
        lake.sql("CREATE TABLE ours AS SELECT 1 AS n")
    _trino(trino, "CREATE OR REPLACE VIEW iceberg.views.ours AS SELECT CAST('b' AS varchar) AS s")
    assert list(lake.sql("SELECT * FROM ours").rows()) == [("b",)]
    _trino(trino, "DROP VIEW iceberg.views.ours")
    with pytest.raises(QueryError, match="does not exist"):
        lake.sql("SELECT * FROM ours")


def test_we_read_and_drop_the_view_that_trino_made(trino: Trino, lake: Session) -> None:
    _trino(trino, "CREATE VIEW iceberg.views.theirs AS SELECT 7 AS n, CAST(7 AS varchar) AS s")
    assert list(lake.sql("SELECT * FROM theirs").rows()) == [(7, "7")]
    lake.sql("DROP VIEW theirs")
    assert _trino(trino, "SHOW TABLES FROM iceberg.views LIKE 'theirs'") == []


def test_trino_sees_a_replaced_table_and_its_history(trino: Trino, lake: Session) -> None:
    lake.sql("CREATE TABLE again AS SELECT 1 AS k, 'x' AS v")
    first = next(iter(lake.sql('SELECT snapshot_id FROM "again$snapshots"').rows()))[0]
    lake.sql("CREATE OR REPLACE TABLE again AS SELECT 2.5 AS v, DATE '2026-01-01' AS d")
    assert _trino(trino, "SELECT v, CAST(d AS varchar) FROM iceberg.views.again") == [["2.5", "2026-01-01"]]
    assert _trino(trino, f"SELECT k, v FROM iceberg.views.again FOR VERSION AS OF {first}") == [[1, "x"]]
    assert len(_trino(trino, 'SELECT 1 FROM iceberg.views."again$snapshots"')) == 2
    _trino(trino, "INSERT INTO iceberg.views.again VALUES (1.0, NULL)")
    assert lake.sql("SELECT sum(v) FROM again").arrow.to_pydict()["_col0"] == [Decimal("3.5")]
