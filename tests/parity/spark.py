"""Every case on a real Spark, against Trino's recorded answers.

``python -m tests.parity.spark`` judges all areas and writes docs/parity-spark.md and ``refused_spark/``; ``AREA …``
judges some and prints what is different. A Spark Connect server is started unless ``--remote sc://…`` names one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from olo_jupyter.lakehouse.session import Session
from tests.parity import judge, tables
from tests.services import spark_connect

HERE = Path(__file__).parent
REFUSED = HERE / "refused_spark"
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
    parser.add_argument("--remote", default="", help="sc://… of a Spark Connect server that runs already")
    parser.add_argument("--refused", action="store_true", help="print the refused cases too")
    parser.add_argument("--keep", action="store_true", help="write the lists of refused cases of these areas")
    options = parser.parse_args(arguments)
    table: dict[tuple[str, str], list[judge.Verdict]] = {}
    shown = {judge.DIFFERENT, *([judge.REFUSED] if options.refused else [])}
    with tempfile.TemporaryDirectory(prefix="olo-parity-") as name:
        folder = Path(name)
        (folder / "spark").mkdir()
        with spark_at(options.remote, folder / "spark") as remote, open_session(folder, remote) as session:
            for kind, area in judge.all_areas():
                if options.areas and area not in options.areas and f"{kind}/{area}" not in options.areas:
                    continue
                verdicts = table[kind, area] = judge.judge_area(session, kind, area, REFUSED)
                print(f"{kind}/{area}: {judge.counts(verdicts)}", file=sys.stderr, flush=True)
                if options.keep or not options.areas:
                    write_refused(kind, area, verdicts)
                for verdict in verdicts:
                    if verdict.verdict in shown:
                        print(f"{verdict.verdict}: {verdict.case}\n    {verdict.why}", flush=True)
    return int(any(v.verdict == judge.DIFFERENT for verdicts in table.values() for v in verdicts))


def write_refused(kind: str, area: str, verdicts: Sequence[judge.Verdict]) -> None:
    """Keep the refused cases of an area with their reasons."""
    file = REFUSED / kind / f"{area}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{json.dumps(v.case, ensure_ascii=False)}: {json.dumps(v.why, ensure_ascii=False)}"
        for v in verdicts
        if v.verdict == judge.REFUSED
    ]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
