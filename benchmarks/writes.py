"""Writes: MERGE of 1 % into 10 million rows against DuckDB's own, 20 writers that race, writers that are killed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.measure import Figure, paired, seconds
from benchmarks.options import Options, lake_settings
from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.services.catalogue import KINDS
from tests.services.postgres import Postgres
from tests.writers import NAMESPACE, Race, kill, race

ROWS = 10_000_000
RUNS = 5
GOAL = 2.0
_FILES = 40
_KILLED_ROWS = 20_000

_DATA = (
    "SELECT range AS k, 'customer ' || (range % 1000) AS v, range * 7 % 1000 AS n, "
    "DATE '2020-01-01' + (range // 10000)::INTEGER AS day, range / 3 AS x FROM range({}, {})"
)
_MERGE = (
    "MERGE INTO {table} AS t USING {source} AS s ON t.k = s.k "
    "WHEN MATCHED THEN UPDATE SET v = s.v, n = s.n WHEN NOT MATCHED THEN INSERT (k, v, n) VALUES (s.k, s.v, s.n)"
)


def figures(options: Options) -> Iterator[Figure]:
    """The three promises of issue 4 about writes."""
    with tempfile.TemporaryDirectory(prefix="olo-writes-") as folder:
        yield from _merge(Path(folder))
    writers, statements, kills = (20, 5, 100) if options.full else (5, 4, 10)
    with tempfile.TemporaryDirectory(prefix="olo-race-") as folder:
        settings = lake_settings(Path(folder))
        yield _raced("SQLite", race(settings, writers, statements), writers, statements)
    with tempfile.TemporaryDirectory(prefix="olo-race-") as folder:
        Path(folder).chmod(0o755)
        (place := Path(folder) / "postgres").mkdir()
        service = KINDS["postgres"].start(place)
        try:
            assert isinstance(service, Postgres)
            settings = _on_postgres(service, Path(folder))
            yield _raced("PostgreSQL", race(settings, writers, statements), writers, statements)
        finally:
            service.stop()
    with tempfile.TemporaryDirectory(prefix="olo-kill-") as folder:
        yield _killed(lake_settings(Path(folder)), kills)


def _merge(folder: Path) -> Iterator[Figure]:
    """Both tables hold the rows in the order of their keys; each run merges another 1 % of them, and 100 new ones."""
    plain = duckdb.connect(str(folder / "plain.duckdb"))
    plain.execute(f"CREATE TABLE t AS {_DATA.format(0, ROWS)}")
    with Session(lake_settings(folder), namespace="w") as session:
        catalog = session.catalogs.catalog("dev")
        catalog.create_namespace("w")
        for number in range(_FILES):
            size = ROWS // _FILES
            part = f"SELECT * FROM t WHERE k >= {number * size} AND k < {(number + 1) * size}"
            rows = plain.sql(part).to_arrow_table()
            session.write("t", rows, mode="append" if number else "replace")
        step, count = ROWS // 100, iter(range(1000))
        plain.execute(
            f"CREATE TABLE s AS SELECT r AS run, CASE WHEN i < {step - 100} THEN {ROWS // 20} * (r + 1) + i "
            f"ELSE {ROWS} + r * 100 + i END AS k, 'merged ' || i AS v, i AS n "
            f"FROM range({RUNS + 1}) a(r), range({step}) b(i)"
        )
        changes = plain.sql("SELECT * FROM s").to_arrow_table()
        session.write("s", changes)
        before = _paths(session)
        touched: list[int] = []

        def ours() -> None:
            nonlocal before
            session.execute(_MERGE.format(table="t", source=f"(SELECT * FROM s WHERE run = {next(count)})"))
            after = _paths(session)
            touched.append(len(before - after))
            before = after

        theirs_count = iter(range(1000))

        def theirs() -> None:
            plain.execute(
                _MERGE.format(table="t", source=f"(SELECT * FROM s WHERE run = {next(theirs_count)})")
            ).fetchall()

        pair = paired(ours, theirs, RUNS)
        same = session.execute("SELECT count(*), sum(k), sum(n), count(DISTINCT v) FROM t").rows()
        if list(same) != plain.execute("SELECT count(*), sum(k), sum(n), count(DISTINCT v) FROM t").fetchall():
            raise SystemExit("The two tables differ after the same merges.")
    plain.close()
    yield Figure(
        f"MERGE of 1 % into {ROWS // 10**6} million rows in the order of their keys",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"{pair.ratio:.2f} × DuckDB's MERGE on its own table",
        f"≤ {GOAL:g}",
        pair.ratio <= GOAL,
        "the touched file is written anew as a whole, and its manifests; DuckDB changes the rows where they are",
    )
    worst = max(touched)
    yield Figure(
        f"files that such a MERGE rewrites, of {_FILES}", f"{worst}", "", f"{worst} of {_FILES}", "≤ 2", worst <= 2
    )


def _paths(session: Session) -> set[str]:
    return {path for (path,) in session.execute('SELECT file_path FROM "t$files"').rows()}


def _on_postgres(service: Postgres, folder: Path) -> Settings:
    properties = {"uri": service.uri, "warehouse": f"file://{folder}/warehouse"}
    return lake_settings(folder).model_copy(update={"catalogs": {"dev": CatalogSettings(properties=properties)}})


def _raced(catalog: str, result: Race, writers: int, statements: int) -> Figure:
    acknowledged = writers * statements - result.refused
    return Figure(
        f"{writers} writers on one table, inserts and merges of the same keys ({catalog})",
        f"{result.seconds:.0f} s",
        "",
        f"{len(result.wrong)} wrong of {acknowledged} acknowledged, {result.refused} gave up",
        "0 wrong",
        not result.wrong,
        "; ".join(result.wrong[:3]),
    )


def _killed(settings: Settings, times: int) -> Figure:
    with Session(settings, namespace=NAMESPACE) as session:
        session.catalogs.catalog("dev").create_namespace(NAMESPACE)
        session.execute("CREATE TABLE t (k bigint, n bigint) WITH (partitioning = ARRAY['bucket(k, 4)'])")
        session.execute(
            f"INSERT INTO t SELECT a * 100 + b, 0 FROM UNNEST(sequence(0, {_KILLED_ROWS // 100 - 1})) x(a), "
            "UNNEST(sequence(0, 99)) y(b)"
        )
    result = kill(settings, "UPDATE t SET n = n + 1", _KILLED_ROWS, times)
    return Figure(
        f"kill -9 at {times} random moments of an UPDATE",
        f"{result.old} old, {result.new} new",
        "",
        f"{len(result.between)} between",
        "0 between",
        not result.between,
        "; ".join(result.between[:3]),
    )
