"""``make bench [ONLY=NAME,…] [SCALE=10] [QUICK=1]``: measure, and write RESULTS.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.options import Options
from benchmarks.registry import BENCHMARKS
from benchmarks.report import rewritten, section

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure what is asked for, print it, and put it into RESULTS.md in place of its last figures."""
    only = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()] or list(BENCHMARKS)
    unknown = sorted(set(only) - set(BENCHMARKS))
    if unknown:
        sys.stderr.write(f"No benchmark {', '.join(unknown)}. There is: {', '.join(BENCHMARKS)}.\n")
        sys.exit(2)
    options = Options.from_environment()
    for name in only:
        figures = []
        for figure in BENCHMARKS[name](options):
            sys.stderr.write(f"{figure.what}: {figure.figure}\n")
            figures.append(figure)
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(rewritten(before, name, section(name, figures), list(BENCHMARKS)), encoding="utf-8")
    sys.stdout.write(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
