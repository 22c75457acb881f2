"""A person's own server before an Airflow: many pages are one question, a scrape by Prometheus has it followed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.authority import serving

Fetch = Callable[..., Awaitable[Any]]
JSON = {"Content-Type": "application/json"}
DAG = {"dag_id": "daily", "is_paused": False}


class Answers:
    """An Airflow that knows one DAG, and takes its time; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.runs: list[dict[str, Any]] = []

    def __call__(self, method: str, path: str, *_: object) -> tuple[int, dict[str, str], bytes]:
        where = urlsplit(path).path.removeprefix("/api/v2/")
        self.asked.append(f"{method} {where}")
        time.sleep(0.05)
        told: dict[str, Any] = {"dag_runs": self.runs, "task_instances": [], "xcom_entries": [], "dags": [DAG]}
        one = {"total_entries": 1, "is_paused": False, "dag_id": "daily", **told}
        if where.startswith("dags/daily/dagRuns/") and where.count("/") == 3:
            one = {**one, **self.runs[0]}
        return 200, {}, json.dumps(one).encode()

    def count(self, asked: str) -> int:
        return self.asked.count(asked)


@pytest.fixture
def airflow() -> Answers:
    return Answers()


@pytest.fixture
def project(project: Path, airflow: Answers) -> Iterator[Path]:
    (project / "targets").mkdir(exist_ok=True)
    (project / "targets" / "far.yml").write_text("catalog: dev\nsources: dev\n", encoding="utf-8")
    with serving(airflow) as url:
        with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
            olo_yml.write(f"orchestrators:\n  flow: {{type: airflow, url: '{url}', targets: [far], token_env: PATH}}\n")
        yield project


async def test_many_pages_are_one_question_until_something_changes(jp_fetch: Fetch, airflow: Answers) -> None:
    async def look() -> Any:
        answer = await jp_fetch("olo", "api", "jobs", params={"target": "far"})
        return json.loads(answer.body)["total"]

    assert await asyncio.gather(*(look() for _ in range(20))) == [1] * 20
    listed = airflow.count("GET dags")
    assert airflow.count("GET dagStats") == 1, airflow.asked
    body = json.dumps({"target": "far", "paused": True})
    await jp_fetch("olo", "api", "jobs", "daily", "pause", method="POST", body=body, headers=JSON)
    await look()
    assert airflow.count("GET dagStats") == 2, "who looks after a change sees what is after it"
    assert airflow.count("GET dags") > listed


async def test_what_lies_on_this_machine_is_read_each_time(jp_fetch: Fetch, project: Path) -> None:
    async def names() -> list[str]:
        answer = await jp_fetch("olo", "api", "jobs")
        return [job["name"] for job in json.loads(answer.body)["jobs"]]

    before = await names()
    (project / "jobs" / "second.yml").write_text("version: 1\nname: second\ntasks: [{name: a, shell: {command: ls}}]\n")
    assert sorted([*before, "second"]) == sorted(await names())


async def test_prometheus_has_an_airflow_followed_and_sees_what_ended(
    jp_fetch: Fetch, airflow: Answers, monkeypatch: pytest.MonkeyPatch, jp_serverapp: Any
) -> None:
    monkeypatch.setattr(jp_serverapp.web_app.settings["olo_workspace"].ended, "_settle", 0.0)

    async def told() -> str:
        return str((await jp_fetch("metrics")).body.decode())

    assert airflow.asked == []
    assert 'target="far"' not in await told()
    begun = {"dag_id": "daily", "dag_run_id": "r1", "state": "success", "start_date": "2026-01-31T06:00:00Z"}
    airflow.runs = [{**begun, "end_date": "2026-01-31T06:00:20Z"}]
    wanted = 'olo_runs_total{job_name="daily",state="success",target="far",workspace="shop"} 1.0'
    end = time.monotonic() + 60
    while wanted not in (text := await told()):
        assert time.monotonic() < end, text[-2000:]
        await asyncio.sleep(0.5)
    assert 'olo_run_seconds_sum{job_name="daily",state="success",target="far",workspace="shop"} 20.0' in text
