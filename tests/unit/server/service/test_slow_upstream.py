"""An upstream that is slow holds up its own area only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.base import Answer
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import Route
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

_release = threading.Event()


def _slow(_: Context) -> Answer:
    _release.wait(60)
    return Answer()


@pytest.fixture
def service(project: Path, issuer: Issuer) -> Iterator[str]:
    _release.clear()
    with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("service: {seconds: 2}\n")
    slow = Route("GET", "/slow", "experiments", "read", _slow, Answer, summary="Slow.")
    with serving(project, issuer, [*ROUTES, slow]) as url:
        try:
            yield url
        finally:
            _release.set()


def test_one_slow_area(ask: Callable[..., httpx.Response]) -> None:
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(ask, "GET", "/olo/api/slow", "viewer") for _ in range(20)]
        time.sleep(0.3)
        assert ask("GET", "/olo/api/jobs", "viewer").status_code == 200
        assert not any(one.done() for one in waiting)
        answers = [one.result() for one in waiting]
    assert {answer.status_code for answer in answers} == {504}
    assert {answer.json()["code"] for answer in answers} == {"timeout"}
