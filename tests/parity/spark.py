"""Every case on a real Spark, against Trino's recorded answers.

``python -m tests.parity.spark`` judges all areas and writes ``refused_spark/`` and what follows from it: which texts
the verdicts are of (``judged_spark.json``), the forms that may run (``spark/data/proved.txt``), docs/parity-spark.md.
``AREA …`` judges some and prints what is different; with ``--keep`` their verdicts are kept. An area with a difference
has none. A Spark Connect server is started unless ``--remote sc://…`` names one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.spark.dialect import SPARK
from olo_jupyter.lakehouse.sql.spark.proved import collecting
from olo_jupyter.lakehouse.sql.translate import Context, translate
from tests.parity import answers, judge, spark_proof, tables
from tests.parity.spark_columns import in_columns
from tests.parity.spark_proof import REFUSED
from tests.services import spark_connect

HERE = Path(__file__).parent
_NOTHING: Any = None
PAGE = HERE.parents[1] / "docs" / "parity-spark.md"


@contextmanager
def open_session(folder: Path, remote: str) -> Iterator[Session]:
    """A session on the lakehouse of the cases whose default engine is the Spark at ``remote``."""
    spark_connect.importable()
    with tables.open_session(folder) as session:
        session.settings.engines = EngineSettings(spark=SparkSettings(remote=remote))
        session.engine_name = "spark"
        yield session


@contextmanager
def spark_at(remote: str, folder: Path) -> Iterator[str]:
    """The address of a Spark: ``remote``, or of one that is started for the while."""
    if remote:
        yield remote
        return
    server = spark_connect.start(folder)
    try:
        yield server.remote
    finally:
        server.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge; 1 where a case is different."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", help="judge and print these areas only and write nothing")
    parser.add_argument("--listed", action="store_true", help="write the page from the lists, judging nothing")
    parser.add_argument("--remote", default="", help="sc://… of a Spark Connect server that runs already")
    parser.add_argument("--refused", action="store_true", help="print the refused cases too")
    parser.add_argument("--columns", action="store_true", help="literals as columns (spark_columns.py); keeps nothing")
    parser.add_argument("--keep", action="store_true", help="write the lists of refused cases of these areas")
    options = parser.parse_args(arguments)
    if options.columns:
        return judge_columns(options.areas, options.remote)
    if options.listed:
        spark_proof.write_proved()
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    table: dict[tuple[str, str], list[judge.Verdict]] = {}
    shown = {judge.DIFFERENT, *([judge.REFUSED] if options.refused else [])}
    with tempfile.TemporaryDirectory(prefix="olo-parity-") as name:
        folder = Path(name)
        (folder / "spark").mkdir()
        server = spark_at(options.remote, folder / "spark")
        with server as remote, open_session(folder, remote) as session, collecting():
            for kind, area in judge.all_areas():
                if options.areas and area not in options.areas and f"{kind}/{area}" not in options.areas:
                    continue
                list_untranslated(kind, area)
                verdicts = table[kind, area] = judge.judge_area(session, kind, area, REFUSED)
                print(f"{kind}/{area}: {judge.counts(verdicts)}", file=sys.stderr, flush=True)
                if options.keep or not options.areas:
                    keep(kind, area, verdicts)
                for verdict in verdicts:
                    if verdict.verdict in shown:
                        print(f"{verdict.verdict}: {verdict.case}\n    {verdict.why}", flush=True)
    if options.keep or not options.areas:
        spark_proof.write_proved()
        PAGE.write_text(page(), encoding="utf-8")
    return int(any(v.verdict == judge.DIFFERENT for verdicts in table.values() for v in verdicts))


def judge_columns(areas: Sequence[str], remote: str) -> int:
    """Print which cases of expressions are different where their literals are columns; 1 where one is."""
    found = 0
    with tempfile.TemporaryDirectory(prefix="olo-parity-") as name:
        folder = Path(name)
        (folder / "spark").mkdir()
        server = spark_at(remote, folder / "spark")
        with server as address, open_session(folder, address) as session, in_columns(session), collecting():
            for kind, area in judge.all_areas():
                if kind != "expressions" or (areas and area not in areas):
                    continue
                known = answers.load(answers.answer_file(kind, area))
                refused = answers.load(REFUSED / kind / f"{area}.json")
                cases = [case for case, answer in known.items() if case not in refused and not isinstance(answer, str)]
                together: dict[str, judge.Verdict] = {}
                for start in range(0, len(cases), judge.BATCH):
                    together |= judge.judge_together(session, cases[start : start + judge.BATCH], known)
                verdicts = [together.get(case) or judge.judge_expression(session, case, known[case]) for case in cases]
                print(f"{area}: {judge.counts(verdicts)}", file=sys.stderr, flush=True)
                for verdict in verdicts:
                    if verdict.verdict == judge.DIFFERENT:
                        found = 1
                        print(f"{verdict.verdict}: {verdict.case}\n    {verdict.why}", flush=True)
    return found


def page() -> str:
    """docs/parity-spark.md: of each area that has a list, how many cases are equal, the same error, refused."""
    lines = [
        "# The Spark engine against Trino 483",
        "",
        "Made by `python -m tests.parity.spark`; do not edit. The cases and Trino's answers are those of",
        "[parity.md](parity.md), judged on a real Spark 4.1 (Spark Connect). What is *refused* isn't run there;",
        "a case that is neither equal nor refused fails that command. Refused cases with their reasons stand in",
        "`tests/parity/refused_spark/`.",
        "",
        "| area | cases | equal | same error | refused | different |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    total = [0, 0, 0, 0]
    missing = []
    for kind, area in judge.all_areas():
        if not spark_proof.has_verdict(kind, area):
            missing.append(f"{kind}: {area}")
            continue
        known = answers.load(answers.answer_file(kind, area))
        refused = answers.load(REFUSED / kind / f"{area}.json").keys()
        errors = sum(isinstance(answer, str) for case, answer in known.items() if case not in refused)
        counts = [len(known), len(known) - len(refused) - errors, errors, len(refused)]
        total = [a + b for a, b in zip(total, counts, strict=True)]
        lines.append(f"| {kind}: {area} | {' | '.join(map(str, counts))} | 0 |")
    lines.append(f"| **all** | {' | '.join(f'**{count}**' for count in total)} | **0** |")
    if missing:
        lines += ["", f"Not judged yet: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def list_untranslated(kind: str, area: str) -> None:
    """List the expressions that can't be translated, so that they don't stop the others that go in one query."""
    if kind != "expressions":
        return
    verdicts = []
    for case in answers.load(answers.answer_file(kind, area)):
        try:
            translate(f"SELECT {case}", Context(_NOTHING, dialect=SPARK))
        except Unsupported as error:
            verdicts.append(judge.Verdict(case, judge.REFUSED, error.message))
        except QueryError:
            continue
    known = answers.load(REFUSED / kind / f"{area}.json")
    write_refused(kind, area, [*verdicts, *(judge.Verdict(case, judge.REFUSED, why) for case, why in known.items())])


def keep(kind: str, area: str, verdicts: Sequence[judge.Verdict]) -> None:
    """Keep the verdicts on an area, of today's texts; of one with a difference only what is refused."""
    write_refused(kind, area, verdicts)
    fine = not any(verdict.verdict == judge.DIFFERENT for verdict in verdicts)
    spark_proof.record(kind, area, spark_proof.fingerprint(kind, area) if fine else None)


def write_refused(kind: str, area: str, verdicts: Sequence[judge.Verdict]) -> None:
    """Keep the refused cases of an area with their reasons."""
    answers.save(REFUSED / kind / f"{area}.json", {v.case: v.why for v in verdicts if v.verdict == judge.REFUSED})


if __name__ == "__main__":
    sys.exit(main())
