"""The Spark engine on a real Spark Connect server and on a classic session, beside the embedded engine."""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import threading
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.time_travel import parse_when
from tests.parity import answers, judge, tables
from tests.services import spark_connect
from tests.services.process import free_port, until
from tests.services.spark_connect import SparkConnect

SMALL = "SELECT l_returnflag, sum(l_quantity) AS q, avg(l_discount) AS d, max(l_shipdate) AS m FROM lineitem GROUP BY 1"
ENDLESS = "SELECT count(*) FROM lineitem a, lineitem b, lineitem c WHERE a.l_tax + b.l_tax + c.l_tax = :never"


@pytest.fixture(scope="module")
def pages() -> int:
    """The port of Spark's own pages, which tell which jobs run."""
    return free_port()


@pytest.fixture(scope="module")
def server(services_folder: Path, pages: int) -> Iterator[SparkConnect]:
    folder = services_folder / "spark_connect"
    folder.mkdir()
    spark_connect.importable()
    running = spark_connect.start(folder, {"spark.ui.enabled": "true", "spark.ui.port": str(pages)})
    yield running
    running.stop()


@pytest.fixture(scope="module")
def session(server: SparkConnect, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with tables.open_session(tmp_path_factory.mktemp("spark")) as made:
        made.settings.engines = EngineSettings(spark=SparkSettings(remote=server.remote))
        yield made


def on_spark(session: Session, sql: str, **options: Any) -> Any:
    return session.sql(sql, engine="spark", **options)


def test_a_query_has_the_rows_types_snapshots_and_fingerprint_of_the_embedded_engine(session: Session) -> None:
    ours, theirs = session.sql(SMALL), on_spark(session, SMALL)
    assert theirs.columns == ours.columns
    assert theirs.provenance.fingerprint == ours.provenance.fingerprint
    assert theirs.provenance.snapshots == ours.provenance.snapshots != {}


def test_tpc_h(session: Session) -> None:
    for case, answer in answers.load(answers.answer_file("queries", "tpch")).items():
        session.engine_name = "spark"
        try:
            verdict = judge.judge_query(session, case, answer)
        finally:
            session.engine_name = "embedded"
        assert verdict.verdict == judge.EQUAL, f"{case}\n{verdict.why}"


@pytest.mark.parametrize(
    "value",
    [
        "a' OR 1=1 --", "\\", "${env:HOME}", 7, 2**40, Decimal("1.50"), 0.1, float("inf"), True, None,
        date(2024, 2, 29),
        datetime(2024, 1, 1, 12, 30, 0, 123456), b"\x00\xff", [1, 2],
    ],
    ids=repr,
)  # fmt: skip
def test_a_parameter_is_the_value_that_it_is(session: Session, value: Any) -> None:
    sql = "SELECT :v AS v, typeof(:v) AS t"
    ours, theirs = session.sql(sql, parameters={"v": value}), on_spark(session, sql, parameters={"v": value})
    assert theirs.arrow.equals(ours.arrow)


def test_what_only_looks_like_a_parameter_stays(session: Session) -> None:
    sql = "SELECT '12:30 :v' AS a, ARRAY[1, 2][1] AS b /* :c */"
    assert on_spark(session, sql).arrow.to_pylist() == [{"a": "12:30 :v", "b": 1}]


def test_an_earlier_result_is_a_table(session: Session) -> None:
    first = session.sql(
        "SELECT 1 AS a, 'x' AS b, DECIMAL '1.50' AS c, INTERVAL '1' DAY AS d UNION ALL SELECT 2, NULL, NULL, NULL"
    )
    found = on_spark(session, "SELECT sum(a) AS s, count(b) AS n, max(c) AS c FROM r", results={"r": first})
    assert found.arrow.to_pylist() == [{"s": 3, "n": 1, "c": Decimal("1.50")}]
    cut = session.sql("SELECT * FROM nation", limit=2)
    with pytest.raises(QueryError, match="cut off"):
        on_spark(session, "SELECT * FROM r", results={"r": cut})


def test_time_travel_and_branches(session: Session) -> None:
    session.sql("CREATE TABLE travelled AS SELECT 1 AS a")
    first = session.sql("SELECT * FROM travelled").provenance.snapshots
    (snapshot,) = first.values()
    written = on_spark(session, "INSERT INTO travelled SELECT n_nationkey + 100 FROM nation WHERE n_nationkey < 2")
    assert written.arrow.to_pylist() == [{"rows": 2}]
    assert len(on_spark(session, "SELECT * FROM travelled")) == 3
    assert len(on_spark(session, f"SELECT * FROM travelled FOR VERSION AS OF {snapshot}")) == 1
    assert len(on_spark(session, "SELECT * FROM travelled", as_of=SnapshotPin(snapshot))) == 1
    on_spark(session, "CREATE BRANCH dev IN TABLE travelled")
    on_spark(session, "INSERT INTO travelled @ dev VALUES 7")
    assert len(on_spark(session, "SELECT * FROM travelled FOR VERSION AS OF 'dev'")) == 4
    assert len(on_spark(session, "SELECT * FROM travelled")) == 3
    on_spark(session, "ALTER BRANCH main IN TABLE travelled FAST FORWARD TO dev")
    assert len(on_spark(session, "SELECT * FROM travelled")) == 4
    session.sql("ALTER TABLE travelled ADD COLUMN b varchar")  # its head has no snapshot with that column
    assert on_spark(session, "SELECT b FROM travelled LIMIT 1").arrow.to_pylist() == [{"b": None}]


def test_metadata_tables_and_information_schema(session: Session) -> None:
    for sql in (
        'SELECT count(*) AS n FROM "nation$snapshots"',
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'tiny' ORDER BY 1",
    ):
        assert on_spark(session, sql).arrow.equals(session.sql(sql).arrow)


def test_sparks_own_sql_stays_untouched(session: Session) -> None:
    result = on_spark(session, "SELECT stack(2, 1, :v) AS a", dialect="spark", parameters={"v": 5, "unused": object()})
    assert sorted(row["a"] for row in result.arrow.to_pylist()) == [1, 5]
    assert result.provenance.engine == "spark (its own SQL)"
    with pytest.raises(QueryError) as caught:
        on_spark(session, "SELECT 1,\n  nonsense", dialect="spark")
    assert (caught.value.code, caught.value.line) == ("column-not-found", 2)
    with pytest.raises(QueryError, match="pin"):
        on_spark(session, "SELECT 1", dialect="spark", as_of=parse_when("2026-01-01"))


@pytest.mark.parametrize(
    ("sql", "code", "line"),
    [
        ("SELECT\n nonsense", "column-not-found", 2),
        ("SELECT 1 FROM\n nowhere", "table-not-found", 2),
        ("SELECT 1 / 0", "division-by-zero", None),
        ("SELECT CAST('x' AS integer)", "invalid-cast-argument", None),
        ("DELETE FROM nation WHERE n_nationkey = 1", "unsupported", 1),
    ],
)
def test_an_error_is_trinos_at_the_users_place(session: Session, sql: str, code: str, line: int | None) -> None:
    with pytest.raises(QueryError) as caught:
        on_spark(session, sql)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert "\n" not in caught.value.message and "SQLSTATE" not in caught.value.message


def test_limit_progress_and_plan(session: Session) -> None:
    seen: list[Progress] = []
    result = on_spark(session, "SELECT l_orderkey FROM lineitem ORDER BY 1", limit=5, on_progress=seen.append)
    assert len(result) == 5 and result.truncated
    assert "Scan" in session.explain(SMALL, engine="spark")


def test_a_server_that_is_down_is_one_clear_error(session: Session) -> None:
    settings = session.settings.model_copy(
        update={"engines": EngineSettings(spark=SparkSettings(remote="sc://127.0.0.1:9"))}
    )
    with Session(settings, namespace="tiny") as other, pytest.raises(QueryError) as caught:
        other.sql("SELECT 1", engine="spark")
    assert caught.value.code == "engine-not-reachable"
    assert "olo.yml" in caught.value.hint


@pytest.mark.timeout(600)
def test_interrupt_ends_the_jobs(session: Session, pages: int) -> None:
    def lasting() -> bool:
        """Whether it is in its long stage: the one that has no end."""
        before = {job["jobId"] for job in running_jobs(pages)}
        time.sleep(3)
        return bool(before & {job["jobId"] for job in running_jobs(pages)})

    pressed = interrupted_when(session, lambda: until(lasting))
    assert time.perf_counter() - pressed < 5  # a fraction of a second where the machine is quiet
    until(lambda: not running_jobs(pages), 10)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_interrupt_at_100_random_moments(session: Session, pages: int) -> None:
    """The statement ends. A job that Spark is about to begin may still begin (4.1.4), out of a client's reach: told."""
    drawn, took = random.Random(6), []
    left: set[int] = set()
    for _ in range(100):
        moment = drawn.uniform(0, 3)
        pressed = interrupted_when(session, lambda moment=moment: time.sleep(moment))  # type: ignore[misc]
        took.append(time.perf_counter() - pressed)
        time.sleep(max(0.0, 2 - took[-1]))
        left |= {job["jobId"] for job in running_jobs(pages)}
    print(f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s; {len(left)} jobs ran on")
    assert max(took) < 2, sorted(took)[-5:]


def interrupted_when(session: Session, wait: Callable[[], object]) -> float:
    """Ctrl-C after ``wait``, while a statement runs that has no end; the moment of it, once the statement has ended."""
    pressed: list[float] = []

    def press() -> None:
        wait()
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises((QueryCancelled, KeyboardInterrupt)):
        threading.Thread(target=press).start()
        on_spark(session, ENDLESS, parameters={"never": Decimal("-1.00")})
    return pressed[0]


def running_jobs(pages: int) -> list[Any]:
    """The jobs that Spark itself says to be running."""
    address = f"http://127.0.0.1:{pages}/api/v1/applications"
    with urllib.request.urlopen(address, timeout=10) as answer:
        (application,) = json.load(answer)
    with urllib.request.urlopen(f"{address}/{application['id']}/jobs?status=running", timeout=10) as answer:
        found: list[Any] = json.load(answer)
    return found


def test_pysparks_own_reads_are_pinned(session: Session, server: SparkConnect) -> None:
    from olo_jupyter.lakehouse.engines.spark.engine import SparkEngine
    from olo_jupyter.lakehouse.engines.spark.pinned_reads import NotPinnedWarning, PinnedReads

    session.sql("CREATE TABLE pinned AS SELECT 1 AS a")
    (snapshot,) = session.sql("SELECT * FROM pinned").provenance.snapshots.values()
    session.sql("INSERT INTO pinned VALUES 2")
    engine = session.engine("spark")
    assert isinstance(engine, SparkEngine)
    spark: Any = engine.sessions.translated()
    reads = PinnedReads(session)
    reads.install()
    session.as_of = SnapshotPin(snapshot)
    try:
        assert spark.table("memory.tiny.pinned").count() == 1
        assert spark.read.table("memory.tiny.pinned").count() == 1
        assert spark.sql("WITH p AS (SELECT * FROM memory.tiny.pinned t) SELECT count(*) FROM p").first()[0] == 1
        assert spark.sql("SELECT count(*) FROM memory.tiny.pinned VERSION AS OF 'main'").first()[0] == 2
        with pytest.warns(NotPinnedWarning, match="view"):
            spark.createDataFrame([(1,)], ["x"]).createOrReplaceTempView("mine")
            spark.sql("SELECT * FROM mine").collect()
        session.as_of = None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert spark.table("memory.tiny.pinned").count() == 2
    finally:
        session.as_of = None
        reads.remove()


def test_what_isnt_proved_is_refused(session: Session) -> None:
    with pytest.raises(Unsupported, match="The Spark engine doesn't have Trino's function soundex"):
        on_spark(session, "SELECT soundex(n_name) FROM nation")
