"""The poller tells each change once, and nothing while nothing happens."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.backends.lineage.base import Search
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.jobs.records import RunRecord, TaskRun
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.server.events import CATALOG_CHANGED, JOBS_CHANGED, QUERIES_CHANGED, RUN_CHANGED
from olo_jupyter.server.poller import Poller
from olo_jupyter.server.workspace import Workspace
from tests.openlineage import run_id


@pytest.fixture
def poller(project: Path) -> Poller:
    with ThreadPoolExecutor(1) as executor:
        poller = Poller(Workspace(project), lambda *_: None, executor)
        assert poller.look() == []
        return poller


def test_idle(poller: Poller) -> None:
    assert [poller.look() for _ in range(3)] == [[], [], []]


def test_a_commit_is_told_once_for_its_catalog(poller: Poller, flights: Any) -> None:
    flights.append(flights.scan().to_arrow())
    assert poller.look() == [(CATALOG_CHANGED, {"catalog": "dev"})]
    assert poller.look() == []


def test_a_job_file(poller: Poller, project: Path) -> None:
    (project / "jobs" / "new.yml").write_text("", encoding="utf-8")
    assert poller.look() == [(JOBS_CHANGED, {})]
    (project / "jobs" / "new.yml").unlink()
    assert poller.look() == [(JOBS_CHANGED, {})]


def test_the_configuration(poller: Poller, project: Path) -> None:
    config = project / "olo.yml"
    config.write_text(config.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert poller.look() == [(CATALOG_CHANGED, {"catalog": ""})]
    config.write_text("catalogs: [", encoding="utf-8")
    assert poller.look() == [(CATALOG_CHANGED, {"catalog": ""})]
    assert poller.look() == []


def test_the_configuration_that_the_environment_names(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLO_PROJECT", str(project))
    with ThreadPoolExecutor(1) as executor:
        poller = Poller(Workspace(tmp_path), lambda *_: None, executor)
        assert poller.look() == []
        (project / "olo.yml").write_text("catalogs: {}\n", encoding="utf-8")
        assert poller.look() == [(CATALOG_CHANGED, {"catalog": ""})]


def test_a_run_from_its_begin_to_its_end(poller: Poller, project: Path) -> None:
    store = RunStore(project.parent / "state" / "runs.db")
    record = RunRecord(id="r1", job="daily", target="dev", state="running", started=datetime.now(UTC))
    told = []
    for state in ("running", "success"):
        record.state = state
        record.tasks = [TaskRun(name="build", kind="shell", state=state)]
        store.save(record)
        [(schema, data)] = poller.look()
        assert schema == RUN_CHANGED
        told.append((data["run"]["state"], data["run"]["tasks"][0]["state"]))
        assert poller.look() == []
    assert told == [("running", "running"), ("success", "success")]


def test_beside_a_shared_service_it_looks_at_its_own_areas_only(project: Path) -> None:
    workspace = Workspace(project)
    with ThreadPoolExecutor(1) as executor:
        poller = Poller(workspace, lambda *_: None, executor, areas=frozenset({"catalog", "queries"}))
        assert poller.look() == []
        (project / "jobs" / "weekly.yml").write_text("version: 1\n", encoding="utf-8")
        RunStore(project.parent / "state" / "runs.db").save(RunRecord(id="r1", job="daily", target="dev"))
        (project / "queries").mkdir(exist_ok=True)
        (project / "queries" / "late.sql").write_text("SELECT 1\n", encoding="utf-8")
        assert poller.look() == [(QUERIES_CHANGED, {})]
    assert not workspace.open().__dict__.keys() & {"watch", "project"}  # what it doesn't tell, it doesn't open
    workspace.close()


def test_a_run_whose_process_died(poller: Poller, project: Path) -> None:
    path = project.parent / "state" / "runs.db"
    code = (
        "import sys, pathlib; from datetime import UTC, datetime\n"
        "from olo_jupyter.jobs.store import RunStore; from olo_jupyter.jobs.records import RunRecord\n"
        "record = RunRecord(id='r1', job='daily', target='dev', state='running', started=datetime.now(UTC))\n"
        "RunStore(pathlib.Path(sys.argv[1])).save(record); print('saved', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"saved\n"
    assert [data["run"]["state"] for _, data in poller.look()] == ["running"]
    process.kill()
    process.communicate()
    assert [data["run"]["state"] for _, data in poller.look()] == ["failed"]


def test_lineage_is_taken_in_before_somebody_asks_and_a_part_at_a_look(
    poller: Poller, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olo_jupyter.backends.lineage.intake._PART", 2)
    events = LineageFile(project.parent / "state" / "lineage" / "events.jsonl", "shop")
    for number in range(5):
        events.emit("COMPLETE", job=f"job{number}", run_id=run_id(str(number)))
    opened = Workspace(project).open()
    told = []
    for _ in range(4):
        assert poller.look() == []
        told.append(opened.lineage_backend.search(Search(text="job")).total)
    assert told == [2, 4, 5, 5]


def test_a_lineage_backend_that_is_away_is_asked_again_at_the_next_event(
    poller: Poller, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    config = project / "olo.yml"
    backends = "\nbackends: {marquez: {url: 'http://127.0.0.1:1'}}\n"
    config.write_text(config.read_text(encoding="utf-8") + backends, encoding="utf-8")
    events = LineageFile(project.parent / "state" / "lineage" / "events.jsonl", "shop")
    events.emit("COMPLETE", job="daily", run_id=run_id("1"))
    asked = []
    for job in ("daily", "daily", "weekly"):
        if job == "weekly":
            events.emit("COMPLETE", job=job, run_id=run_id("2"))
        poller.look()
        asked.append(caplog.text.count("Lineage can't be taken in"))
    assert asked == [1, 1, 2]


async def test_what_can_not_be_read_does_not_end_it(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = project.parent / "state" / "runs.db"
    told: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
    with ThreadPoolExecutor(1) as executor:
        poller = Poller(Workspace(project), lambda *change: told.put_nowait(change), executor, interval=0.01)
        poller.look()
        path.parent.mkdir()
        path.write_bytes(b"this is no database, and it is long enough to be read as one" * 20)
        poller.start()
        while "can't look" not in caplog.text:
            await asyncio.sleep(0.01)
        path.unlink()
        RunStore(path).save(RunRecord(id="r1", job="daily", target="dev", state="success"))
        schema, data = await asyncio.wait_for(told.get(), 30)
        await poller.stop()
    assert (schema, data["run"]["id"]) == (RUN_CHANGED, "r1")


async def test_events_reach_the_browser_s_socket(jp_serverapp: Any, jp_ws_fetch: Any, project: Path) -> None:
    (extension,) = jp_serverapp.extension_manager.extension_apps["olo_jupyter"]
    socket = await jp_ws_fetch("api", "events", "subscribe")
    extension.poller.look()
    before = jp_serverapp.web_app.last_activity()
    RunStore(project.parent / "state" / "runs.db").save(RunRecord(id="r1", job="daily", target="dev", state="success"))
    extension.poller.start()
    event = json.loads(await socket.read_message())
    await extension.poller.stop()
    socket.close()
    assert (event["schema_id"], event["run"]["id"]) == (RUN_CHANGED, "r1")
    assert jp_serverapp.web_app.last_activity() == before
