"""A service that ends answers what it was asked before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.base import Answer
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import Route
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

_begun = threading.Event()


def _slow(_: Context) -> Answer:
    _begun.set()
    time.sleep(1.5)
    return Answer()


def test_a_request_under_way_is_answered_before_the_end(
    project: Path, issuer: Issuer, token: Callable[..., str]
) -> None:
    slow = Route("POST", "/slow", "jobs", "trigger", _slow, Answer, summary="Slow.")
    headers = {"Authorization": f"Bearer {token('platform-admin')}"}
    with ThreadPoolExecutor(1) as pool:
        with serving(project, issuer, [*ROUTES, slow]) as url:
            asked = pool.submit(httpx.post, f"{url}/olo/api/slow", headers=headers, timeout=20)
            assert _begun.wait(10)
        assert asked.result().status_code == 200
