"""The panels in Chromium on 10,000 jobs, 100,000 runs, 10,000 tables, a lineage of 2,000 nodes, 100,000 rows."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.extension import ROOT, chromium, lab
from benchmarks.measure import Figure
from benchmarks.options import Options

ROWS_GOAL, LONGEST, GROWTH = 1_000.0, 50.0, 1.1
"""Milliseconds to the first rows, of a task that blocks the page; heap of the second time over the first."""

_LOADED = "by the clock, without a GPU, on a machine at load {:.0f} with {} cores"


def figures(_options: Options) -> Iterator[Figure]:
    """First rows, long tasks while scrolling, memory."""
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder), "benchmarks.panels_lab", 600) as (base, token):
        command = ["node", str(ROOT / "benchmarks/panels.mjs"), base, token, chromium()]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
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
