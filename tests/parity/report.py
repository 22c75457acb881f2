"""``python -m tests.parity.report``: judge all cases, write docs/parity.md and the lists of refused cases.

With names of areas it only prints: the counts and each case that is different (``--refused``: the refused ones too).
"""

from __future__ import annotations

import argparse
import collections
import json
import sys
import tempfile
from pathlib import Path

from tests.parity import answers, judge
from tests.parity.tables import open_session

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"


def write_refused(kind: str, area: str, verdicts: list[judge.Verdict]) -> None:
    """Keep which cases of an area are refused: one that is not listed and is refused fails the test."""
    refused = {verdict.case: verdict.why for verdict in verdicts if verdict.verdict == judge.REFUSED}
    answers.save(judge.refused_file(kind, area), refused)


def page(table: dict[tuple[str, str], list[judge.Verdict]]) -> str:
    """docs/parity.md."""
    lines = [
        "# The embedded engine against Trino 483",
        "",
        "Made by `python -m tests.parity.report`; do not edit. Each case was asked of a real Trino 483; its answer",
        "(value and type, or error) is checked in under `tests/parity/answers/`. What is *refused*, only Trino runs.",
        "",
        "| area | cases | equal | same error | refused | different |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    total = dict.fromkeys(judge.VERDICTS, 0)
    for (kind, area), verdicts in table.items():
        counted = judge.counts(verdicts)
        total = {verdict: total[verdict] + counted[verdict] for verdict in judge.VERDICTS}
        lines.append(
            f"| {kind}: {area} | {len(verdicts)} | " + " | ".join(str(counted[v]) for v in judge.VERDICTS) + " |"
        )
    lines.append(f"| **all** | {sum(total.values())} | " + " | ".join(f"**{total[v]}**" for v in judge.VERDICTS) + " |")
    refused = [v for verdicts in table.values() for v in verdicts if v.verdict == judge.REFUSED]
    reasons = collections.Counter(" ".join(v.why.split())[:110].replace("|", "\\|") for v in refused)
    often = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))[:40]
    lines += ["", "## What is refused most often", "", "| cases | reason |", "|---:|---|"]
    lines += [f"| {count} | {reason} |" for reason, count in often]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Judge; 0 nothing different, 1 something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.report", description=__doc__.splitlines()[0])
    parser.add_argument("areas", nargs="*", metavar="AREA", help="print these areas only and write nothing")
    parser.add_argument("--refused", action="store_true", help="print the refused cases too")
    parser.add_argument("--json", action="store_true", help="print one JSON object a case that is not equal")
    options = parser.parse_args(arguments)
    known = {area for _, area in judge.all_areas()}
    if set(options.areas) - known:
        parser.error(f"unknown area (there are: {', '.join(sorted(known))})")
    shown = {judge.DIFFERENT, *([judge.REFUSED] if options.refused else [])}
    table: dict[tuple[str, str], list[judge.Verdict]] = {}
    with tempfile.TemporaryDirectory(prefix="olo-parity-") as folder, open_session(Path(folder)) as session:
        for kind, area in judge.all_areas():
            if options.areas and area not in options.areas:
                continue
            verdicts = table[kind, area] = judge.judge_area(session, kind, area)
            print(f"{kind}/{area}: {judge.counts(verdicts)}", file=sys.stderr, flush=True)
            for verdict in verdicts:
                if options.json and verdict.verdict in shown:
                    print(json.dumps([verdict.verdict, verdict.case, verdict.why], ensure_ascii=False))
                elif verdict.verdict in shown:
                    print(f"{verdict.verdict}: {verdict.case}\n    {verdict.why}")
            if not options.areas:
                write_refused(kind, area, verdicts)
    if not options.areas:
        PAGE.write_text(page(table), encoding="utf-8")
    return int(any(v.verdict == judge.DIFFERENT for verdicts in table.values() for v in verdicts))


if __name__ == "__main__":
    sys.exit(main())
