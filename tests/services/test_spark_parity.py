"""Trino's recorded answers on a real Spark: nothing different, nothing worse than docs/parity-spark.md says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from olo_jupyter.lakehouse.session import Session
from tests.parity import answers, judge
from tests.parity.spark import REFUSED, open_session, spark_at

QUICK = frozenset({"conditional", "literals", "outer_joins", "sets", "aggregates", "windows"})
"""Areas that every run judges; the others take long, where each error is a query of its own."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("spark_parity")
    (folder / "spark").mkdir()
    with spark_at("", folder / "spark") as remote, open_session(folder, remote) as session:
        yield session


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("kind", "area"),
    [
        pytest.param(kind, area, marks=[] if area in QUICK else pytest.mark.full)
        for kind, area in judge.all_areas()
        if (REFUSED / kind / f"{area}.json").is_file()
    ],
)
def test_the_spark_engine_gives_trinos_answer_or_refuses(session: Session, kind: str, area: str) -> None:
    verdicts = judge.judge_area(session, kind, area, REFUSED)
    different = [f"{one.case}\n    {one.why}" for one in verdicts if one.verdict == judge.DIFFERENT]
    assert not different, f"{len(different)} of {len(verdicts)} cases are different:\n" + "\n".join(different)
    known = answers.load(REFUSED / kind / f"{area}.json")
    worse = [f"{v.case}\n    {v.why}" for v in verdicts if v.verdict == judge.REFUSED and v.case not in known]
    assert not worse, "refused, and were not when docs/parity-spark.md was made:\n" + "\n".join(worse)
