"""Runs that ended in Airflow: counted once, with what their tasks used, and shown to Prometheus."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from olo_jupyter.config import load_settings
from olo_jupyter.jobs.ended import EndedRuns
from olo_jupyter.jobs.query import Changes
from olo_jupyter.jobs.records import RunRecord, State, TaskRun
from olo_jupyter.jobs.usage import BUCKETS
from olo_jupyter.server.collector import ProjectCollector
from olo_jupyter.server.following import INTERVAL, Following, rest
from tests.shop import forget_environment, lay_out

BEGIN = datetime(2026, 1, 31, 6, tzinfo=UTC)


def record(id: str, state: State, seconds: float, **tasks: float) -> RunRecord:
    """A run that began at six and took so long; its tasks with the CPU time that each used, each all of that time."""
    end = BEGIN + timedelta(seconds=seconds)
    ran = [
        TaskRun(name=name, kind="", state=state, started=BEGIN, ended=end, cpu_seconds=cpu, memory_bytes=int(cpu * 100))
        for name, cpu in tasks.items()
    ]
    ended = end if state in ("success", "failed") else None
    return RunRecord(id=id, job="daily", target="prod", state=state, started=BEGIN, ended=ended, tasks=ran)


def test_a_run_counts_once_when_it_has_ended() -> None:
    ended = EndedRuns(settle=0)
    ended.add(record("daily/a", "running", 5))
    assert ended.runs() == []
    for _ in range(3):  # looks overlap
        ended.add(record("daily/a", "success", 20, load=2.0, check=1.0))
    ended.add(record("daily/b", "success", 40, load=4.0))
    ended.add(record("daily/c", "failed", 5, load=0.5))
    failed, success = ended.runs()
    assert (failed.job, failed.target, failed.state, failed.runs) == ("daily", "prod", "failed", 1)
    assert (success.runs, success.seconds, success.last_ended) == (2, 60.0, "2026-01-31T06:00:40+00:00")
    assert dict(zip(BUCKETS, success.within, strict=True))[30.0] == 1
    assert success.within[-1] == 2
    check, load = ended.tasks()
    assert (load.task, load.cpu_seconds, load.memory_bytes) == ("load", 6.5, 400)
    assert (check.task, check.cpu_seconds) == ("check", 1.0)


def test_a_run_that_ran_again_counts_again_but_not_its_tasks_that_did_not() -> None:
    ended = EndedRuns(settle=0)
    first = record("daily/a", "failed", 20, load=2.0, check=1.0)
    ended.add(first)
    later = first.ended + timedelta(hours=1) if first.ended else None
    tasks = [first.tasks[0], first.tasks[1].model_copy(update={"ended": later, "cpu_seconds": 3.0})]
    again = first.model_copy(update={"state": "success", "ended": later, "tasks": tasks})
    ended.add(first.model_copy(update={"state": "running", "ended": None}))
    ended.add(again)
    ended.add(again)
    assert [(one.state, one.runs) for one in ended.runs()] == [("failed", 1), ("success", 1)]
    assert {one.task: one.cpu_seconds for one in ended.tasks()} == {"load": 2.0, "check": 4.0}


def test_a_new_sum_begins_with_0_so_that_its_first_run_is_an_increase() -> None:
    ended = EndedRuns(settle=0.3)
    ended.add(record("daily/a", "success", 20, load=2.0))
    (run,), (load,) = ended.runs(), ended.tasks()
    assert (run.runs, run.seconds, run.late, set(run.within)) == (0, 0.0, 0, {0})
    assert run.last_ended == "2026-01-31T06:00:20+00:00"
    assert (load.cpu_seconds, load.memory_bytes) == (0.0, 200)
    time.sleep(0.3)
    (run,), (load,) = ended.runs(), ended.tasks()
    assert (run.runs, run.seconds, load.cpu_seconds) == (1, 20.0, 2.0)


def test_what_nobody_measured_is_nothing() -> None:
    ended = EndedRuns(settle=0)
    task = TaskRun(name="load", kind="", state="success", started=BEGIN, ended=BEGIN)
    ended.add(record("daily/a", "success", 1).model_copy(update={"tasks": [task]}))
    (load,) = ended.tasks()
    assert (load.cpu_seconds, load.memory_bytes, load.bytes_scanned) == (0.0, 0, 0)


def test_it_is_late_where_the_project_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_environment(monkeypatch)
    root = lay_out(tmp_path)
    with (root / "olo.yml").open("a") as olo_yml:
        olo_yml.write("orchestrators:\n  flow: {type: airflow, url: 'http://127.0.0.1:9', targets: [prod, dev]}\n")
    (root / "targets").mkdir()
    (root / "targets" / "prod.yml").write_text("catalog: dev\n")
    (root / "jobs").mkdir()
    (root / "jobs" / "daily.yml").write_text(
        "version: 1\nname: daily\nsla: 30s\ntasks: [{name: a, shell: {command: ls}}]\n"
    )
    settings, ended = load_settings(root), EndedRuns(settle=0)
    following = Following(settings, ended)
    assert following.far_targets == ["prod", "dev"]
    unknown = record("other/a", "success", 4000).model_copy(update={"job": "other"})
    runs = (
        record("daily/a", "success", 29),
        record("daily/b", "success", 31),
        record("daily/c", "running", 99),
        unknown,
    )
    following.count("prod", Changes(runs, ""))
    assert [(one.job, one.runs, one.late) for one in ended.runs()] == [("daily", 2, 1), ("other", 1, 0)]
    asked: list[str] = []
    registry = CollectorRegistry()
    registry.register(ProjectCollector(lambda: settings, ended, lambda: asked.append("asked")))
    text = generate_latest(registry).decode()
    assert asked == ["asked"]
    assert 'olo_runs_total{job_name="daily",state="success",target="prod",workspace="shop"} 2.0' in text
    assert 'olo_run_late_total{job_name="daily",target="prod",workspace="shop"} 1.0' in text
    assert text.count("# TYPE olo_runs_total counter") == 1
    following.close()


def test_looks_begin_an_interval_apart_and_leave_a_slow_upstream_half_of_it() -> None:
    now = time.monotonic()
    assert rest(now) == pytest.approx(INTERVAL, abs=0.05)
    assert rest(now - 0.3) == pytest.approx(INTERVAL - 0.3, abs=0.05)
    assert rest(now - 60) == INTERVAL / 2
