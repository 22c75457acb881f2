"""Health: services that are up, down, slow; what the poller tells; what the route answers."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.errors import OloError
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.server.services import Found, Service
from olo_jupyter.server.watch import UNWELL, WELL, Watch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def looked(watch: Watch) -> dict[str, str]:
    watch.refresh(patience=5)
    return {one.name: one.state for one in watch.services()}


def test_each_is_looked_at_now_and_then_however_often_it_is_asked_for() -> None:
    clock, looks = Clock(), []
    state = {"down": True}

    def look() -> Found:
        looks.append(clock.now)
        if state["down"]:
            raise OloError("It can't be reached: refused", hint="Start it.")
        return Found("3.3.2")

    watch = Watch([Service("airflow", "orchestrator", "airflow", look)], clock)
    assert watch.services()[0].state == "unknown"
    assert watch.states() == {}
    for _ in range(50):
        assert looked(watch) == {"airflow": "down"}
    assert len(looks) == 1
    shown = watch.services()[0]
    assert (shown.message, shown.hint, shown.latency) == ("It can't be reached: refused", "Start it.", None)
    state["down"] = False
    clock.now += UNWELL
    assert looked(watch) == {"airflow": "up"}
    assert watch.services()[0].version == "3.3.2"
    clock.now += UNWELL
    assert looked(watch) == {"airflow": "up"}
    assert len(looks) == 2, "what is well is left in peace for longer"
    clock.now += WELL
    looked(watch)
    assert len(looks) == 3
    watch.close()


def test_one_that_hangs_holds_up_no_other_and_is_asked_once() -> None:
    free, looks = threading.Event(), []

    def hang() -> Found:
        looks.append(1)
        free.wait(10)
        return Found()

    watch = Watch([Service("slow", "catalog", "rest", hang), Service("quick", "engine", "duckdb", lambda: Found("2"))])
    begun = time.monotonic()
    watch.refresh(patience=0.3)
    watch.refresh(patience=0.3)
    assert time.monotonic() - begun < 2
    assert {one.name: one.state for one in watch.services()} == {"slow": "unknown", "quick": "up"}
    assert len(looks) == 1
    free.set()
    watch.close()


def test_one_whose_adapter_fails_is_down_and_nothing_of_it_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Found:
        raise RuntimeError("token=planted-secret")

    watch = Watch(
        [Service("odd", "catalog", "rest", broken), Service("well", "catalog", "sql", lambda: Found(unwell="x"))]
    )
    assert looked(watch) == {"odd": "down", "well": "degraded"}
    assert "planted-secret" not in watch.services()[0].model_dump_json()
    watch.close()


@pytest.fixture
def get(jp_fetch: Any) -> Any:
    async def fetch(*path: str) -> Any:
        return json.loads((await jp_fetch("olo", "api", *path)).body)

    return fetch


async def test_the_route(get: Any, project: Path) -> None:
    at = datetime.now(UTC)
    late = ["It isn't done after its SLA of 30m."]
    record = RunRecord(id="r1", job="daily", target="dev", state="failed", started=at, message="boom", warnings=late)
    RunStore(project.parent / "state" / "runs.db").save(record)
    with (project / "olo.yml").open("a") as file:
        file.write(
            "links: {Grafana: 'https://grafana.example.org'}\n"
            "orchestrators: {airflow: {url: 'http://127.0.0.1:9', targets: [prod]}}\n"
            "backends: {mlflow: {url: 'http://127.0.0.1:9'}}\n"
        )
    until = time.monotonic() + 20
    while True:
        told = await get("health")
        if all(one["state"] != "unknown" for one in told["services"]):
            break
        assert time.monotonic() < until
        await asyncio.sleep(0.1)
    by_name = {one["name"]: one for one in told["services"]}
    assert by_name["dev"]["state"] == by_name["embedded"]["state"] == by_name["lineage"]["state"] == "up"
    assert by_name["airflow"]["state"] == by_name["mlflow"]["state"] == "down"
    assert "can't be reached" in by_name["airflow"]["message"]
    assert told["services"][0]["state"] == "down", "what is down comes first"
    assert "governed" not in by_name, "Trino answers for what it governs"
    assert told["links"] == [{"title": "Grafana", "url": "https://grafana.example.org"}]
    assert told["counts"] == {"jobs": 1, "running": 0, "succeeded": 0, "failed": 1}
    assert [(one["run"], one["message"]) for one in told["failures"]] == [("r1", "boom")]
    assert [one["message"] for one in told["sla_misses"]] == late
