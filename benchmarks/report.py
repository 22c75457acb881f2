"""RESULTS.md: a section a benchmark, each with the day and machine of its figures, and what falls short."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from benchmarks.measure import Figure

_HEAD = """# Benchmark results

Made by `make bench`; do not edit. In each section both sides ran in turn in one run; the figures are medians.
"""
_SHORT = "What falls short"


def section(name: str, figures: Sequence[Figure]) -> str:
    """The section of one benchmark, heading included."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    lines = [
        f"## {name}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}, PyIceberg {version('pyiceberg')}. "
        f"Load of the machine at the end: {os.getloadavg()[1]:.1f}.",
        "",
        "| what | ours | theirs | figure | goal | met | why not |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in figures:
        met = "" if each.met is None else ("yes" if each.met else "**no**")
        why = each.why if each.met is False else ""
        lines.append(f"| {each.what} | {each.ours} | {each.theirs} | {each.figure} | {each.goal} | {met} | {why} |")
    return "\n".join(lines)


def rewritten(text: str, name: str, new: str, order: Sequence[str]) -> str:
    """``text`` of RESULTS.md with section ``name`` replaced, sections in ``order``, others dropped.

    Example:
        >>> text = rewritten("", "b", "## b\\n\\n| x | | | | | **no** | slow |", ["a", "b"])
        >>> text = rewritten(text, "a", "## a\\n\\n| y | | | | | yes | |", ["a", "b"])
        >>> [line for line in text.splitlines() if line.startswith(("## ", "- "))]
        ['## a', '## b', '## What falls short', '- x: slow']
    """
    pieces = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    sections = {title: f"## {title}\n\n{body.strip()}" for title, body in zip(pieces[::2], pieces[1::2], strict=True)}
    sections[name] = new
    kept = [sections[each].strip() for each in order if each in sections]
    missed = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for each in kept
        for line in each.splitlines()
        if "| **no** |" in line
    ]
    short = [f"- {cells[0]}{f': {cells[-1]}' if cells[-1] else ''}" for cells in missed]
    listed = "\n".join(short or ["Nothing that has a goal."])
    return "\n".join([_HEAD, *(f"{each}\n" for each in kept), f"## {_SHORT}", "", listed, ""])
