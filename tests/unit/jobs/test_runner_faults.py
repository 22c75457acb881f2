"""What may befall a run: killed at any moment, two at once, a full disk, a late one, secrets in its output."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from olo_jobs.load import parse_job
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.jobs.runner import RunRequest, planned, run_job
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.targets import Target

DEV = Target("dev", catalog="dev", sources="dev")
STEPS = """\
version: 1
name: steps
tasks:
  - {name: a, shell: {command: 'sleep 0.05; echo a >> out'}}
  - {name: b, depends_on: [a], shell: {command: 'sleep 0.05; echo b >> out'}}
  - {name: c, depends_on: [a], shell: {command: 'sleep 0.05; echo c >> out'}}
  - {name: d, depends_on: [b, c], shell: {command: 'sleep 0.05; echo d >> out'}}
"""
RUN = """\
import sys, pathlib
from tests.unit.jobs.test_runner_faults import request
from olo_jupyter.jobs.runner import run_job
print("ready", flush=True)
run_job(request(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).read_text()))
"""


def request(folder: Path, text: str, **more: object) -> RunRequest:
    root = folder / "project"
    root.mkdir(exist_ok=True)
    return RunRequest(parse_job(text), root, root, folder / "state", "project", DEV, "ana", **more)


def in_a_process(folder: Path, text: str) -> subprocess.Popen[str]:
    """A runner of its own, past its imports."""
    (folder / "job.yml").write_text(text)
    command = [sys.executable, "-c", RUN, str(folder), str(folder / "job.yml")]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def last(folder: Path) -> RunRecord:
    return RunStore(folder / "state" / "runs.db").runs(limit=1)[0]


def killed_then_resumed(folder: Path, after: float) -> None:
    process = in_a_process(folder, STEPS)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    records = RunStore(folder / "state" / "runs.db").runs()
    if not records or records[0].state == "success":
        return  # killed before the run had a record, or when it was over
    (record,) = records
    assert record.state == "failed"
    assert {task.state for task in record.tasks} <= ENDED
    before = {task.name for task in record.tasks if task.state == "success"}
    resumed = run_job(request(folder, STEPS, resume=record))
    assert (resumed.state, resumed.id) == ("success", record.id)
    lines = (folder / "project" / "out").read_text().split()
    # A task that had succeeded ran once; one that was killed may have done its work before it could say so.
    assert all(lines.count(name) == 1 for name in before)
    assert {name: lines.count(name) in (1, 2) for name in "abcd"} == dict.fromkeys("abcd", True)


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_a_random_moment_and_resumed(tmp_path: Path, seed: int) -> None:
    killed_then_resumed(tmp_path, random.Random(seed).uniform(0, 0.8))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 200))
def test_killed_at_a_hundred_moments(tmp_path: Path, seed: int) -> None:
    killed_then_resumed(tmp_path, random.Random(seed).uniform(0, 0.8))


def test_what_a_killed_runner_left_running_is_ended(tmp_path: Path) -> None:
    text = "version: 1\nname: left\ntasks:\n  - {name: a, shell: {command: 'sleep 300 & echo $! > pid; wait'}}\n"
    process = in_a_process(tmp_path, text)
    pid = tmp_path / "project" / "pid"
    while not (pid.exists() and pid.read_text().strip()):
        time.sleep(0.05)
    process.kill()
    process.wait()
    child = Path(f"/proc/{pid.read_text().strip()}")
    assert child.exists()
    assert last(tmp_path).state == "failed"
    end = time.monotonic() + 5
    while child.exists() and "Z" not in child.joinpath("stat").read_text() and time.monotonic() < end:
        time.sleep(0.05)
    assert not child.exists() or "Z" in child.joinpath("stat").read_text()


def test_a_terminated_runner_says_cancelled(tmp_path: Path) -> None:
    text = "version: 1\nname: job\ntasks:\n  - {name: a, shell: {command: 'echo x > started; sleep 300'}}\n"
    process = in_a_process(tmp_path, text)
    while not (tmp_path / "project" / "started").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert last(tmp_path).state == "cancelled"


def test_two_at_once_run_one_after_the_other(tmp_path: Path) -> None:
    text = "version: 1\nname: one\ntasks:\n  - {name: a, shell: {command: 'mkdir lock; sleep 0.3; rmdir lock'}}\n"
    states: list[str] = []
    runners = [threading.Thread(target=lambda: states.append(run_job(request(tmp_path, text)).state)) for _ in range(3)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert states == ["success"] * 3


def test_a_run_under_way_is_not_resumed(tmp_path: Path) -> None:
    process = in_a_process(tmp_path, "version: 1\nname: job\ntasks: [{name: a, shell: {command: 'sleep 300'}}]\n")
    store = RunStore(tmp_path / "state" / "runs.db")
    while not (records := store.runs()) or records[0].state != "running":
        time.sleep(0.05)
    with pytest.raises(Exception, match="under way in another process"):
        store.claim(records[0], 1)
    process.terminate()
    process.wait()


def test_a_full_disk_ends_the_run_with_one_error(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "job.yml").write_text(STEPS)
    code = (
        "import resource, signal, sys, pathlib\n"
        "from tests.unit.jobs.test_runner_faults import request\n"
        "from olo_jupyter.jobs.runner import run_job\nfrom olo_jupyter.errors import OloError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "run_job(request(folder, (folder / 'job.yml').read_text()))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    run_job(request(folder, (folder / 'job.yml').read_text()))\n"
        "except OloError as error:\n    print(error.code, error.message)\n    sys.exit(7)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False, timeout=60)
    assert done.returncode == 7, done.stderr
    assert done.stdout.startswith("run-store ")
    assert "Traceback" not in done.stderr
    assert {record.state for record in RunStore(tmp_path / "state" / "runs.db").runs()} <= ENDED


def test_secrets_are_hidden_and_a_missing_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLO_SECRET_API_TOKEN", "s3cr3t-value")
    text = (
        "version: 1\nname: job\ntasks:\n"
        "  - {name: a, shell: {command: 'echo token $T; exit 1'}, env: {T: {secret: api-token}}}\n"
        "  - {name: b, shell: {command: 'true'}, env: {T: {secret: other}}}\n"
    )
    record = run_job(request(tmp_path, text))
    assert Path(record.task("a").log).read_text() == "token ***\n"
    assert "s3cr3t" not in record.model_dump_json()
    assert "OLO_SECRET_OTHER" in record.task("b").message


def test_a_late_run_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "version: 1\nname: job\nsla: 1s\nnotify: {on_sla_miss: [{email: a@example.org}]}\n"
        "tasks: [{name: a, shell: {command: 'sleep 2'}}]\n"
    )
    monkeypatch.delenv("OLO_SMTP_HOST", raising=False)
    record = run_job(request(tmp_path, text))
    assert record.state == "success"
    assert record.warnings == [
        "It isn't done after its SLA of 1s.", "No mail server is named: set OLO_SMTP_HOST; not told.",
    ]  # fmt: skip


def test_metrics_go_to_a_text_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLO_METRICS_FOLDER", str(tmp_path))
    run_job(request(tmp_path, STEPS))
    text = (tmp_path / "olo_dev_steps.prom").read_text()
    assert 'olo_run_success{job_name="steps",target="dev"} 1.0' in text
    assert 'olo_task_attempts{job_name="steps",target="dev",task="a"} 1.0' in text


def test_a_dry_run_starts_nothing(tmp_path: Path) -> None:
    record = planned(request(tmp_path, STEPS))
    assert record.tasks[0].name == "a"
    assert not (tmp_path / "state").exists()


def test_models_that_a_task_logs_name_the_run(tmp_path: Path) -> None:
    text = "version: 1\nname: job\ntasks: [{name: a, shell: {command: 'echo \"$MLFLOW_RUN_CONTEXT\"'}}]\n"
    record = run_job(request(tmp_path, text))
    assert json.loads(Path(record.task("a").log).read_text()) == {"olo.run_id": record.id, "olo.task": "a"}
