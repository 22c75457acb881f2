"""``python -m tests.services.conformance.report``: make every table, judge every read, write docs/conformance.md.

Ends with 1 where any read is different.
"""

from __future__ import annotations

import collections
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.parity.judge import DIFFERENT, EQUAL, REFUSED
from tests.services.catalogue import running
from tests.services.conformance.cases import CASES
from tests.services.conformance.judge import NOT_READ, Read, judged
from tests.services.conformance.lake import Case, opened

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"
_VERDICTS = (EQUAL, REFUSED, DIFFERENT, NOT_READ)
_HEAD = """# Reads of Iceberg tables, compared with Trino and Spark

Made by `python -m tests.services.conformance.report`; do not edit. Each table is written by the engine named; every
snapshot, branch and tag of it is read by the embedded engine and compared, rows and types, with what Trino 483 and
Spark 4.1 (Iceberg 1.12) read there; at its head also each column alone, filters by which files are left out, and the
metadata tables (`"t$files"` and its like; Trino only).
*Not read there*: the other engine itself can't (Spark has no type time; Trino's metadata tables fail on type `fixed`).

"""


def main() -> int:
    """Run all; 0 when nothing is different."""
    with tempfile.TemporaryDirectory(prefix="olo-services-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        with running(["spark", "trino"], Path(place)) as services:
            lake = opened(services["spark"], services["trino"], services["postgres"], Path(place))
            found = []
            with lake.session:
                for case in CASES:
                    case.build(lake)
                    found.append((case, judged(lake, case)))
                    print(f"{case.name}: {len(found[-1][1])} reads", flush=True)
    PAGE.write_text(_HEAD + page(found), encoding="utf-8")
    wrong = [read for _, reads in found for read in reads if read.verdict == DIFFERENT]
    for read in wrong:
        print(f"{read.case}, {read.engine}, {read.what}: {read.why}")
    return 1 if wrong else 0


def page(found: Iterable[tuple[Case, list[Read]]]) -> str:
    """The table of verdicts, and why anything was refused."""
    lines = [
        "| table | writer | what it has | equal | refused | different | not read there |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    total: collections.Counter[str] = collections.Counter()
    reasons: dict[str, str] = {}
    for case, reads in found:
        counted = collections.Counter(read.verdict for read in reads)
        total += counted
        numbers = " | ".join(str(counted[verdict]) for verdict in _VERDICTS)
        lines.append(f"| {case.name} | {case.writer} | {case.about} | {numbers} |")
        for read in reads:
            if read.verdict == REFUSED:
                reasons.setdefault(case.name, read.why.replace(case.name, "…"))
    lines.append("| **all** | | | " + " | ".join(f"**{total[verdict]}**" for verdict in _VERDICTS) + " |")
    if reasons:
        lines += ["", "## What is refused", "", *(f"- {name}: {why}" for name, why in reasons.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
