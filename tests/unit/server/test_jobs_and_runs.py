"""Jobs, runs, logs and what a person does with them, by the routes."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from olo_jupyter.jobs.records import ENDED, RunRecord, TaskRun
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.server.events import LOG_GREW

ODD = "<b>é</b> 🙂 " + "x" * 480
TYPED = """\
version: 1
name: typed
description: Counts what came in.
owner: ben
tags: [hourly, count]
parameters:
  day: {type: date, default: "{{ logical_date }}"}
  count: {type: integer, default: 3, minimum: 1}
tasks:
  - name: say
    shell: {command: 'for i in 1 2 3; do echo "$COUNT line $i"; sleep 0.3; done'}
    env: {COUNT: "{{ count }}"}
  - {name: then, depends_on: [say], shell: {command: 'true'}}
"""
LONG = "version: 1\nname: long\ntasks: [{name: sleeps, shell: {command: sleep 300}}]\n"


@pytest.fixture
def call(jp_fetch: Any) -> Any:
    """Call a route: its status and its JSON."""

    async def fetch(path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        options: dict[str, Any] = {"params": query} if query else {}
        if body is not None:
            options |= {"method": "POST", "body": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        try:
            response = await jp_fetch("olo", "api", *path.split("/"), request_timeout=60, **options)
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body)
        return response.code, json.loads(response.body)

    return fetch


@pytest.fixture
def store(project: Path) -> RunStore:
    return RunStore(project.parent / "state" / "runs.db")


@pytest.fixture
def targets(project: Path) -> None:
    (project / "targets").mkdir(exist_ok=True)
    (project / "targets" / "dev.yml").write_text("catalog: dev\nsources: dev\n")
    (project / "jobs" / "typed.yml").write_text(TYPED)


def record(id: str, state: str = "success", minutes: int = 0, **more: Any) -> RunRecord:
    at = datetime(2026, 1, 31, 6, tzinfo=UTC) + timedelta(minutes=minutes)
    return RunRecord(**{"id": id, "job": "daily", "target": "dev", "state": state, "started": at, "ended": at, **more})


async def test_a_broken_job_is_listed_with_its_problem_and_shown_with_all(call: Any, project: Path) -> None:
    (project / "jobs" / "broken.yml").write_text("version: 1\nname: broken\ntasks: []\n", encoding="utf-8")
    status, body = await call("jobs")
    assert status == 200
    broken, daily = body["jobs"]
    assert (broken["name"], broken["problem"][:17]) == ("broken", "jobs/broken.yml:3")
    assert (daily["schedule"], daily["last"], daily["ended"]) == ("0 6 * * *", None, 0)
    status, body = await call("jobs/broken")
    assert (status, body["tasks"], body["problems"][0]["line"]) == (200, [], 3)
    status, body = await call("jobs/daily")
    assert [task["depends_on"] for task in body["tasks"]] == [[], ["build"]]
    assert body["file"] == body["path"] == "jobs/daily.yml"


@pytest.mark.usefixtures("targets")
async def test_jobs_are_found_by_what_they_say_and_how_they_go(call: Any, store: RunStore) -> None:
    store.save(record("r1", "failed"))
    store.save(record("r2", "success", 1))
    for query, names in (
        ({"text": "came IN"}, ["typed"]), ({"owner": "ben"}, ["typed"]), ({"tag": "count"}, ["typed"]),
        ({"state": "success"}, ["daily"]), ({"state": "failed"}, []), ({"limit": 1, "offset": 1}, ["typed"]),
        ({"owner": "ben", "text": "daily"}, []),
    ):  # fmt: skip
        status, body = await call("jobs", **query)
        assert (status, [job["name"] for job in body["jobs"]]) == (200, names), query
    assert body["total"] == 0
    (daily,) = (await call("jobs", text="daily"))[1]["jobs"]
    assert (daily["last"]["id"], daily["succeeded"], daily["ended"]) == ("r2", 1, 2)
    assert (await call("jobs", state="sucess"))[0] == 400


@pytest.mark.usefixtures("targets")
async def test_the_form_of_a_job(call: Any) -> None:
    status, body = await call("jobs/typed", target="dev")
    assert status == 200
    assert body["parameters"]["properties"] == {
        "day": {"type": "string", "format": "date", "title": "day", "description": "Default: {{ logical_date }}."},
        "count": {"type": "integer", "title": "count", "default": 3, "minimum": 1},
    }
    assert await call("targets") == (
        200, {"targets": [{"name": "dev", "orchestrator": "local"}], "default": "dev"},
    )  # fmt: skip


async def test_runs_page_by_page(call: Any, store: RunStore) -> None:
    for number in range(7):
        store.save(record(f"r{number}", "failed" if number % 3 == 0 else "success", number, user="zoë"))
    store.save(record("same", "success", 6, target="prod"))
    seen: list[str] = []
    after = ""
    while True:
        status, body = await call("runs", limit=3, after=after)
        assert status == 200
        seen += [run["id"] for run in body["runs"]]
        after = body["next"]
        if not after:
            break
    assert seen == ["same", "r6", "r5", "r4", "r3", "r2", "r1", "r0"]
    assert [run["id"] for run in (await call("runs", state="failed"))[1]["runs"]] == ["r6", "r3", "r0"]
    assert len((await call("runs", text="ZOË"))[1]["runs"]) == 7
    assert [run["id"] for run in (await call("runs", text="%"))[1]["runs"]] == []
    assert (await call("runs", job="other"))[1]["runs"] == []
    assert (await call("runs", after="x"))[1]["code"] == "bad-parameter"


async def test_a_run_with_exact_snapshot_ids_and_odd_names(call: Any, store: RunStore) -> None:
    task = TaskRun(name=ODD, kind="shell", state="failed", message=ODD, rows=7, writes={"dev.gold.x": 2**62 + 1})
    store.save(record("r1", "failed", tasks=[task], message=ODD, parameters={"word": ODD}))
    status, body = await call("runs/r1")
    assert (status, body["message"], body["parameters"]) == (200, ODD, {"word": ODD})
    (task,) = body["tasks"]
    assert (task["name"], task["writes"]) == (ODD, {"dev.gold.x": str(2**62 + 1)})
    assert "log" not in task


async def test_nothing_ran_makes_no_files(call: Any, project: Path) -> None:
    assert (await call("runs"))[1]["runs"] == []
    assert (await call("jobs"))[0] == 200
    assert (await call("runs/none"))[1]["code"] == "run-not-found"
    assert not (project.parent / "state").exists()


async def test_a_log_by_lines(call: Any, store: RunStore, project: Path) -> None:
    path = project.parent / "state" / "runs" / "r1" / "build.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x1b[31mred\x1b[0m\n" + b"".join(b"line %d\n" % n for n in range(2000)) + b"\xff\x00 end")
    outside = project / "olo.yml"
    tasks = [
        TaskRun(name="build", kind="shell", state="success", log=str(path)),
        TaskRun(name="else", kind="shell", state="success", log=str(outside)),
    ]
    store.save(record("r1", tasks=tasks))
    status, body = await call("runs/r1/tasks/build/log", line=-2, count=5)
    assert (status, body["lines"], body["first"], body["total"], body["complete"]) == (
        200, ["line 1999", "\ufffd\x00 end"], 2000, 2002, True,
    )  # fmt: skip
    assert (await call("runs/r1/tasks/build/log", line=0, count=1))[1]["lines"] == ["\x1b[31mred\x1b[0m"]
    assert (await call("runs/r1/tasks/build/log/search", text="LINE 199", limit=3))[1] == {
        "lines": [200, 1991, 1992], "next": 1993,
    }  # fmt: skip
    assert (await call("runs/r1/tasks/else/log"))[1]["lines"] == []
    assert (await call("runs/r1/tasks/nope/log"))[1]["code"] == "task-not-found"


@pytest.mark.usefixtures("targets")
async def test_trigger_follow_and_run_again(call: Any, jp_ws_fetch: Any, jp_serverapp: Any) -> None:
    status, body = await call("jobs/typed/runs", {"parameters": {}})
    assert (status, body["code"]) == (422, "target-needed")
    status, body = await call("jobs/typed/runs", {"target": "dev", "parameters": {"count": 0}})
    assert (status, body["code"]) == (400, "bad-parameter")
    socket = await jp_ws_fetch("api", "events", "subscribe")
    status, run = await call("jobs/typed/runs", {"target": "dev", "parameters": {"count": 7}})
    assert (status, run["job"], run["target"]) == (200, "typed", "dev")
    # Jupyter Server's token names nobody: it is the one whose server it is, not a name that was made up.
    assert run["user"] == "ana"
    told = (await call("audit", action="trigger"))[1]["entries"]
    assert {one["who"] for one in told} == {"ana"}
    path = f"runs/{run['id']}"
    while (await call(f"{path}/tasks/say/log"))[1]["complete"] is False:
        event = json.loads(await asyncio.wait_for(socket.read_message(), 30))
        if event["schema_id"] == LOG_GREW:
            assert (event["run"], event["task"]) == (run["id"], "say")
    socket.close()
    log = (await call(f"{path}/tasks/say/log"))[1]
    assert log["lines"] == ["7 line 1", "7 line 2", "7 line 3"]
    end = time.monotonic() + 30
    while (run := (await call(path))[1])["state"] not in ENDED:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert run["state"] == "success"
    assert (await call(f"{path}/rerun", {}))[1]["code"] == "nothing-to-rerun"
    assert (await call(f"{path}/cancel", {}))[1]["state"] == "success"


@pytest.mark.usefixtures("targets")
async def test_a_backfill_is_shown_before_it_starts(call: Any, store: RunStore) -> None:
    moment = datetime(2026, 1, 2, 6, tzinfo=UTC)
    store.save(record("r1", moment=moment))
    status, plan = await call("jobs/daily/backfill", target="dev", start="2026-01-01", end="2026-01-03")
    assert (status, plan["to_run"], plan["id"]) == (200, 2, "")
    assert [(one["at"], one["run"]) for one in plan["moments"]] == [
        ("2026-01-01T06:00:00Z", ""), ("2026-01-02T06:00:00Z", "r1"), ("2026-01-03T06:00:00Z", ""),
    ]  # fmt: skip
    status, body = await call("jobs/daily/backfill", target="dev", start="2026-01-03", end="2026-01-01")
    assert (status, body["code"]) == (400, "bad-parameter")
    status, plan = await call("jobs/daily/backfill", {"target": "dev", "start": "2026-01-01", "end": "2026-01-03"})
    assert (status, plan["to_run"]) == (200, 2)
    end = time.monotonic() + 60
    while len((await call("runs", job="daily", state="success"))[1]["runs"]) < 3:
        assert time.monotonic() < end
        await asyncio.sleep(0.2)


@pytest.mark.usefixtures("targets")
async def test_a_run_says_who_ended_it_and_who_ran_it_again(call: Any, project: Path) -> None:
    (project / "jobs" / "long.yml").write_text(LONG)

    async def ended(id_: str) -> Any:
        end = time.monotonic() + 60
        while (run := (await call(f"runs/{id_}"))[1])["state"] not in ENDED:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        return run

    _, run = await call("jobs/long/runs", {"target": "dev", "parameters": {}})
    assert (run["user"], run["rerun_by"], run["cancelled_by"]) == ("ana", "", "")
    for again in ("", "ana"):
        await call(f"runs/{run['id']}/cancel", {})
        told = await ended(run["id"])
        assert (told["state"], told["user"], told["rerun_by"]) == ("cancelled", "ana", again)
        assert told["cancelled_by"] == "ana"
        status, told = await call(f"runs/{run['id']}/rerun", {})
        assert (status, told["rerun_by"], told["cancelled_by"]) == (200, "ana", "")
    await call(f"runs/{run['id']}/cancel", {})


async def test_a_schedule_here_can_not_be_paused(call: Any) -> None:
    assert (await call("jobs/daily/pause", {"paused": True}))[1]["code"] == "not-supported"
