"""Trino: a large result to a pandas frame (ours by Arrow, the trino client's rows), interrupts, many at once."""

from __future__ import annotations

import json
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

import trino

from benchmarks.measure import Figure
from benchmarks.options import Options
from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
from tests.services.catalogue import running

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
    with (
        tempfile.TemporaryDirectory(prefix="olo-bench-") as folder,
        running(["trino"], _open(Path(folder))) as services,
    ):
        port = services["trino"].port
        _run(_OURS, port, _SQL.format(rows=100_000))  # the server compiles what it runs often
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
    """Ctrl-C while queries are sent, planned, run and fetched; the server's own word on when they had ended."""
    moments, ended, late, worst = random.Random(6), 0, [], 0.0
    connection = Connection(TrinoSettings(host="127.0.0.1", port=port), "bench")
    for number in range(count):
        statement = Statement(connection, Where("tpch", "sf1"))
        timer = threading.Timer(moments.uniform(0, 2.5), signal.raise_signal, [signal.SIGINT])
        timer.start()
        try:
            statement.run(_LONG[number % len(_LONG)])
        except QueryCancelled:
            pass
        finally:
            timer.cancel()
        stopped = time.perf_counter()
        while _alive(port) and time.perf_counter() - stopped < _ENDED:
            time.sleep(0.05)
        took = time.perf_counter() - stopped
        worst = max(worst, took)
        if took < _ENDED:
            ended += 1
        else:
            late.append(number)
    connection.close()
    return Figure(
        f"Ctrl-C at {count} random moments: ended on the server within {_ENDED:.0f} s",
        f"{ended} of {count}",
        "",
        f"worst {worst:.2f} s",
        f"{count} of {count}",
        ended == count,
        f"late: {late}" if late else "",
    )


_ENDED = 2.0
_LONG = (
    "SELECT count(*) FROM lineitem a CROSS JOIN orders b WHERE a.l_comment < b.o_comment",
    "SELECT * FROM lineitem",
    "SELECT l_comment, count(*) FROM lineitem GROUP BY 1 ORDER BY 2 DESC, 1",
)


def _alive(port: int) -> bool:
    """Whether a statement of ours hasn't ended, by the server's own table."""
    ask = (
        "SELECT count(*) FROM system.runtime.queries WHERE source = 'olo-jupyter' "
        "AND state NOT IN ('FAILED', 'FINISHED') AND query NOT LIKE '%runtime.queries%'"
    )
    with trino.dbapi.connect(host="127.0.0.1", port=port, user="watcher") as watcher:
        return bool(watcher.cursor().execute(ask).fetchone()[0])


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
    times = sorted(took for took, _ in answers)
    return Figure(
        f"{count} interactive queries at once on one Trino",
        f"{right} of {count} right",
        "",
        f"p95 {times[round(len(times) * 0.95) - 1]:.2f} s, median {statistics.median(times):.2f} s",
        "none lost",
        right == count,
    )


def _open(folder: Path) -> Path:
    """A folder that PostgreSQL's own account reaches."""
    folder.chmod(0o755)
    return folder


def _run(way: str, port: int, sql: str) -> list[float]:
    program = _PROGRAM.replace("{way}", way)
    done = subprocess.run([sys.executable, "-c", program, str(port), sql], capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found
