"""``make bench [ONLY=NAME,…] [SCALE=10] [QUICK=1]``: measure, and write RESULTS.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import Figure
from benchmarks.options import Options
from benchmarks.peers import PeerError
from benchmarks.registry import BENCHMARKS
from benchmarks.report import rewritten, section
from olo_jupyter.lakehouse.errors import QueryError, one_line

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure what is asked for, print it, and put it into RESULTS.md in place of its last figures."""
    only = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()] or list(BENCHMARKS)
    unknown = sorted(set(only) - set(BENCHMARKS))
    if unknown:
        sys.stderr.write(f"No benchmark {', '.join(unknown)}. There is: {', '.join(BENCHMARKS)}.\n")
        sys.exit(2)
    options = Options.from_environment()
    failed = False
    for name in only:
        figures = []
        try:
            for figure in BENCHMARKS[name](options):
                sys.stderr.write(f"{figure.what}: {figure.figure}\n")
                figures.append(figure)
        except (SystemExit, PeerError, QueryError, subprocess.CalledProcessError) as error:
            # The figures of the others are worth having all the same.
            failed = True
            told = _told(error)
            sys.stderr.write(f"{name}: {told}\n")
            figures.append(Figure(f"{name} as a whole", "", "", "failed", "", False, told))
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        RESULTS.write_text(rewritten(before, name, section(name, figures), list(BENCHMARKS)), encoding="utf-8")
    sys.stdout.write(RESULTS.read_text(encoding="utf-8"))
    if failed:
        sys.exit(1)


def _told(error: BaseException) -> str:
    """An error for the results: of a program what it said last, not its command, which names folders."""
    if isinstance(error, subprocess.CalledProcessError):
        lines = str(error.stderr or "").strip().splitlines()
        return lines[-1] if lines else f"a program ended with {error.returncode}"
    return one_line(error)


if __name__ == "__main__":
    main()
