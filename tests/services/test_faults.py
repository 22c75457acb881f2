"""A real Trino and a real Gitea that break: their area says so, in bounded time; the others go on; back within 10 s."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.backends.hosts.discover import connect, parse_remote
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.server.context import Context
from olo_jupyter.server.dispatch import Asked, answer
from olo_jupyter.server.models.base import Failure
from olo_jupyter.server.own_rights import owner
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.workspace import Workspace
from tests.parity.tables import prepare
from tests.services.faulty import Door, Mode, door
from tests.services.gitea import Gitea
from tests.services.process import Process, until
from tests.services.trino import Trino

BACK = 10.0
SECONDS = 2.0
"""Limit of one request here; 30 elsewhere."""
MODES: tuple[Mode | str, ...] = ("refuse", "silent", "garbage", "html", "cut", "stopped", "killed")
"""``stopped``: the process stands still (SIGSTOP); ``killed``: it is gone, and started again to mend it; the others
are what a door before it does."""


@pytest.fixture
def context(trino: Trino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Context, Door]]:
    """A project whose Trino is behind a door."""
    for name in [name for name in os.environ if name.startswith("OLO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OLO_STATE", str(tmp_path / "state"))
    root = tmp_path / "project"
    root.mkdir()
    with door(trino.port) as made:
        engine = f"{{host: 127.0.0.1, port: {made.port}, request_timeout: {SECONDS}}}"
        (root / "olo.yml").write_text(f"engines:\n  trino: {engine}\n", encoding="utf-8")
        workspace = Workspace(root)
        yield Context(workspace, owner("ana", ""), root, lambda *_: None), made
        workspace.close()


def asked(context: Context, path: str, **query: str) -> tuple[int, dict[str, Any]]:
    route = next(one for one in ROUTES if (one.method, one.path) == ("GET", path))
    reply = answer(route, context, Asked({}, {name: [value] for name, value in query.items()}))
    told = reply.model.model_dump(mode="json")
    assert not isinstance(reply.model, Failure) or reply.model.code != "internal", told
    return reply.status, told


@pytest.fixture
def whole(trino: Trino) -> Iterator[None]:
    """What the Trino of all tests holds in memory is there again after a test that killed it."""
    yield
    prepare(trino.uri)


def break_it(mode: str, door: Door, process: Process, running: Callable[[], bool]) -> Callable[[], None]:
    """Break a service; the function mends it."""
    if mode == "stopped":
        os.killpg(process.pid, signal.SIGSTOP)
        return lambda: os.killpg(process.pid, signal.SIGCONT)
    if mode == "killed":
        process.kill()

        def start() -> None:
            process.again()
            process.wait_until(running, 240, "the service")

        return start
    door.mode = mode  # type: ignore[assignment]

    def mend() -> None:
        door.mode = "pass"

    return mend


def back(works: Callable[[], object]) -> None:
    begun = time.monotonic()
    while True:
        try:
            works()
            return
        except OloError as error:
            assert time.monotonic() - begun < BACK, error.message
            time.sleep(0.2)


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("mode", MODES)
def test_trino(context: tuple[Context, Door], trino: Trino, mode: str) -> None:
    here, there = context
    session = Session(here.opened.settings)

    def select() -> object:
        # Over a connection of its own: the door lets those that are open pass on.
        with Session(here.opened.settings) as new:
            return new.sql("SELECT 40 + 2 AS answer", engine="trino").arrow.to_pylist()

    def route() -> Mapping[str, Any]:
        status, told = asked(here, "/trino/queries")
        if status != 200:
            raise OloError(told["message"], code=told["code"])
        return told

    assert select() == [{"answer": 42}]
    assert asked(here, "/trino/queries")[0] == 200
    mend = break_it(mode, there, trino.process, trino.running)
    try:
        for work in (route, select):
            begun = time.monotonic()
            with pytest.raises(OloError) as caught:
                work()
            assert time.monotonic() - begun < 30, "a fault must be told in bounded time"
            assert caught.value.code.startswith(("trino-", "connection-", "timeout", "cannot-")), caught.value.code
            assert caught.value.message
            assert "Traceback" not in caught.value.message
        begun = time.monotonic()
        assert asked(here, "/runs")[0] == 200
        assert asked(here, "/queries/history")[0] == 200
        assert session.sql("SELECT 1 AS one", engine="embedded").arrow.to_pylist() == [{"one": 1}]
        assert time.monotonic() - begun < 5, "the other areas don't wait for Trino"
        health = {one["name"]: one["state"] for one in asked(here, "/health")[1]["services"]}
        assert health["embedded"] == "up"
    finally:
        mend()
    back(select)
    back(route)
    session.close()


@pytest.mark.usefixtures("whole")
def test_a_query_that_runs_when_trino_is_killed(context: tuple[Context, Door], trino: Trino) -> None:
    settings = context[0].opened.settings
    told: list[object] = []

    def run() -> None:
        with Session(settings) as session:
            try:
                told.append(session.sql("SELECT count(*) FROM tpch.sf1000.lineitem", engine="trino").arrow)
            except OloError as error:
                told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(
        lambda: any(
            "sf1000" in one["text"] and one["state"] == "RUNNING"
            for one in asked(context[0], "/trino/queries")[1].get("queries", [])
        )
    )
    trino.process.kill()
    begun = time.monotonic()
    try:
        thread.join(60)
        assert not thread.is_alive(), "a query of a server that is gone must end"
        (error,) = told
        assert isinstance(error, OloError), "a part of an answer is none"
        assert error.code.startswith(("trino-", "connection-", "timeout")), error.code
        print(f"told after {time.monotonic() - begun:.1f} s: {error.code}: {error.message}")
    finally:
        trino.process.again()
        trino.process.wait_until(trino.running, 240, "Trino")


@pytest.mark.parametrize("mode", MODES)
def test_a_git_host(gitea: Gitea, mode: str) -> None:
    headers = {"Authorization": f"token {gitea.token}"}
    name = f"faults-{mode}"
    with httpx.Client(base_url=f"{gitea.uri}/api/v1", headers=headers, timeout=30) as api:
        made = api.post("/user/repos", json={"name": name, "auto_init": True, "default_branch": "main"})
        assert made.status_code == 201, made.text
        sha = api.get(f"/repos/ana/{name}/branches/main").json()["commit"]["id"]
    with door(gitea.port) as there:
        remote = parse_remote(f"http://127.0.0.1:{there.port}/ana/{name}.git")
        assert remote is not None

        def checks() -> object:
            # A client for each request, as the panel's: what is known of the host is its circuit's.
            with closing(connect(remote, "gitea", gitea.token, seconds=SECONDS)) as host:
                return host.checks(sha)

        status = {"state": "success", "context": "tests", "description": "all well"}
        api_url = f"{gitea.uri}/api/v1/repos/ana/{name}/statuses/{sha}"
        assert httpx.post(api_url, headers=headers, json=status).status_code == 201
        known = checks()
        assert known
        mend = break_it(mode, there, gitea.process, gitea.running)
        try:
            for _ in range(3):
                begun = time.monotonic()
                with pytest.raises(OloError) as caught:
                    checks()
                assert time.monotonic() - begun < 30
                assert caught.value.code.startswith(("host-", "remote-", "git-")), caught.value.code
                assert gitea.token not in caught.value.message + caught.value.hint
        finally:
            mend()
        back(checks)
        assert checks() == known, "nothing is lost"
