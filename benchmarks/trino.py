"""A large result from Trino to a pandas frame: ours by Arrow, the trino client's rows; on one server, in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure
from benchmarks.options import Options
from tests.services.catalogue import running

_SQL = "SELECT * FROM tpch.sf1.lineitem LIMIT {rows}"
_OURS = """
from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
started = time.perf_counter()
connection = Connection(TrinoSettings(host="127.0.0.1", port=port), "bench")
frame = Statement(connection, Where("tpch", "sf1")).run(sql).table.to_pandas()
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
    """1,000,000 rows of lineitem (16 columns), each way in a process of its own; a tenth of them in a quick run."""
    rows = 1_000_000 if options.full else 100_000
    sql = _SQL.format(rows=rows)
    with (
        tempfile.TemporaryDirectory(prefix="olo-bench-") as folder,
        running(["trino"], _open(Path(folder))) as services,
    ):
        port = services["trino"].port
        _run(_OURS, port, _SQL.format(rows=100_000))  # the server compiles what it runs often
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


def _open(folder: Path) -> Path:
    """A folder that PostgreSQL's own account reaches."""
    folder.chmod(0o755)
    return folder


def _run(way: str, port: int, sql: str) -> list[float]:
    program = _PROGRAM.replace("{way}", way)
    done = subprocess.run([sys.executable, "-c", program, str(port), sql], capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found
