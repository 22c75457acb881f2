"""``python -m tests.parity.report``: judge all cases, write docs/parity.md and the lists of refused cases.

With names of areas it only prints: the counts and each case that is different (``--refused``: the refused ones too;
``--keep`` writes as well).
TPC-DS needs tables that a Trino makes: its line is renewed with ``--lake``, which starts one beside a PostgreSQL.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from olo_jupyter.lakehouse.session import Session
from tests.parity import answers, functions, judge, tpcds
from tests.parity.tables import open_session
from tests.services.catalogue import running
from tests.services.trino import CATALOG

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"


def write_refused(kind: str, area: str, verdicts: list[judge.Verdict]) -> None:
    """Keep which cases of an area are refused: one that is not listed and is refused fails the test."""
    refused = {verdict.case: verdict.why for verdict in verdicts if verdict.verdict == judge.REFUSED}
    answers.save(judge.refused_file(kind, area), refused)


def line(kind: str, area: str, verdicts: list[judge.Verdict]) -> str:
    """An area's line of the table."""
    counted = judge.counts(verdicts)
    return f"| {kind}: {area} | {len(verdicts)} | " + " | ".join(str(counted[v]) for v in judge.VERDICTS) + " |"


def lake_line() -> str:
    """The line of TPC-DS as it stands in docs/parity.md, '' where there is none."""
    if not PAGE.is_file():
        return ""
    return next((line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| lake: ")), "")


def page(table: dict[tuple[str, str], list[judge.Verdict]], lake: str = "") -> str:
    """docs/parity.md; ``lake`` is the line of TPC-DS where that isn't in ``table``, and isn't counted in the sum."""
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
        lines.append(line(kind, area, verdicts))
    if lake:
        lines.append(lake)
    lines.append(f"| **all** | {sum(total.values())} | " + " | ".join(f"**{total[v]}**" for v in judge.VERDICTS) + " |")
    refused = [v for verdicts in table.values() for v in verdicts if v.verdict == judge.REFUSED]
    reasons = collections.Counter(" ".join(v.why.split())[:110].replace("|", "\\|") for v in refused)
    often = sorted(reasons.items(), key=lambda reason: (-reason[1], reason[0]))[:40]
    lines += ["", "## What is refused most often", "", "| cases | reason |", "|---:|---|"]
    lines += [f"| {count} | {reason} |" for reason, count in often]
    lines += functions.section(functions.tally(v for verdicts in table.values() for v in verdicts))
    return "\n".join(lines) + "\n"


def listed(kind: str, area: str) -> Iterator[judge.Verdict]:
    """The verdicts as the answers and the list of refused cases have them, which test_parity.py holds to."""
    refused = answers.load(judge.refused_file(kind, area))
    for case, answer in answers.load(answers.answer_file(kind, area)).items():
        verdict = judge.REFUSED if case in refused else judge.SAME_ERROR if isinstance(answer, str) else judge.EQUAL
        yield judge.Verdict(case, verdict, str(refused.get(case, "")))


@contextlib.contextmanager
def _lake_session() -> Iterator[Session]:
    """On the servers that TRINO_URL and POSTGRES_URL name, else on ones started for the while."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="olo-lake-")))
        folder.chmod(0o755)  # PostgreSQL runs under an account of its own
        uri, postgres = os.environ.get("TRINO_URL"), os.environ.get("POSTGRES_URL")
        if not uri or not postgres:
            services = stack.enter_context(running(["trino"], folder))
            uri, postgres = services["trino"].uri, services["postgres"].uri
        tpcds.prepare(uri)
        yield stack.enter_context(tpcds.open_session(postgres, CATALOG, folder / "own"))


def _lake(shown: set[str]) -> int:
    with _lake_session() as session:
        verdicts = judge.judge_area(session, "lake", "tpcds")
    write_refused("lake", "tpcds", verdicts)
    for verdict in verdicts:
        if verdict.verdict in shown:
            print(f"{verdict.verdict}: {verdict.case}\n    {verdict.why}")
    old, new = lake_line(), line("lake", "tpcds", verdicts)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(text.replace(old, new) if old else text.replace("| **all**", f"{new}\n| **all**"), encoding="utf-8")
    print(new)
    return int(any(verdict.verdict == judge.DIFFERENT for verdict in verdicts))


def main(arguments: list[str] | None = None) -> int:
    """Judge; 0 nothing different, 1 something is."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.report", description=__doc__.splitlines()[0])
    parser.add_argument("areas", nargs="*", metavar="AREA", help="print these areas only and write nothing")
    parser.add_argument("--refused", action="store_true", help="print the refused cases too")
    parser.add_argument("--keep", action="store_true", help="write the areas' lists and the page, too")
    parser.add_argument("--lake", action="store_true", help="judge TPC-DS and renew its line only")
    parser.add_argument("--listed", action="store_true", help="write the page from the lists, judging nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON object a case that is not equal")
    options = parser.parse_args(arguments)
    known = {area for _, area in judge.all_areas()}
    if set(options.areas) - known:
        parser.error(f"unknown area (there are: {', '.join(sorted(known))})")
    table: dict[tuple[str, str], list[judge.Verdict]]
    shown = {judge.DIFFERENT, *([judge.REFUSED] if options.refused else [])}
    if options.lake:
        return _lake(shown)
    if options.listed:
        table = {(kind, area): list(listed(kind, area)) for kind, area in judge.all_areas()}
        PAGE.write_text(page(table, lake_line()), encoding="utf-8")
        return 0
    table = {}
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
            if not options.areas or options.keep:
                write_refused(kind, area, verdicts)
    if options.keep:
        table = {(kind, area): list(listed(kind, area)) for kind, area in judge.all_areas()}
    if not options.areas or options.keep:
        PAGE.write_text(page(table, lake_line()), encoding="utf-8")
    return int(any(v.verdict == judge.DIFFERENT for verdicts in table.values() for v in verdicts))


if __name__ == "__main__":
    sys.exit(main())
