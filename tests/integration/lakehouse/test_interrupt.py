"""Ctrl-C, with a real signal in a process of its own: the query stops at once and the session goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from olo_jupyter.config import Settings

PROGRAM = """
import sys, time
import pyarrow as pa
from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.session import Session

session = Session(Settings.model_validate_json(sys.argv[1]), namespace="silver")
session.catalogs.catalog("dev").create_namespace("silver")
session.write("t", pa.table({"a": pa.array(range(3_000))}))
figures = []

def tell(progress):
    if not figures:
        print("running", flush=True)
    figures.append(progress)

for sql in sys.argv[2:]:
    figures.clear()
    try:
        session.sql(sql, on_progress=tell)
        print("finished", flush=True)
    except QueryCancelled as error:
        print("cancelled", time.time(), error.code, flush=True)
tables = session.catalogs.tables("dev", "silver")
print("after", list(session.sql("SELECT count(*) FROM t").rows()), len(tables), flush=True)
"""

LONG = "SELECT count(*) AS n FROM t AS x CROSS JOIN t AS y CROSS JOIN t AS z WHERE x.a + y.a * z.a = 7"


def cancelled_after(settings: Settings, sql: str) -> float:
    """Seconds from the signal to the error, of a statement that runs for minutes."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, settings.model_dump_json(), sql], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "running\n"
        sent = time.time()
        os.kill(process.pid, signal.SIGINT)
        word, at, code = process.stdout.readline().split()
        assert (word, code) == ("cancelled", "user-canceled")
        assert process.stdout.readline() == "after [(3000,)] 1\n"
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.stdout.close()
    return float(at) - sent


def test_scan_stops_within_200_ms(settings: Settings) -> None:
    assert cancelled_after(settings, LONG) < 0.2


def test_write_stops_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    assert cancelled_after(settings, f"CREATE TABLE u AS {LONG}") < 0.5
    left = [path for path in tmp_path.rglob("*.parquet") if "/u" in str(path)]
    assert left == []
