"""Exploring: a diff over a full outer join, the estimate before a query, completion in a large catalog."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import Figure, paired, seconds, together
from benchmarks.options import Options
from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session

ROWS = 10_000_000
BATCH = 1_000_000
DIFF_GOAL = 0.10
PREFLIGHT_GOAL = 0.050
COMPLETION_GOAL = 0.050
_COLUMNS = ("id", "a", "b", "c", "d")


def figures(_: Options) -> Iterator[Figure]:
    """The figures of issue 6 that need no server."""
    with _session() as session:
        yield _diff(session)
    with _session() as session:
        yield _preflight(session)
    with _session() as session:
        yield _completion(session)
    with _session() as session:
        yield _at_once(session, 20)


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    with tempfile.TemporaryDirectory() as folder:
        properties = {"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/lake"}
        (Path(folder) / "lake").mkdir()
        settings = Settings(
            root=Path(folder), user="bench", state=Path(folder) / "state",
            catalogs={"dev": CatalogSettings(properties=properties)},
        )  # fmt: skip
        with Session(settings, namespace="silver") as session:
            session.sql("CREATE SCHEMA silver")
            yield session


def _diff(session: Session) -> Figure:
    """One file of ten is written anew with some rows changed, and new rows come."""
    select = "SELECT i AS id, i % 1000 AS a, i * 7 AS b, CAST(i % 50 AS varchar) AS c, CAST(i AS double) / 3 AS d"
    numbers = f"FROM UNNEST(sequence(1, 1000)) AS x (p) CROSS JOIN UNNEST(sequence(1, {BATCH // 1000})) AS y (q)"
    for batch in range(ROWS // BATCH):
        source = f"(SELECT {batch * BATCH} + (p - 1) * {BATCH // 1000} + q AS i {numbers})"
        session.execute(
            f"CREATE TABLE t AS {select} FROM {source}" if batch == 0 else f"INSERT INTO t {select} FROM {source}"
        )
    first = _head(session)
    session.execute(f"UPDATE t SET b = -1 WHERE id BETWEEN {BATCH // 2} AND {BATCH // 2 + 1000}")
    second = _head(session)
    differ = " OR ".join(f"x.{column} IS DISTINCT FROM y.{column}" for column in _COLUMNS)
    join = (
        f"SELECT count(*) FROM t FOR VERSION AS OF {first} AS x FULL OUTER JOIN t FOR VERSION AS OF {second} AS y "
        f"ON x.id = y.id WHERE {differ}"
    )
    counted: list[int] = []

    def ours() -> None:
        counted.append(session.diff("t", str(first), str(second), key=["id"]).changed)

    pair = paired(ours, lambda: session.execute(join), 3)
    assert set(counted) == {1001}
    return Figure(
        f"diff of adjacent snapshots, {ROWS:,} rows / full outer join",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"{pair.ratio:.1%}",
        f"≤ {DIFF_GOAL:.0%}",
        pair.ratio <= DIFF_GOAL,
    )


def _head(session: Session) -> int:
    (row,) = session.execute('SELECT snapshot_id FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1').rows()
    return int(row[0])


def _preflight(session: Session) -> Figure:
    session.execute(
        "CREATE TABLE files WITH (partitioning = ARRAY['p']) AS "
        "SELECT i AS p, i * 2 AS n FROM UNNEST(sequence(1, 1000)) AS x (i)"
    )
    assert session.preflight("SELECT n FROM files WHERE n > 10").files > 900
    elapsed = _cpu(lambda number: session.preflight(f"SELECT n FROM files WHERE n > {number}"), 15)
    return _alone("estimate before a query, 1,000 files, not seen before", elapsed, PREFLIGHT_GOAL)


def _completion(session: Session) -> Figure:
    from olo_jupyter.lakehouse.completion import complete

    names = tuple(f"table_{number:05d}" for number in range(10_000))
    location = Path(session.settings.catalogs["dev"].properties["uri"].removeprefix("sqlite:///"))
    with sqlite3.connect(location) as database:
        database.executemany(
            "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type) "
            "VALUES ('dev', 'silver', ?, 'none', 'TABLE')",
            [(name,) for name in names],
        )
    world = _World(session.catalogs.tables("dev", "silver"))
    assert len(world.names) == len(names)
    text = "SELECT * FROM table_0"
    assert complete(text, len(text), world).suggestions
    elapsed = _cpu(lambda number: complete(f"{text}{number % 10}", len(text) + 1, world), 15)
    return _alone("completion of a table's name among 10,000", elapsed, COMPLETION_GOAL)


_ASK = """
import json, sys, time
from pathlib import Path
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
root, number = sys.argv[1], int(sys.argv[2])
with Session(load_settings(Path(root), {}), namespace="silver") as session:
    started = time.perf_counter()
    sql = f"SELECT {number} AS n, count(*) AS c, sum(id) AS s FROM t WHERE a % 20 <= {number}"
    rows = session.sql(sql).arrow.to_pylist()
    print(json.dumps([time.perf_counter() - started, rows]))
"""


def _at_once(session: Session, count: int) -> Figure:
    """``count`` kernels, each a process with an engine of its own, ask one lakehouse at the same time."""
    session.execute(
        "CREATE TABLE t AS SELECT (p - 1) * 1000 + q AS id, q AS a "
        "FROM UNNEST(sequence(1, 1000)) AS x (p) CROSS JOIN UNNEST(sequence(1, 1000)) AS y (q)"
    )
    root = session.settings.root
    properties = session.settings.catalogs["dev"].properties
    catalogs = {"dev": {"type": "sql", "properties": properties}}
    (root / "olo.yml").write_text(json.dumps({"version": 1, "catalogs": catalogs, "default_catalog": "dev"}))
    started = [
        subprocess.Popen([sys.executable, "-c", _ASK, str(root), str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(count)
    ]
    times, right = [], 0
    for number, process in enumerate(started):
        out = process.communicate()[0]
        if process.returncode == 0:
            took, ((row),) = json.loads(out)
            times.append(took)
            right += row["n"] == number and row["c"] == 1000 * 50 * (number + 1)
    return together("queries at once on the embedded engine, a process each", times, right, count)


class _World:
    """A catalog whose names are known."""

    catalog, namespace = "dev", "silver"

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def catalogs(self) -> tuple[str, ...]:
        return ("dev",)

    def namespaces(self, _: str) -> tuple[str, ...]:
        return ("silver",)

    def tables(self, _: str, __: str) -> tuple[str, ...]:
        return self.names

    def columns(self, _: object) -> tuple[tuple[str, str], ...]:
        return ()

    def pins(self, _: object) -> tuple[tuple[str, str], ...]:
        return ()

    def parameters(self) -> dict[str, str]:
        return {}

    def results(self) -> dict[str, tuple[tuple[str, str], ...]]:
        return {}


def _cpu(call: Callable[[int], object], times: int) -> list[float]:
    """Seconds of this process's CPU for each call."""
    elapsed = []
    for number in range(times):
        started = time.process_time()
        call(number + 100)
        elapsed.append(time.process_time() - started)
    return elapsed


def _alone(what: str, elapsed: list[float], goal: float) -> Figure:
    middle = sorted(elapsed)[len(elapsed) // 2]
    return Figure(
        what, f"{middle * 1000:.1f} ms CPU", "", f"{middle * 1000:.1f} ms", f"≤ {goal * 1000:.0f} ms", middle <= goal
    )
