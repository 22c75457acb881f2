"""A statement that runs again: what is kept of it (translation, read, plan) is used only where nothing has changed."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.views import view_location


def rows(session: Session, sql: str, **more: Any) -> list[tuple[Any, ...]]:
    return list(session.sql(sql, **more).rows())


def translated(session: Session, sql: str, monkeypatch: pytest.MonkeyPatch, times: int = 3, **more: Any) -> int:
    """How often ``sql`` is really translated while it runs ``times`` times."""
    from olo_jupyter.lakehouse.engines import translations

    count = 0
    before = translations.translation

    def counting(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return before(*arguments)

    monkeypatch.setattr(translations, "translation", counting)
    for _ in range(times):
        session.sql(sql, **more)
    return count


@pytest.fixture
def table(session: Session) -> str:
    session.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a', 1.50), (2, 'b', 2.50)) AS t (k, v, d)")
    return "t"


@pytest.mark.usefixtures("table")
def test_what_was_translated_is_not_translated_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert translated(session, "SELECT k FROM t WHERE v = :v", monkeypatch, parameters={"v": "a"}) == 1


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("sql", ["SELECT current_timestamp FROM t", "SELECT transform(ARRAY[1], x -> now()) FROM t"])
def test_a_statement_that_asks_for_the_time_is_translated_each_time(
    session: Session, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    assert translated(session, sql, monkeypatch) == 3
    assert rows(session, sql) != rows(session, sql)


@pytest.mark.usefixtures("table")
def test_each_change_of_the_table_is_seen(session: Session) -> None:
    query = "SELECT * FROM t ORDER BY 1"
    seen = [rows(session, query) for _ in range(3)]
    assert seen == [[(1, "a", Decimal("1.50")), (2, "b", Decimal("2.50"))]] * 3
    session.execute("INSERT INTO t VALUES (3, 'c', 9.99)")
    assert len(rows(session, query)) == 3
    session.execute("ALTER TABLE t DROP COLUMN d")
    assert rows(session, query)[2] == (3, "c")
    session.execute("ALTER TABLE t ADD COLUMN d varchar")
    assert rows(session, query)[2] == (3, "c", None)
    session.execute("DELETE FROM t WHERE k = 2")
    assert [row[0] for row in rows(session, query)] == [1, 3]
    session.execute("DROP TABLE t")
    with pytest.raises(QueryError) as caught:
        rows(session, query)
    assert (caught.value.code, caught.value.line, caught.value.column) == ("table-not-found", 1, 15)
    session.execute("CREATE VIEW t AS SELECT 7 AS seven")
    assert rows(session, query) == [(7,)]
    session.execute("CREATE OR REPLACE VIEW t AS SELECT 8 AS eight")
    assert rows(session, query) == [(8,)]
    session.execute("DROP VIEW t")
    session.execute("CREATE TABLE t AS SELECT 9 AS nine")
    assert rows(session, query) == [(9,)]


@pytest.mark.usefixtures("table")
def test_pins_parameters_and_results_tell_statements_apart(session: Session) -> None:
    first = session.sql("SELECT * FROM t").provenance.snapshots["dev.silver.t"]
    session.execute("INSERT INTO t VALUES (3, 'c', 3.50)")
    count = "SELECT count(*) FROM t"
    found = [rows(session, count, as_of=pin)[0][0] for pin in (None, SnapshotPin(first), None, SnapshotPin(first))]
    assert found == [3, 2, 3, 2]
    typed = "SELECT typeof(:x) FROM t LIMIT 1"
    values = (1, True, 2**40, Decimal("1.0"), "1", None)
    kinds = [rows(session, typed, parameters={"x": value})[0][0] for value in (*values, *values)]
    assert kinds == ["integer", "boolean", "bigint", "decimal(2,1)", "varchar(1)", "unknown"] * 2
    for number in (1, 2, 1):
        earlier = session.sql(f"SELECT {number} AS n" if number == 1 else "SELECT 'two' AS n, 3 AS m")
        assert session.sql("SELECT * FROM earlier", results={"earlier": earlier}).columns == earlier.columns


@pytest.mark.usefixtures("table")
def test_provenance_is_that_of_each_run(session: Session) -> None:
    query = "SELECT k FROM t WHERE k > :least"
    ran = [session.sql(query, parameters={"least": 0, "other": 1}).provenance for _ in range(3)]
    assert [each.parameters for each in ran] == [{"least": 0}] * 3
    assert len({each.query_id for each in ran}) == 3
    assert len({each.fingerprint for each in ran}) == 1
    assert all(each.snapshots == ran[0].snapshots and each.snapshots for each in ran)


@pytest.mark.usefixtures("table")
def test_a_drawn_value_is_drawn_each_time(session: Session) -> None:
    query = "SELECT random() FROM t"
    assert len({rows(session, query)[0] for _ in range(5)}) == 5


@pytest.mark.usefixtures("table")
def test_plans_are_kept_and_let_go(session: Session) -> None:
    engine = session.engine()
    assert isinstance(engine, EmbeddedEngine)
    for _ in range(3):
        for number in range(40):
            assert rows(session, f"SELECT k + {number} FROM t WHERE k = 1") == [(1 + number,)]
    cursor = engine._database.take()
    assert 0 < len(engine._plans._names[cursor]) <= 32
    engine._database.give_back(cursor)
    assert rows(session, "SELECT k FROM t ORDER BY k", limit=1) == [(1,)]
    assert [session.sql("SELECT k FROM t ORDER BY k", limit=1).truncated for _ in range(3)] == [True] * 3


def test_a_file_that_is_gone_is_told_also_the_next_time(session: Session) -> None:
    session.execute("CREATE TABLE t AS SELECT * FROM (VALUES 1, 2) AS t (k)")
    query = "SELECT max(k) FROM t"
    assert [rows(session, query) for _ in range(3)] == [[(2,)]] * 3

    [(path,)] = rows(session, 'SELECT file_path FROM "t$files"')
    Path(str(path).removeprefix("file://")).unlink()
    for _ in range(2):
        with pytest.raises(QueryError) as caught:
            rows(session, query)
        assert caught.value.code == "iceberg-cannot-open-split"


def test_a_view_that_another_session_replaces_is_seen(session: Session) -> None:
    query = "SELECT * FROM v"
    session.execute("CREATE VIEW v AS SELECT 1 AS one")
    assert [rows(session, query) for _ in range(2)] == [[(1,)]] * 2
    with Session(session.settings, namespace="silver") as other:
        other.execute("CREATE OR REPLACE VIEW v AS SELECT 'two' AS two, 2 AS n")
        assert rows(session, query) == [("two", 2)]
        other.execute("COMMENT ON COLUMN v.n IS 'counted'")
        assert rows(session, "DESCRIBE v")[1][3] == "counted"
        other.execute("DROP VIEW v")
    with pytest.raises(QueryError, match="v does not exist"):
        rows(session, query)


def test_a_view_keeps_one_schema_while_its_columns_stay(session: Session) -> None:
    for number in range(4):
        session.execute(f"CREATE OR REPLACE VIEW v AS SELECT {number} AS n")
        assert rows(session, "SELECT * FROM v") == [(number,)]
    session.execute("CREATE OR REPLACE VIEW v AS SELECT CAST(1 AS bigint) AS n")
    assert schemas(session) == [(1, ["int"]), (5, ["long"])]
    session.execute("CREATE OR REPLACE VIEW v AS SELECT 7 AS n")
    assert schemas(session) == [(5, ["long"]), (1, ["int"])]
    assert rows(session, "SELECT n, typeof(n) FROM v") == [(7, "integer")]


def schemas(session: Session) -> list[tuple[int, list[str]]]:
    """Number and types of each schema in the metadata file of the view ``v``."""
    name = session.name("v")
    folder = Path(view_location(session.catalogs, name).removeprefix("file:")) / "metadata"
    newest = max(folder.iterdir(), key=lambda path: path.name)
    return [
        (schema["schema-id"], [field["type"] for field in schema["fields"]])
        for schema in json.loads(newest.read_text())["schemas"]
    ]
