"""Whole queries made up at random over Iceberg tables with NULLs: the embedded engine gives what Trino gives."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from olo_jupyter.lakehouse.session import Session
from tests.parity import judge, tpcds, whole
from tests.services.postgres import Postgres
from tests.services.trino import CATALOG, Trino

COUNT = int(os.environ.get("OLO_WHOLE_QUERIES", "120"))
"""How many queries; the same ones in every run."""


@pytest.fixture(scope="module")
def lake(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    whole.prepare(trino.uri)
    folder = tmp_path_factory.mktemp("whole")
    with tpcds.open_session(postgres.uri, CATALOG, folder, whole.SCHEMA) as session:
        yield session


@given(made=st.randoms(use_true_random=False))
@settings(
    max_examples=COUNT,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_is_different(trino: Trino, lake: Session, made: random.Random) -> None:
    sql = whole.Maker(made).query()
    verdict = whole.compare(trino.uri, lake, sql)
    assert verdict.verdict != judge.DIFFERENT, f"{sql}\n{verdict.why}"


def test_most_of_them_are_answered(trino: Trino, lake: Session) -> None:
    maker = whole.Maker(random.Random(1))
    verdicts = [whole.compare(trino.uri, lake, maker.query()).verdict for _ in range(COUNT // 3)]
    assert judge.DIFFERENT not in verdicts
    assert verdicts.count(judge.EQUAL) > 0.8 * len(verdicts)
