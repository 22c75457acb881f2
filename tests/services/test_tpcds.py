"""The 99 queries of TPC-DS on Iceberg tables that Trino wrote: the embedded engine gives Trino's answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from olo_jupyter.lakehouse.session import Session
from tests.parity import answers, cases, judge, tpcds
from tests.parity.record import ask_query
from tests.services.postgres import Postgres
from tests.services.trino import CATALOG, Trino

RECORDED = answers.load(answers.answer_file("lake", "tpcds"))
SAMPLE = 9
"""Every ninth query is asked of Trino again."""


@pytest.fixture(scope="module")
def lake(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    tpcds.prepare(trino.uri)
    with tpcds.open_session(postgres.uri, CATALOG, tmp_path_factory.mktemp("lake")) as session:
        yield session


def test_all_99_have_an_answer_of_trino_and_none_is_an_error() -> None:
    (path,) = cases.areas("lake")
    assert cases.queries(path) == list(RECORDED)
    assert len(RECORDED) == 99
    assert not [case for case, answer in RECORDED.items() if isinstance(answer, str)]


def test_the_embedded_engine_gives_trinos_rows_and_types(lake: Session) -> None:
    verdicts = judge.judge_area(lake, "lake", "tpcds")
    wrong = [f"{v.case}\n    {v.verdict}: {v.why}" for v in verdicts if v.verdict != judge.EQUAL]
    known = answers.load(judge.refused_file("lake", "tpcds"))
    assert len(wrong) == len(known), "\n".join(wrong)


@pytest.mark.parametrize("case", list(RECORDED)[::SAMPLE])
def test_trino_still_gives_the_recorded_rows(trino: Trino, lake: Session, case: str) -> None:
    now = ask_query(trino.uri, case, catalog="iceberg", schema=tpcds.SCHEMA)
    assert judge.judge_query(lake, case, now).verdict == judge.EQUAL
