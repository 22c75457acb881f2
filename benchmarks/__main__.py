"""``make bench``: measure all, write RESULTS.md."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import magics, tpch
from benchmarks.measure import Figure

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure, print and write."""
    cache = Path(os.environ.get("OLO_CACHE", Path.home() / ".cache" / "olo-jupyter"))
    figures: list[Figure] = []
    for figure in (*magics.figures(), *tpch.figures(cache)):
        sys.stderr.write(f"{figure.what}: {figure.figure}\n")
        figures.append(figure)
    RESULTS.write_text(report(figures), encoding="utf-8")
    sys.stdout.write(report(figures))


def report(figures: list[Figure]) -> str:
    """RESULTS.md."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        "# Benchmark results",
        "",
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}, PyIceberg {version('pyiceberg')}. "
        "Both sides ran in turn in one run; the figures are medians.",
        "",
        "| what | ours | theirs | figure | goal | met |",
        "|---|---|---|---|---|---|",
    ]
    for figure in figures:
        met = "" if figure.met is None else ("yes" if figure.met else "**no**")
        lines.append(f"| {figure.what} | {figure.ours} | {figure.theirs} | {figure.figure} | {figure.goal} | {met} |")
    missed = [figure.what for figure in figures if figure.met is False]
    lines += ["", "## What falls short", "", *([f"- {what}" for what in missed] or ["Nothing that has a goal."]), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
