"""The Trino engine on a real Trino that shares its Iceberg catalog with us."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from trino.dbapi import connect

from olo_jupyter.config import Settings
from olo_jupyter.jobs.costs import costs
from olo_jupyter.jobs.usage import query_usage
from olo_jupyter.lakehouse import browse
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.pins import RefPin, SnapshotPin
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.service_settings import PriceSettings
from tests.parity import answers, judge
from tests.services.trino import CATALOG, Trino

SLOW = "SELECT count(*) FROM tpch.sf1.lineitem a CROSS JOIN tpch.sf1.orders b WHERE a.l_comment < b.o_comment"


@pytest.fixture(scope="module")
def session(trino_project: Settings) -> Iterator[Session]:
    with Session(trino_project, namespace="trino_engine") as session:
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.trino_engine")  # PyIceberg makes the catalog's own tables
        session.engine_name = "trino"
        session.sql("CREATE TABLE items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'ink')) AS t (id, name)")
        session.sql("INSERT INTO items VALUES (3, NULL)")
        yield session


def told(session: Session, sql: str, **options: Any) -> QueryError:
    with pytest.raises(QueryError) as refused:
        session.sql(sql, **options)
    return refused.value


def snapshots(session: Session) -> list[int]:
    rows = session.sql('SELECT snapshot_id FROM "items$snapshots" ORDER BY committed_at').arrow
    return [int(each) for each in rows.column(0).to_pylist()]


def test_writes_tell_their_own_snapshot_and_reads_what_they_read(session: Session) -> None:
    done = session.sql("INSERT INTO items SELECT id + 10, name FROM items WHERE id = :id", parameters={"id": 1})
    ids = snapshots(session)
    assert done.provenance.written == {f"{CATALOG}.trino_engine.items": ids[-1]}
    assert done.provenance.snapshots == {f"{CATALOG}.trino_engine.items": ids[-2]}
    assert done.arrow.to_pylist() == [{"rows": 1}]
    session.sql("DELETE FROM items WHERE id > 10")


def test_what_the_server_spent_is_told_kept_and_priced(session: Session) -> None:
    """Trino's own figure: the history, `olo costs` and a task's report have it; the embedded engine has none."""
    heavy = "SELECT count(DISTINCT o_comment), max(o_totalprice) FROM tpch.tiny.orders"
    spent = session.sql(heavy).provenance.cpu_seconds
    assert spent is not None and 0 < spent < 60
    assert session.sql("SELECT count(*) FROM items", engine="embedded").provenance.cpu_seconds is None
    assert session.history.entries("count DISTINCT o_comment", limit=1)[0].cpu_seconds == spent
    after = sum(one.cpu_seconds or 0.0 for one in query_usage(session.settings.state) if one.engine == "trino")
    assert after >= spent
    found = {one.name: one for one in costs(session.settings.state, PriceSettings(cpu_hour=3600.0), "engine")}
    assert found["trino"].cpu_hours == pytest.approx(after / 3600)
    assert found["embedded"].cpu_hours is None


def test_the_same_pins_give_the_same_fingerprints_on_both_engines(session: Session) -> None:
    first, second = snapshots(session)[:2]
    for pin in (SnapshotPin(first), SnapshotPin(second), RefPin("main")):
        results = [session.sql("SELECT * FROM items", engine=engine, as_of=pin) for engine in ("trino", "embedded")]
        assert results[0].provenance.fingerprint == results[1].provenance.fingerprint
        assert results[0].provenance.snapshots == results[1].provenance.snapshots
        assert results[0].columns == results[1].columns
    assert len(session.sql("SELECT * FROM items", as_of=SnapshotPin(first))) == 2


def test_columns_that_changed_without_a_snapshot_are_read_as_they_are_now(session: Session) -> None:
    session.sql("CREATE TABLE grown AS SELECT 1 AS a")
    session.sql("ALTER TABLE grown ADD COLUMN b integer")
    now = session.sql("SELECT * FROM grown")
    assert now.arrow.to_pylist() == [{"a": 1, "b": None}]
    assert now.provenance.snapshots == session.sql("SELECT * FROM grown", engine="embedded").provenance.snapshots


def test_a_view_at_a_past_time_is_its_query_over_the_tables_of_then(session: Session) -> None:
    first = snapshots(session)[0]
    session.sql("CREATE VIEW named AS SELECT id, upper(name) AS name FROM items WHERE name IS NOT NULL")
    session.sql("CREATE VIEW counted AS SELECT count(*) AS n FROM named")
    session.sql("INSERT INTO items VALUES (4, 'cap')")
    try:
        past = session.sql("SELECT n FROM counted", as_of=SnapshotPin(first))
        assert past.arrow.to_pylist() == [{"n": 2}]
        assert past.provenance.snapshots == {f"{CATALOG}.trino_engine.items": first}
        assert session.sql("SELECT n FROM counted").arrow.to_pylist() == [{"n": 3}]
        assert told(session, f"SELECT * FROM named FOR VERSION AS OF {first}").code == "not-supported"
    finally:
        session.sql("DROP VIEW counted")
        session.sql("DROP VIEW named")
        session.sql("DELETE FROM items WHERE id = 4")


def test_recorded_types_and_values_come_as_the_embedded_engine_gives_them(session: Session) -> None:
    """Every type of the parity cases: the same Arrow types, and the values that Trino gave when they were recorded."""
    chosen = random.Random(6)
    cases: list[str] = []
    for area in ("casts", "datetimes", "arrays", "maps", "decimals", "json", "binary", "intervals", "rows"):
        known = answers.load(answers.answer_file("expressions", area))
        good = [case for case, answer in known.items() if not isinstance(answer, str) and "random" not in case]
        cases += chosen.sample(good, min(len(good), 60))
    compared = 0
    for at in range(0, len(cases), 20):
        listed = ", ".join(f"{case} AS c{number}" for number, case in enumerate(cases[at : at + 20]))
        theirs, ours = judge.run(session, f"SELECT {listed}"), None
        session.engine_name = "embedded"
        try:
            ours = judge.run(session, f"SELECT {listed}")
        finally:
            session.engine_name = "trino"
        if isinstance(ours, QueryError) or isinstance(theirs, QueryError):
            continue  # what one of them refuses is told in the parity suite
        assert ours.columns == theirs.columns
        assert ours.arrow.schema.types == theirs.arrow.schema.types
        for number, (a, b) in enumerate(zip(ours.arrow.columns, theirs.arrow.columns, strict=True)):
            same = fingerprint(pa.table({"c": a})) == fingerprint(pa.table({"c": b}))
            assert same or pa.types.is_floating(a.type), cases[at + number]
            compared += same
    assert compared > 50


def test_values_and_earlier_results(session: Session) -> None:
    evil = "a' OR 1=1 --"
    assert len(session.sql("SELECT * FROM items WHERE name = :name", parameters={"name": evil})) == 0
    got = session.sql("SELECT :a, ':a', :b, :c", parameters={"a": evil, "b": [1, None], "c": 2**40}).arrow
    assert [column[0].as_py() for column in got.columns] == [evil, ":a", [1, None], 2**40]
    few = session.sql("SELECT id, name, DECIMAL '1.50' AS d, TIMESTAMP '2026-01-01 00:00:00 UTC' AS t FROM items")
    again = session.sql("SELECT * FROM few", results={"few": few})
    assert again.columns == few.columns and again.provenance.fingerprint == few.provenance.fingerprint
    many = session.sql("SELECT i.id, l.l_orderkey FROM items i CROSS JOIN tpch.tiny.lineitem l WHERE i.id = 1")
    refused = (
        told(session, "SELECT count(*) FROM many", results={"many": many}) if not many.provenance.snapshots else None
    )
    assert refused is None
    assert session.sql("SELECT count(*) FROM many", results={"many": many}).arrow.column(0)[0].as_py() == len(many)


@pytest.mark.parametrize(
    ("sql", "code", "place", "hint"),
    [
        ("SELECT id,\n  nope FROM items", "column-not-found", (2, 3), ""),
        ("SELECT * FROM itmes", "table-not-found", (1, 15), "Did you mean items?"),
        ("SELECT * FROM nosuch.a.b", "catalog-not-found", (1, 15), "SHOW CATALOGS"),
        ("SELECT :x, nope FROM items", "column-not-found", (1, 12), ""),
        ("SELECT 1 FROM items JOIN tpch.tiny.nation ON nope", "column-not-found", (1, 46), ""),
        ("SELECT * FROM held.trino_engine.items", "permission-denied", (1, 15), "Trino's access control"),
        ("SELECT 1/0", "division-by-zero", (None, None), ""),
        ("SELCT 1", "syntax-error", (1, 1), ""),
        ("INSERT INTO items @ dev VALUES (1, 'x')", "unsupported", (None, None), "embedded or spark"),
    ],
)
def test_errors_are_in_the_users_own_text(
    session: Session, sql: str, code: str, place: tuple[int | None, int | None], hint: str
) -> None:
    error = told(session, sql, parameters={"x": 1})
    assert (error.code, (error.line, error.column)) == (code, place)
    assert hint in error.hint


def test_other_catalogs_can_be_queried_without_time_travel(session: Session) -> None:
    assert len(session.sql("SELECT * FROM tpch.tiny.nation")) == 25
    assert isinstance(told(session, "SELECT * FROM tpch.tiny.nation", as_of=RefPin("main")), Unsupported)


def test_limit_progress_tags_and_session_properties(session: Session, trino: Trino) -> None:
    seen: list[Progress] = []
    cut = session.sql(
        "SELECT * FROM tpch.sf1.lineitem", limit=10, notebook="Ä, b.ipynb", cell="c1", on_progress=seen.append
    )
    assert len(cut) == 10 and cut.truncated
    session.sql("SET SESSION query_max_run_time = '7m'")
    assert session.sql("SHOW SESSION LIKE 'query_max_run_time'").arrow.column(1)[0].as_py() == "7m"
    assert _ended(trino, cut.provenance.query_id, 2.0)
    seen.clear()
    session.sql("SELECT count(*), sum(l_tax) FROM tpch.sf1.lineitem", on_progress=seen.append)
    assert seen[-1].query_id and seen[-1].splits and {"running"} <= {each.state for each in seen}


def _ended(trino: Trino, query_id: str, seconds: float) -> bool:
    """Whether the server says within a time that a query has ended."""
    with connect(host="127.0.0.1", port=trino.port, user="watcher") as watcher:
        until = time.monotonic() + seconds
        while True:
            cursor = watcher.cursor()
            cursor.execute(f"SELECT state FROM system.runtime.queries WHERE query_id = '{query_id}'")
            states = cursor.fetchall()
            if not states or states[0][0] in ("FAILED", "FINISHED"):
                return True
            if time.monotonic() > until:
                return False


def _interrupted(session: Session, sql: str, after: float) -> str:
    """Run a statement, send SIGINT to this process after a time; gives the query's id, '' where none was told."""
    seen: list[Progress] = []
    timer = threading.Timer(after, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        session.sql(sql, on_progress=seen.append)
    except QueryCancelled:
        pass
    finally:
        timer.cancel()
    return next((each.query_id for each in reversed(seen) if each.query_id), "")


@pytest.mark.parametrize("count", [8, pytest.param(100, marks=pytest.mark.full)])
def test_interrupts_at_random_moments_end_the_query_on_the_server(session: Session, trino: Trino, count: int) -> None:
    moments = random.Random(count)
    for sql in (SLOW, "SELECT * FROM tpch.sf1.lineitem"):
        for _ in range(count // 2):
            query = _interrupted(session, sql, moments.uniform(0.01, 2.5))
            assert not query or _ended(trino, query, 2.0), query
    running = "source = 'olo-jupyter' AND state NOT IN ('FAILED', 'FINISHED') AND query NOT LIKE '%runtime.queries%'"
    assert len(session.sql(f"SELECT query_id FROM system.runtime.queries WHERE {running}")) == 0


def test_a_query_that_somebody_ends(session: Session, trino: Trino) -> None:
    def kill() -> None:
        with connect(host="127.0.0.1", port=trino.port, user="admin") as admin:
            cursor = admin.cursor()
            for _ in range(100):
                cursor.execute(
                    "SELECT query_id FROM system.runtime.queries WHERE state = 'RUNNING' AND query LIKE '%b.o_comment'"
                )
                for (query,) in cursor.fetchall():
                    cursor.execute(f"CALL system.runtime.kill_query('{query}', 'to test it')")
                    cursor.fetchall()
                    return
                time.sleep(0.1)

    killer = threading.Thread(target=kill)
    killer.start()
    error = told(session, SLOW)
    killer.join()
    assert error.code == "administratively-killed" and "to test it" in error.message and error.hint


def test_what_trino_guards_is_never_shown_as_empty(session: Session) -> None:
    with pytest.raises(QueryError, match=r"no table in held\.trino_engine") as denied:
        browse.tables(session, "held.trino_engine")
    assert denied.value.code == "access-denied"
    assert "permission-denied" in {
        told(session, f"DESCRIBE held.trino_engine.{name}").code for name in ("items", "grown")
    }


def test_frames(session: Session) -> None:
    frame = session.sql("SELECT * FROM tpch.tiny.nation").to_pandas()
    assert isinstance(frame, pd.DataFrame) and len(frame) == 25
