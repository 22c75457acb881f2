"""What jobs and queries used: measured by the runner, summed from the stores, priced, and shown to Prometheus."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from olo_jobs.activity import read_report
from olo_jobs.load import parse_job
from olo_jupyter.config import Settings, load_settings
from olo_jupyter.jobs.costs import costs
from olo_jupyter.jobs.ended import EndedRuns
from olo_jupyter.jobs.runner import RunRequest, run_job
from olo_jupyter.jobs.usage import query_usage, run_usage, task_usage
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.project.targets import Target
from olo_jupyter.server.collector import ProjectCollector
from olo_jupyter.service_settings import PriceSettings
from tests.shop import add_items, forget_environment, lay_out

BUSY = """
import time
data = bytearray(80_000_000)
end = time.process_time() + 0.3
while time.process_time() < end:
    pass
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The shop after one run that worked, one that failed, and some statements."""
    forget_environment(monkeypatch)
    root = lay_out(tmp_path)
    add_items(root)
    (root / "busy.py").write_text(BUSY)
    tasks = '- {name: busy, shell: {command: ["python3", "busy.py"]}}'
    for name, more in (("good", ""), ("bad", '\n- {name: no, depends_on: [busy], shell: {command: "exit 1"}}')):
        job = parse_job(f"version: 1\nname: {name}\ntasks:\n{tasks}{more}")
        settings = load_settings(root, {})
        target = Target("sandbox", catalog="ana_sandbox", sources="dev")
        run_job(RunRequest(job, root, root, settings.state, "shop", target, "ana"))
    return settings


def test_the_runner_measures_what_a_task_used(settings: Settings) -> None:
    used = {(one.job, one.task): one for one in task_usage(settings.state)}
    assert set(used) == {("good", "busy"), ("bad", "busy"), ("bad", "no")}
    assert 0.3 <= used["good", "busy"].cpu_seconds < 30
    assert used["good", "busy"].memory_bytes > 80_000_000


def test_runs_are_summed_by_job_target_and_state(settings: Settings) -> None:
    found = {(one.job, one.target, one.state): one for one in run_usage(settings.state)}
    assert set(found) == {("good", "sandbox", "success"), ("bad", "sandbox", "failed")}
    good = found["good", "sandbox", "success"]
    assert (good.runs, good.late, good.within[-1]) == (1, 0, 1)
    assert 0.2 < good.seconds < 60
    assert run_usage(settings.state, since=datetime.now(UTC) + timedelta(hours=1)) == []


def test_statements_are_summed_by_person_engine_and_state(settings: Settings) -> None:
    with Session(settings) as session:
        session.sql("SELECT count(*) FROM silver.items")
    (ana,) = query_usage(settings.state)
    assert (ana.user, ana.engine, ana.state, ana.statements) == ("ana", "embedded", "finished", 4)
    assert ana.bytes_scanned > 0


def test_costs_are_what_was_used_times_the_prices(settings: Settings) -> None:
    dear = costs(settings.state, PriceSettings(cpu_hour=3600.0), "job")
    cpu = {one.job: one.cpu_seconds for one in task_usage(settings.state) if one.task == "busy"}
    assert {one.name: one.cost for one in dear}["good"] == pytest.approx(cpu["good"])
    assert [one.cost for one in costs(settings.state, PriceSettings(), "job")] == [None, None]
    (ana,) = costs(settings.state, PriceSettings(tib_scanned=1024.0**4), "user")
    assert (ana.name, ana.cpu_hours, ana.cost) == ("ana", None, ana.bytes_scanned)


def history_of_trino(settings: Settings, *, kept: bool) -> None:
    """The history with one statement that ran on Trino; without ``kept`` as the version before made it."""
    with closing(sqlite3.connect(settings.state / "history.db")) as history:
        history.execute("DELETE FROM statements")
        history.execute(
            "INSERT INTO statements (started, user, workspace, engine, sql, parameters, as_of, state, notebook, cell, "
            "host, process, seconds, bytes, cpu_seconds) VALUES ('2026-11-28T10:00:00.000+00:00', 'ana', '', 'trino', "
            "'SELECT 1', '{}', '', 'finished', '', '', '', '', 2.0, 0, 7200.0)"
        )
        if not kept:
            history.execute("ALTER TABLE statements DROP COLUMN cpu_seconds")
        history.commit()


def test_what_trino_spent_is_cpu_of_people_and_engines(settings: Settings) -> None:
    history_of_trino(settings, kept=True)
    for by, name in (("user", "ana"), ("engine", "trino")):
        (one,) = costs(settings.state, PriceSettings(cpu_hour=0.05), by)  # type: ignore[arg-type]
        assert (one.name, one.cpu_hours, one.cost) == (name, 2.0, 0.1)
    registry = CollectorRegistry()
    registry.register(ProjectCollector(lambda: settings, EndedRuns()))
    told = generate_latest(registry).decode()
    assert 'olo_query_cpu_seconds_total{engine="trino",user="ana",workspace="shop"} 7200.0' in told


def test_a_history_of_the_version_before_is_read_and_grows(settings: Settings) -> None:
    history_of_trino(settings, kept=False)
    (old,) = query_usage(settings.state)
    assert (old.engine, old.seconds, old.cpu_seconds) == ("trino", 2.0, None)
    with Session(settings) as session:
        assert [(one.sql, one.cpu_seconds) for one in session.history.entries()] == [("SELECT 1", None)]
        session.sql("SELECT count(*) FROM silver.items")
        assert [one.sql for one in session.history.entries()][1:] == ["SELECT 1"]
    history_of_trino(settings, kept=True)  # the column is there


def test_a_task_counts_what_trino_spent_on_its_statements(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    lines = [
        {"reads": {}, "writes": {}, "rows": 1, "dropped": [], "bytes": 5, "cpu_seconds": told}
        for told in (1.5, None, 2)
    ]
    report.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    activity = read_report(report)
    assert (activity.engine_cpu_seconds, activity.bytes_scanned) == (3.5, 15)


def test_prometheus_is_shown_the_same(settings: Settings) -> None:
    registry = CollectorRegistry()
    priced = settings.model_copy(update={"prices": PriceSettings(cpu_hour=0.05)})
    registry.register(ProjectCollector(lambda: priced, EndedRuns()))
    text = generate_latest(registry).decode()
    assert "olo_project_readable 1.0" in text
    assert 'olo_runs_total{job_name="bad",state="failed",target="sandbox",workspace="shop"} 1.0' in text
    assert 'olo_run_seconds_count{job_name="good",state="success",target="sandbox",workspace="shop"} 1.0' in text
    assert 'olo_queries_total{engine="embedded",state="finished",user="ana",workspace="shop"} 3.0' in text
    assert 'olo_price{currency="EUR",unit="cpu_hour",workspace="shop"} 0.05' in text


def test_a_damaged_store_is_told_and_breaks_no_scrape(settings: Settings) -> None:
    (settings.state / "runs.db").write_bytes(b"no database" * 100)
    registry = CollectorRegistry()
    registry.register(ProjectCollector(lambda: settings, EndedRuns()))
    assert generate_latest(registry).decode().splitlines()[-1] == "olo_project_readable 0.0"
