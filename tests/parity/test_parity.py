"""Every case on the embedded engine, against Trino's recorded answers: nothing different, nothing worse than before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from olo_jupyter.lakehouse.session import Session
from tests.parity import answers, cases, judge, tables


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with tables.open_session(tmp_path_factory.mktemp("parity")) as session:
        yield session


@pytest.mark.parametrize(("kind", "area"), judge.all_areas())
def test_every_case_has_an_answer(kind: str, area: str) -> None:
    path = next(path for path in cases.areas(kind) if path.stem == area)
    asked = cases.expressions(path) if kind == "expressions" else cases.queries(path)
    assert set(asked) == set(answers.load(answers.answer_file(kind, area))), "run python -m tests.parity.record"


@pytest.mark.timeout(1200)  # thousands of cases in one test, on machines that may be busy
@pytest.mark.parametrize(("kind", "area"), judge.all_areas())
def test_the_embedded_engine_gives_trinos_answer_or_refuses(session: Session, kind: str, area: str) -> None:
    verdicts = judge.judge_area(session, kind, area)
    different = [f"{verdict.case}\n    {verdict.why}" for verdict in verdicts if verdict.verdict == judge.DIFFERENT]
    assert not different, f"{len(different)} of {len(verdicts)} cases are different:\n" + "\n".join(different)
    known = answers.load(judge.refused_file(kind, area))
    worse = [f"{v.case}\n    {v.why}" for v in verdicts if v.verdict == judge.REFUSED and v.case not in known]
    assert not worse, "refused, and were not when docs/parity.md was made:\n" + "\n".join(worse)
