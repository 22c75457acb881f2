"""Trino: a large result to a pandas frame (ours by Arrow, the trino client's rows), interrupts, many at once."""

from __future__ import annotations

import contextlib
import json
import math
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measure import Figure, together
from benchmarks.options import Options
from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
from tests.services import trino

_SQL = "SELECT * FROM tpch.sf1.lineitem LIMIT {rows}"
_OURS = """
from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.result import as_pandas
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
started = time.perf_counter()
connection = Connection(TrinoSettings(host="127.0.0.1", port=port), "bench")
frame = as_pandas(Statement(connection, Where("tpch", "sf1")).run(sql).table)
"""
_THEIRS = """
import pandas, trino
started = time.perf_counter()
cursor = trino.dbapi.connect(host="127.0.0.1", port=port, user="bench").cursor()
rows = cursor.execute(sql).fetchall()
frame = pandas.DataFrame(rows, columns=[column.name for column in cursor.description])
"""
_PROGRAM = """
import json, resource, sys, time
port, sql = int(sys.argv[1]), sys.argv[2]
{way}
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([seconds, time.process_time(), peak, len(frame)]))
"""


def figures(options: Options) -> Iterator[Figure]:
    """A large result, interrupts at random moments, many queries at once; a tenth of each in a quick run."""
    rows = 1_000_000 if options.full else 100_000
    sql = _SQL.format(rows=rows)
    with tempfile.TemporaryDirectory(prefix="olo-bench-") as folder, _server(Path(folder)) as port:
        for _ in range(3):
            _run(_OURS, port, _SQL.format(rows=rows // 2))  # the server compiles what it runs often
        yield _interrupts(port, 100 if options.full else 10)
        yield _at_once(port, 50)
        # Each way in a process of its own, for its memory.
        pairs = [(_run(_OURS, port, sql), _run(_THEIRS, port, sql)) for _ in range(3 if options.full else 1)]
    times = statistics.median(theirs[0] / ours[0] for ours, theirs in pairs)
    memory = statistics.median(ours[2] / theirs[2] for ours, theirs in pairs)
    ours, theirs = pairs[-1]
    assert ours[3] == theirs[3] == rows
    what = f"Trino to pandas, {rows:,} rows × 16 columns"
    why = (
        "" if times >= 5 else f"the server's share is in both; the client's own CPU: {ours[1]:.1f} s, {theirs[1]:.1f} s"
    )
    yield Figure(
        f"{what}, time", f"{ours[0]:.1f} s", f"{theirs[0]:.1f} s", f"{times:.1f} × faster", "≥ 5 ×", times >= 5, why
    )
    yield Figure(
        f"{what}, peak memory", f"{ours[2]:.0f} MB", f"{theirs[2]:.0f} MB", f"{memory:.2f} ×", "≤ 0.5 ×", memory <= 0.5
    )


def _interrupts(port: int, count: int) -> Figure:
    """Ctrl-C while queries are sent, planned, run and fetched; the server's own clock says when each had ended."""
    moments, lags = random.Random(6), []
    connection = Connection(TrinoSettings(host="127.0.0.1", port=port), "bench")
    for number in range(count):
        seen: list[str] = []
        pressed: list[float] = []

        def press(pressed: list[float] = pressed) -> None:
            pressed.append(time.time())
            signal.raise_signal(signal.SIGINT)

        def told(progress: Progress, seen: list[str] = seen) -> None:
            seen.append(progress.query_id)

        statement = Statement(connection, Where("tpch", "sf1"), on_progress=told)
        timer = threading.Timer(moments.uniform(0, 2.5), press)
        timer.start()
        try:
            statement.run(_LONG[number % len(_LONG)])
        except QueryCancelled:
            pass
        finally:
            timer.cancel()
        queries = [query for query in seen if query]
        lags.append(_ended(port, queries[-1]) - pressed[0] if pressed and queries else 0.0)
    connection.close()
    late = sum(lag > _SECONDS for lag in lags)
    return Figure(
        f"Ctrl-C at {count} random moments: ended on the server within {_SECONDS:.0f} s",
        f"{count - late} of {count}",
        "",
        f"median {max(statistics.median(lags), 0):.2f} s, worst {max(lags):.2f} s",
        f"{count} of {count}",
        not late,
    )


_SECONDS = 2.0
_LONG = (
    "SELECT count(*) FROM lineitem a CROSS JOIN orders b WHERE a.l_comment < b.o_comment",
    "SELECT * FROM lineitem",
    "SELECT l_comment, count(*) FROM lineitem GROUP BY 1 ORDER BY 2 DESC, 1",
)


def _ended(port: int, query: str) -> float:
    """When a query ended by the server's own table, in seconds since 1970."""
    ask = f'SELECT to_unixtime("end") FROM system.runtime.queries WHERE query_id = \'{query}\' AND "end" IS NOT NULL'
    watcher = Connection(TrinoSettings(host="127.0.0.1", port=port), "watcher")
    try:
        until = time.perf_counter() + 60
        while time.perf_counter() < until:
            found = Statement(watcher, Where("system", "runtime")).run(ask).table.column(0).to_pylist()
            if found:
                return float(found[0])
            time.sleep(0.1)
    finally:
        watcher.close()
    return math.inf


def _at_once(port: int, count: int) -> Figure:
    """``count`` people ask at the same time, each something of their own."""

    def ask(number: int) -> tuple[float, bool]:
        connection = Connection(TrinoSettings(host="127.0.0.1", port=port), f"person{number}")
        started = time.perf_counter()
        sql = f"SELECT {number} AS n, count(*), sum(o_totalprice) FROM orders WHERE o_custkey % 50 < {number + 1}"
        found = Statement(connection, Where("tpch", "tiny")).run(sql).table
        took = time.perf_counter() - started
        connection.close()
        return took, found.column(0).to_pylist() == [number]

    ask(0)
    with ThreadPoolExecutor(count) as people:
        answers = list(people.map(ask, range(count)))
    right = sum(fine for _, fine in answers)
    return together("interactive queries at once on one Trino", (took for took, _ in answers), right, count)


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[int]:
    """The port of a Trino with Java's whole compiler, as one runs it in earnest."""
    service = trino.start(folder, quick=False)
    try:
        yield service.port
    finally:
        service.stop()


def _run(way: str, port: int, sql: str) -> list[float]:
    program = _PROGRAM.replace("{way}", way)
    done = subprocess.run([sys.executable, "-c", program, str(port), sql], capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found
