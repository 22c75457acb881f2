"""What the extension costs JupyterLab before a panel is opened: its start, its bytes; a catalog of 10,000 tables."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, Pair, seconds
from benchmarks.options import Options, lake_settings
from tests.services.process import free_port

ROOT = Path(__file__).parents[1]
START_GOAL, SIZE_GOAL, ROWS_GOAL = 0.150, 300_000, 1.0
TABLES = 10_000


def figures(options: Options) -> Iterator[Figure]:
    """Start and size in Chromium; first rows and a search by the routes' own functions."""
    yield from _start(11 if options.full else 5)
    yield from _catalog()


def _start(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as (base, token, _):
        command = ["node", str(ROOT / "benchmarks/extension.mjs"), base, token, chromium(), str(rounds)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    pair = Pair(tuple(found["ours"]), tuple(found["theirs"]))
    yield Figure(
        "JupyterLab's start with the extension, over one without",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"+{pair.difference * 1000:.0f} ms",
        f"≤ {START_GOAL * 1000:.0f} ms",
        pair.difference <= START_GOAL,
    )
    yield Figure(
        "the extension's scripts before a panel is opened, gzip",
        f"{found['gzip'] / 1000:.0f} kB",
        "",
        f"{found['gzip'] / 1000:.0f} kB",
        f"≤ {SIZE_GOAL // 1000} kB",
        found["gzip"] <= SIZE_GOAL,
    )


def chromium() -> str:
    """The browser to measure in."""
    return shutil.which("chromium") or shutil.which("google-chrome") or ""


@contextlib.contextmanager
def lab(folder: Path, module: str = "tests.ui.serve", patience: int = 120) -> Iterator[tuple[str, str, int]]:
    """A JupyterLab as a module starts it that takes a folder, a port and a token: its address, token and process.

    Args:
        folder: Where it keeps its project.
        module: What makes the project, and becomes JupyterLab.
        patience: Seconds until it must answer.
    """
    port, token = free_port(), "a-token-for-benchmarks"
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", module, str(folder / "lab"), str(port), token]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        for _ in range(2 * patience):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{base}/api", timeout=5).close()
                break
            time.sleep(0.5)
        yield base, token, process.pid
    finally:
        process.terminate()
        process.wait(120)


def _catalog() -> Iterator[Figure]:
    """A namespace of 10,000 tables: their rows in the catalog's database are copies of one table's."""
    import pyarrow as pa

    from benchmarks.panels_lab import copy_table
    from olo_jupyter.server.browse import list_tables
    from olo_jupyter.server.models.catalog import TablesQuery
    from olo_jupyter.server.models.tables import SearchQuery
    from olo_jupyter.server.search import search_tables
    from olo_jupyter.server.workspace import Opened

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened = Opened(lake_settings(folder))
        catalog = opened.catalogs.catalog("dev")
        catalog.create_namespace("silver")
        catalog.create_table("silver.t", schema=pa.schema([("a", pa.int64())]))
        copy_table(folder / "catalog.db", "t", TABLES)
        for what, work in (
            ("the first 500", lambda: list_tables(opened.catalogs, "dev", "silver", TablesQuery())),
            ("those with “0999” in their names", lambda: search_tables(opened.session, SearchQuery(match="0999"))),
        ):
            work()
            times = []
            for _ in range(11):
                began = time.perf_counter()
                work()
                times.append(time.perf_counter() - began)
            taken = sorted(times)[5]
            yield Figure(
                f"a namespace of {TABLES:,} tables: {what}",
                seconds(times),
                "",
                f"{taken * 1000:.0f} ms",
                f"≤ {ROWS_GOAL:.0f} s",
                taken <= ROWS_GOAL,
            )
        opened.close()
