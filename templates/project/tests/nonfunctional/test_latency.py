"""Every saved query answers within the service level, 5 s (OLO_SLO_SECONDS). `task latency` runs this."""

import os
import time
from pathlib import Path

import pytest
from olo_jupyter.lakehouse.session import Session

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "queries").rglob("*.sql"))
SECONDS = float(os.environ.get("OLO_SLO_SECONDS", "5"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_query_answers_in_time(query: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with Session.from_environment() as session:
        started = time.monotonic()
        for result in session.script(query.read_text(encoding="utf-8")):
            assert result
        taken = time.monotonic() - started
    assert taken <= SECONDS, f"{query.name} took {taken:.1f} s, the service level is {SECONDS:g} s"


def test_the_service_level_is_a_time() -> None:
    assert SECONDS > 0
