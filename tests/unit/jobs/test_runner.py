"""The local runner with real processes: order, failure, retries, cancel, records and lineage."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from olo_jobs.load import parse_job
from olo_jobs.target import TargetSpec
from olo_jupyter.backends.lineage.event import read_event
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.runner import RunError, RunRequest, run_job
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.targets import Target

SANDBOX = Target("sandbox", catalog="ana_sandbox", sources="dev")


def request(tmp_path: Path, tasks: str, **more) -> RunRequest:
    job = parse_job(f"version: 1\nname: job\nparameters: {{n: {{type: integer, default: 1}}}}\ntasks:\n{tasks}")
    folder = tmp_path / "project"
    folder.mkdir(exist_ok=True)
    return RunRequest(job, folder, folder, tmp_path / "state", "project", SANDBOX, "ana", **more)


def states(record: RunRecord) -> dict[str, str]:
    return {task.name: task.state for task in record.tasks}


def test_tasks_run_in_order_and_leave_lineage(tmp_path: Path) -> None:
    tasks = (
        '- {name: second, depends_on: [first], shell: {command: [sh, -c, "cat one && echo {{ n }} > two"]}}\n'
        '- {name: first, shell: {command: "echo $VALUE > one"}, env: {VALUE: "n is {{ n }}"}}\n'
    )
    seen: list[str] = []
    record = run_job(request(tmp_path, tasks, parameters={"n": "7"}), lambda record: seen.append(record.state))
    assert (record.state, states(record)) == ("success", {"first": "success", "second": "success"})
    assert (tmp_path / "project" / "one").read_text() == "n is 7\n"
    assert (tmp_path / "project" / "two").read_text() == "7\n"
    assert seen[-1] == "success"
    events = [json.loads(line) for line in (tmp_path / "state/lineage/events.jsonl").read_text().splitlines()]
    assert [(event["job"]["name"], event["eventType"]) for event in events] == [
        ("job", "START"),
        ("job.first", "START"),
        ("job.first", "COMPLETE"),
        ("job.second", "START"),
        ("job.second", "COMPLETE"),
        ("job", "COMPLETE"),
    ]
    for event in events:
        read_event(event)  # valid by the specification
    stored = RunStore(tmp_path / "state/runs.db").run(record.id)
    assert stored == record


def test_failure_skips_what_depends_on_it_and_shows_the_log(tmp_path: Path) -> None:
    tasks = (
        '- {name: bad, shell: {command: "echo broken; exit 3"}}\n'
        '- {name: after, depends_on: [bad], shell: {command: "true"}}\n'
        '- {name: beside, shell: {command: "true"}}\n'
    )
    record = run_job(request(tmp_path, tasks))
    assert record.state == "failed"
    assert states(record) == {"bad": "failed", "beside": "success", "after": "skipped"}
    assert "Exit code 3.\nbroken" in record.tasks[0].message


def test_retry_until_it_works(tmp_path: Path) -> None:
    script = "echo x >> tries; test $(wc -l < tries) -ge 3"
    tasks = f'- {{name: flaky, retries: {{attempts: 4, initial: 0s, max: 1s}}, shell: {{command: "{script}"}}}}\n'
    record = run_job(request(tmp_path, tasks))
    assert (record.state, record.tasks[0].attempts) == ("success", 3)


def test_time_limit_ends_children_too(tmp_path: Path) -> None:
    tasks = '- {name: slow, timeout: 1s, shell: {command: "sleep 60 & echo $! > child; wait"}}\n'
    started = time.monotonic()
    record = run_job(request(tmp_path, tasks))
    assert record.state == "failed"
    assert "time limit of 1s" in record.tasks[0].message
    assert time.monotonic() - started < 15
    child = int((tmp_path / "project/child").read_text())
    assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]


def test_productions_jobs_run_as_its_account_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = TargetSpec(catalog="prod", service_account="svc-olo-prod")
    asked = request(tmp_path, '- {name: one, shell: {command: "touch ran"}}\n')
    asked = replace(asked, target=Target("prod", catalog="prod", sources="prod", spec=spec))
    monkeypatch.delenv("OLO_SERVICE_ACCOUNT", raising=False)
    with pytest.raises(RunError, match="run as its service account svc-olo-prod only, not as ana") as refused:
        run_job(asked)
    assert refused.value.code == "not-its-account"
    assert not (tmp_path / "project/ran").exists()
    assert not (tmp_path / "state").exists()
    monkeypatch.setenv("OLO_SERVICE_ACCOUNT", "svc-olo-prod")
    assert run_job(asked).state == "success"


def test_interrupt_cancels(tmp_path: Path) -> None:
    tasks = '- {name: slow, shell: {command: "sleep 60"}}\n- {name: after, depends_on: [slow], shell: {command: ls}}\n'
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    record = run_job(request(tmp_path, tasks))
    assert record.state == "cancelled"
    assert states(record)["slow"] == "cancelled"


def test_run_of_a_killed_process_is_failed(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path; from datetime import datetime, UTC\n"
        "from olo_jupyter.jobs.store import RunStore; from olo_jupyter.jobs.records import RunRecord, TaskRun\n"
        "store = RunStore(Path(sys.argv[1]))\n"
        "tasks = [TaskRun(name='a', kind='shell', state='running'), TaskRun(name='b', kind='shell')]\n"
        "store.save(RunRecord(id='1', job='j', target='t', state='running', started=datetime.now(UTC), tasks=tasks))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "runs.db"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    record = RunStore(path).run("1")
    assert record is not None
    assert (record.state, states(record)) == ("failed", {"a": "failed", "b": "skipped"})
    assert "gone" in record.message


@pytest.mark.parametrize(("given", "words"), [({"m": 1}, "no parameter 'm'"), ({"n": "x"}, "is not an integer")])
def test_wrong_parameters_start_nothing(tmp_path: Path, given: dict, words: str) -> None:
    tasks = '- {name: a, shell: {command: "echo {{ n }}"}}\n'.replace("{{ n }}", "n")
    with pytest.raises(RunError, match=words):
        run_job(request(tmp_path, tasks, parameters=given))
    assert not (tmp_path / "state/runs.db").exists()
