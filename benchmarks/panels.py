"""The panels in Chromium on 10,000 jobs, 100,000 runs, 10,000 tables, a lineage of 2,000 nodes, 100,000 rows."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.extension import ROOT, chromium, lab
from benchmarks.measure import Figure
from benchmarks.options import Options

ROWS_GOAL, LONGEST, GROWTH, IDLE = 1_000.0, 50.0, 1.1, 0.01
"""Milliseconds to the first rows, of a task that blocks the page; heap of the second time over the first; share of a
core that an idle server takes."""
_WATCHED = 30.0

_LOADED = "by the clock, without a GPU, on a machine at load {:.0f} with {} cores"


def figures(_options: Options) -> Iterator[Figure]:
    """First rows, long tasks while scrolling, memory."""
    with (
        tempfile.TemporaryDirectory() as folder,
        lab(Path(folder), "benchmarks.panels_lab", 600) as (base, token, server),
    ):
        command = ["node", str(ROOT / "benchmarks/panels.mjs"), base, token, chromium()]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
        yield _idle(server)
    for view in found["views"]:
        yield from _view(view)
    before, after, again = (found["heap"][each] / 2**20 for each in ("before", "after", "again"))
    yield Figure(
        "JavaScript heap after all lists were scrolled and views closed; the same once more",
        f"{after:.0f} MB, {again:.0f} MB",
        "",
        f"{again / after:.2f} ×",
        f"≤ {GROWTH} ×",
        again <= after * GROWTH,
        f"before anything was opened: {before:.0f} MB",
    )


def _idle(server: int) -> Figure:
    """What the server spends while nobody looks and nothing changes."""
    time.sleep(_WATCHED)  # what the pages asked for is done
    before = _spent(server)
    time.sleep(_WATCHED)
    share = (_spent(server) - before) / _WATCHED
    return Figure(
        "processor of an idle server with 10,000 jobs and 100,000 runs",
        f"{share * _WATCHED:.2f} s in {_WATCHED:.0f} s",
        "",
        f"{share:.1%} of a core",
        f"≤ {IDLE:.0%} of a core",
        share <= IDLE,
    )


def _spent(process: int) -> float:
    """Seconds of processor that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _view(view: dict[str, Any]) -> Iterator[Figure]:
    name, milliseconds, long = view["name"], view["milliseconds"], view["longTasks"]
    if milliseconds:
        yield Figure(
            f"{name}: first rows", f"{milliseconds:.0f} ms", "", f"{milliseconds:.0f} ms", "≤ 1 s",
            milliseconds <= ROWS_GOAL, _LOADED.format(os.getloadavg()[0], os.cpu_count()),
        )  # fmt: skip
    if view["frames"]:
        yield Figure(
            f"{name}: scrolling",
            f"{view['frames']} frames a second",
            "",
            f"{len(long)} long tasks" + (f", the longest {max(long):.0f} ms" if long else ""),
            f"none over {LONGEST:.0f} ms",
            not long,
            _LOADED.format(os.getloadavg()[0], os.cpu_count()),
        )
