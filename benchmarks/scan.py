"""``olo scan`` over 369 notebooks, and a plan in a notebook of 100 cells: from the notebooks that judge the slices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure
from benchmarks.options import Options
from tests.unit.converters.judged import judged

NOTEBOOKS, CELLS = 369, 100
SCAN_SECONDS, PLAN_SECONDS = 60.0, 0.5


def figures(options: Options) -> Iterator[Figure]:
    """The scan by the clock on all cores of the machine, or of ``OLO_SCAN`` (a folder of notebooks); then the plan."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.environ.get("OLO_SCAN") or name)
        if str(folder) == name:
            _write(folder)
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "olo_jupyter.cli", "scan", str(folder), "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        taken = time.perf_counter() - began
        totals = json.loads(done.stdout.splitlines()[-1])["totals"]
        said = f"{totals['clean']} clean, {totals['explained']} explained, {totals['failed']} failed"
        yield Figure(
            f"scan of {totals['notebooks']} notebooks", said, "", f"{taken:.1f} s", f"≤ {SCAN_SECONDS:g} s",
            taken <= SCAN_SECONDS and not totals["failed"],
        )  # fmt: skip
    yield _plan(5 if options.full else 2)


def _plan(times: int) -> Figure:
    from olo_converters.conversion import Request
    from olo_converters.convert import convert
    from olo_converters.notebook import Cell, Notebook
    from olo_converters.options import PromoteOptions

    sources = ["import pandas as pd\ndf = pd.DataFrame({'a': range(9)})"]
    sources += [f"part_{at} = df[df['a'] > {at % 9}].assign(n={at})" for at in range(CELLS - 2)]
    sources.append("report = pd.concat([part_1, part_50, part_97])")
    notebook = Notebook("plan.ipynb", tuple(Cell(f"c{at}", at, "code", text) for at, text in enumerate(sources)))
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        convert(Request(notebook, "report", PromoteOptions()))
        taken.append(time.perf_counter() - began)
    best = min(taken)
    return Figure(
        f"plan in a notebook of {CELLS} cells", "", "", f"{best:.2f} s", f"≤ {PLAN_SECONDS:g} s", best <= PLAN_SECONDS
    )


def _write(folder: Path) -> None:
    """The judging notebooks as files."""
    cases = judged()
    for number in range(NOTEBOOKS):
        cells = [
            {
                "id": f"c{at}",
                "cell_type": "code",
                "source": text,
                "outputs": [],
                "execution_count": None,
                "metadata": {},
            }
            for at, text in enumerate(cases[number % len(cases)].cells)
        ]
        text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
        (folder / f"{number:03}.ipynb").write_text(text, encoding="utf-8")
