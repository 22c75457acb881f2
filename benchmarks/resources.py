"""What the embedded engine holds on to over many queries, and how soon it lets go when it is interrupted."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure
from benchmarks.options import Options, lake_settings
from benchmarks.tpch_data import NAMESPACE, lake
from olo_jupyter.config import EmbeddedSettings

INTERRUPT_GOAL = 0.200
LEAK_GOAL = 32 * 2**20


def figures(options: Options) -> Iterator[Figure]:
    """Interrupts of each kind of statement at random moments; many queries in one process."""
    data = lake(options.cache / "tpch-1", 1)
    moments = 50 if options.full else 5
    for kind, found in _run("interrupts", data.folder, moments).items():
        late = sum(seconds > INTERRUPT_GOAL for seconds in found)
        yield Figure(
            f"Interrupt of {kind}, {len(found)} random moments",
            f"median {statistics.median(found) * 1000:.0f} ms",
            "",
            f"worst {max(found) * 1000:.0f} ms",
            f"≤ {INTERRUPT_GOAL * 1000:.0f} ms",
            late == 0,
            f"{late} of {len(found)} later",
        )
    queries = 1_000 if options.full else 100
    with tempfile.TemporaryDirectory(prefix="olo-leak-") as folder:
        grown = _run("leaks", Path(folder), queries)
    memory, files = (grown[key] - grown[f"{key}_before"] for key in ("memory", "files"))
    yield Figure(
        f"Memory and open files after {queries} queries, against after {queries // 5}",
        f"{grown['memory'] / 2**20:.0f} MiB",
        f"{grown['memory_before'] / 2**20:.0f} MiB",
        f"{memory / 2**20:+.0f} MiB, {files:+d} files",
        f"≤ {LEAK_GOAL / 2**20:.0f} MiB, no file",
        memory <= LEAK_GOAL and files <= 0,
    )


def _run(what: str, folder: Path, count: int) -> Any:
    """Run a program of resource_programs in a process of its own, which gets signals."""
    settings = lake_settings(folder, EmbeddedSettings()).model_dump_json()
    command = [sys.executable, "-m", "benchmarks.resource_programs", what, settings, NAMESPACE, str(count)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return json.loads(ran.stdout)
