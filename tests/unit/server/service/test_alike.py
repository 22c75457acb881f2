"""Many who look at the same: an upstream is asked as for one, and nobody gets what is older than a change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest

from olo_jupyter.server.alike import _AREAS, SECONDS
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.base import Answer, Body
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API, Route
from tests.authority import serving as upstream
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

Asked = Callable[..., httpx.Response]


class Number(Answer):
    """What the routes of this test answer."""

    value: int


class Counter:
    """A value that is asked for slowly, and changed."""

    def __init__(self) -> None:
        self.asked = self.value = 0
        self.fails = False
        self.reading = threading.Event()
        self._lock = threading.Lock()

    def read(self, _: Context) -> Number:
        with self._lock:
            self.asked += 1
        value = self.value
        self.reading.set()
        time.sleep(0.2)
        if self.fails:
            raise ZeroDivisionError
        return Number(value=value)

    def change(self, _: Context, *, body: Body) -> Number:
        self.value += 1
        return Number(value=self.value)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def project(project: Path) -> Path:
    with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write("service: {requests_per_minute: 100000}\n")
    return project


@pytest.fixture
def service(project: Path, issuer: Issuer, counter: Counter) -> Iterator[str]:
    more = [
        Route("GET", "/counter", "runs", "read", counter.read, Number, summary="Read."),
        Route("POST", "/counter", "runs", "trigger", counter.change, Number, body=Body, summary="Change."),
    ]
    with serving(project, issuer, [*ROUTES, *more]) as url:
        yield url


def test_fifty_who_ask_at_once_are_one_question(ask: Asked, counter: Counter) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask("GET", f"{API}/counter", "viewer"), range(50)))
    assert {answer.json()["value"] for answer in answers} == {0}
    assert counter.asked == 1


def test_who_asks_after_a_change_gets_what_is_after_it(ask: Asked, counter: Counter) -> None:
    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(ask, "GET", f"{API}/counter")
        assert counter.reading.wait(20)
        assert ask("POST", f"{API}/counter", json={}).json()["value"] == 1
        assert ask("GET", f"{API}/counter").json()["value"] == 1, "not what was under way before the change"
        assert old.result().json()["value"] == 0


def test_a_fault_is_nobody_else_s_and_rights_are_looked_at_each_time(ask: Asked, counter: Counter) -> None:
    counter.fails = True
    assert ask("GET", f"{API}/counter").status_code == 500
    counter.fails = False
    assert ask("GET", f"{API}/counter").status_code == 200
    assert ask("POST", f"{API}/counter", "viewer", json={}).status_code == 403
    assert ask("GET", f"{API}/counter", "viewer").status_code == 200
    assert ask("GET", f"{API}/audit", "viewer").status_code == 403


def test_those_reads_do_not_depend_on_who_asks() -> None:
    """None of their functions looks at the person."""

    for route in ROUTES:
        if route.method == "GET" and route.area in _AREAS:
            assert "user" not in route.work.__code__.co_names, route.path


def test_an_airflow_is_asked_by_fifty_panels_as_by_one(project: Path, issuer: Issuer) -> None:
    counts: list[str] = []

    def airflow(method: str, path: str, *_: object) -> tuple[int, dict[str, str], bytes]:
        counts.append(urlsplit(path).path)
        told = {"dags": [], "dag_runs": [], "task_instances": [], "total_entries": 0}
        return 200, {}, json.dumps(told).encode()

    (project / "targets").mkdir(exist_ok=True)
    (project / "targets" / "far.yml").write_text("catalog: dev\nsources: dev\n", encoding="utf-8")
    with upstream(airflow) as url:
        with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
            one = f"{{type: airflow, url: '{url}', targets: [far], token_env: PATH}}"
            olo_yml.write(f"orchestrators:\n  flow: {one}\n")
        for users in (1, 50):
            with serving(project, issuer) as service, ThreadPoolExecutor(users) as pool:
                tokens = [issuer.token(f"user{n}", "group-viewer") for n in range(users)]

                def look(token: str, service: str = service) -> set[int]:
                    headers = {"Authorization": f"Bearer {token}"}
                    paths = ("/jobs?target=far", "/runs?target=far", "/targets")
                    return {
                        httpx.get(f"{service}{API}{path}", headers=headers, timeout=60).status_code for path in paths
                    }

                before, begun = counts.count("/api/v2/dags"), time.monotonic()
                assert set().union(*pool.map(look, tokens)) == {200}
                rounds = 1 + (time.monotonic() - begun) / SECONDS
                assert 1 <= counts.count("/api/v2/dags") - before <= rounds
