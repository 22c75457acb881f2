"""Tables are looked at in a process apart: the server stays small, and outlives what ends that process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.errors import OloError
from olo_jupyter.server.apart import WAITING, Apart
from olo_jupyter.server.context import User
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.events import CATALOG_CHANGED
from olo_jupyter.server.own_rights import owner
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import Route
from olo_jupyter.server.worker import packed, received
from tests.services.process import free_port

ANA = User("ana")
_TABLE = "/catalogs/{catalog}/namespaces/{namespace}/tables/{table}"
FLIGHTS = {"catalog": "dev", "namespace": "silver", "table": "flights"}


def route(path: str, method: str = "GET") -> Route:
    return next(one for one in ROUTES if (one.method, one.path) == (method, path))


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    return []


@pytest.fixture
def apart(
    project: Path, told: list[tuple[str, dict[str, Any]]], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Apart]:
    made = Apart(project, project, lambda schema_id, data: told.append((schema_id, data)), 60)
    yield made
    jp_asyncio_loop.run_until_complete(made.stop())


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


async def tag(apart: Apart, name: str) -> dict[str, Any]:
    facts = await apart.answer(route(f"{_TABLE}/snapshots"), Asked(FLIGHTS, {}), ANA)
    snapshot = json.loads(facts.body)["snapshots"][0]["id"]
    body = json.dumps({"kind": "tag", "name": name, "snapshot": snapshot}).encode()
    made = await apart.answer(
        route(f"{_TABLE}/refs", "POST"), Asked(FLIGHTS, {}, body, "application/json"), owner("ana", "Ana")
    )
    assert made.status == 200, made.body
    return dict(json.loads(made.body))


async def test_answers_and_events_come_from_one_process(apart: Apart, told: list[tuple[str, dict[str, Any]]]) -> None:
    assert apart.pid is None  # nobody looked yet
    asked = [apart.answer(route(f"{_TABLE}/rows"), Asked(FLIGHTS, {"limit": ["1"]}), ANA) for _ in range(6)]
    found = await asyncio.gather(*asked)
    assert {one.status for one in found} == {200}
    assert len({one.body for one in found}) == 1
    pid = apart.pid
    assert pid is not None
    assert pid != os.getpid()
    await tag(apart, "kept")
    assert apart.pid == pid
    assert told == [(CATALOG_CHANGED, {"catalog": "dev"})]


async def test_what_changes_something_is_kept_in_the_audit_under_the_person_s_name(apart: Apart, project: Path) -> None:
    await tag(apart, "kept")
    done = subprocess.run(
        [sys.executable, "-m", "olo_jupyter.cli", "audit", "--json"],
        check=True, capture_output=True, text=True, env={**os.environ, "OLO_PROJECT": str(project)},
    )  # fmt: skip
    assert '"ana"' in done.stdout
    assert "table/dev.silver.flights" in done.stdout


async def test_an_error_of_the_work_is_answered_as_in_the_server_itself(apart: Apart) -> None:
    found = await apart.answer(route(f"{_TABLE}/facts"), Asked({**FLIGHTS, "table": "flihgts"}, {}), ANA)
    assert found.status == 404
    assert json.loads(found.body)["code"] == "table-not-found"
    broken = Asked(FLIGHTS, {}, b"\xff\xfe{", "application/json")
    refused = await apart.answer(route(f"{_TABLE}/diff", "POST"), broken, ANA)
    assert refused.status == 400
    assert json.loads(refused.body)["code"] == "bad-parameter"


async def test_killed_under_way_it_says_so_and_the_next_look_starts_another(apart: Apart) -> None:
    await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
    pid = apart.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # so that the questions are under way
    asked = [asyncio.create_task(apart.answer(route("/catalogs"), Asked({}, {}), ANA)) for _ in range(3)]
    await asyncio.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    for one in asked:
        with pytest.raises(OloError, match="ended before it had answered") as error:
            await one
        assert error.value.code == "tables-unavailable"
    again = await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
    assert again.status == 200
    assert apart.pid != pid


async def test_too_many_that_wait_are_refused(apart: Apart) -> None:
    await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
    pid = apart.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = [asyncio.create_task(apart.answer(route("/catalogs"), Asked({}, {}), ANA)) for _ in range(WAITING)]
    await asyncio.sleep(0.1)
    with pytest.raises(OloError, match="Too much waits"):
        await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
    os.kill(pid, signal.SIGCONT)
    assert {one.status for one in await asyncio.gather(*asked)} == {200}


async def test_it_ends_when_nobody_asks_and_not_before(project: Path) -> None:
    apart = Apart(project, project, lambda *_: None, 0.3)
    await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
    pid = apart.pid
    assert pid is not None
    for _ in range(4):
        await asyncio.sleep(0.15)
        await apart.answer(route("/catalogs"), Asked({}, {}), ANA)
        assert apart.pid == pid
    await until(lambda: not running(pid))
    assert apart.pid is None
    assert (await apart.answer(route("/catalogs"), Asked({}, {}), ANA)).status == 200
    await apart.stop()
    await apart.stop()
    assert apart.pid is None


def test_it_ends_with_the_server_and_prints_nothing_between_its_answers(project: Path) -> None:
    command = [sys.executable, "-m", "olo_jupyter.server.worker", str(project)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert worker.stdin is not None
    assert worker.stdout is not None
    message = {
        "id": 7, "method": "GET", "path": "/catalogs", "names": {}, "query": {}, "body": "", "media_type": "",
        "user": ["ana", ""], "server_root": str(project),
    }  # fmt: skip
    worker.stdin.write(packed(message) + b"\x00\x00\x01")  # and a message that is cut: the server was killed
    worker.stdin.close()
    told = received(worker.stdout)
    assert told is not None
    assert (told["id"], told["status"], told["code"]) == (7, 200, "")
    assert received(worker.stdout) is None
    assert worker.wait(30) == 0


def test_the_server_s_process_maps_neither_arrow_nor_an_engine(project: Path, tmp_path: Path) -> None:
    port, secret = free_port(), "a-token-for-a-test"
    settings = tmp_path / "jupyter"
    settings.mkdir()
    chosen = {"ServerApp": {"jpserver_extensions": {"olo_jupyter": True}}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(chosen), encoding="utf-8")
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={secret}", f"--ServerApp.root_dir={project}",
    ]  # fmt: skip
    environ = {**os.environ, "OLO_PROJECT": str(project), "JUPYTER_CONFIG_DIR": str(settings)}
    server = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(path: str) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/{path}", headers={"Authorization": f"token {secret}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    try:
        end = time.monotonic() + 60
        while True:
            try:
                ask("api/status")
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.2)
        table = "olo/api/catalogs/dev/namespaces/silver/tables/flights"
        for path in (
            "olo/api/jobs",
            "olo/api/runs",
            "olo/api/health",
            "olo/api/queries/history",
            f"{table}/rows",
            table,
        ):
            assert json.loads(ask(path))
        maps = Path(f"/proc/{server.pid}/maps").read_text()
        heavy = {part for part in ("libarrow", "duckdb", "numpy", "pyiceberg") if part in maps}
        assert not heavy
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        assert any("libarrow" in Path(f"/proc/{child}/maps").read_text() for child in children)
    finally:
        server.terminate()
        server.wait(30)
