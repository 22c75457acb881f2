"""What running and serving jobs costs: the local runner over bare processes, many jobs at once, job files as DAGs."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measure import Figure
from benchmarks.options import Options
from olo_jobs.load import parse_job
from olo_jupyter.jobs.runner import RunRequest, run_job
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.targets import Target
from tests.killed_runs import killed_runs

OVERHEAD_GOAL = 0.050
"""Seconds a task over the bare process."""
LOADING_GOAL = 1.5
VALIDATING_GOAL = 3.0
JOBS, SPECS, KILLS = 100, 500, 100
_DEV = Target("dev", catalog="dev", sources="dev")
_SPEC = """\
version: 1
name: job_{number}
owner: ana
schedule: {{cron: "0 {hour} * * *", timezone: Europe/Berlin}}
parameters: {{day: {{type: date, default: "{{{{ logical_date }}}}"}}}}
sla: 30m
tasks:
  - {{name: a, shell: {{command: ["true"]}}}}
  - {{name: b, depends_on: [a], shell: {{command: ["true", "{{{{ day }}}}"]}}}}
  - {{name: c, depends_on: [a], shell: {{command: ["true"]}}}}
  - {{name: d, depends_on: [b, c], shell: {{command: ["true"]}}}}
  - {{name: e, depends_on: [d], shell: {{command: ["true"]}}}}
"""
_LOAD = """\
import sys, time
import airflow.sdk
from airflow.sdk import (
    DAG, Asset, AssetAlias, AssetAll, AssetAny, BaseOperator, CronTriggerTimetable, DeadlineAlert, DeadlineReference,
    DeltaTriggerTimetable, Param, SyncCallback, Variable, get_parsing_context,
)
from airflow.sdk.exceptions import AirflowException
started = time.perf_counter()
from olo_jobs.airflow import load_dags
dags = load_dags(sys.argv[1])
print(len(dags), time.perf_counter() - started)
"""


def figures(options: Options) -> Iterator[Figure]:
    """Overhead, many runs at once, files as DAGs (in Airflow's environment) and validated, runs that are killed."""
    with tempfile.TemporaryDirectory() as folder:
        yield _overhead(Path(folder), 20 if options.full else 5)
    with tempfile.TemporaryDirectory() as folder:
        yield _at_once(Path(folder), JOBS if options.full else 20)
    with tempfile.TemporaryDirectory() as folder:
        yield _loading(Path(folder), SPECS)
    with tempfile.TemporaryDirectory() as folder:
        yield _validating(Path(folder) / "shop", SPECS)
    with tempfile.TemporaryDirectory() as folder:
        yield _killed(Path(folder), KILLS if options.full else 10)


def _request(folder: Path, number: int) -> RunRequest:
    root = folder / "project"
    root.mkdir(exist_ok=True)
    job = parse_job(_SPEC.format(number=number, hour=number % 24))
    return RunRequest(job, root, root, folder / "state", "bench", _DEV, "ana")


def _overhead(folder: Path, runs: int) -> Figure:
    """Runs of five tasks in turn with the same processes bare, in the order of their dependencies (b and c at once)."""
    ours, bare = [], []
    for number in range(runs):
        started = time.perf_counter()
        assert run_job(_request(folder, number)).state == "success"
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        for together in (1, 2, 1, 1):
            for process in [subprocess.Popen(["true"], start_new_session=True) for _ in range(together)]:
                process.wait()
        bare.append(time.perf_counter() - started)
    mine, theirs = sorted(ours)[runs // 2], sorted(bare)[runs // 2]
    each = (mine - theirs) / 5
    return Figure(
        "A run of 5 tasks on the local runner over the bare processes",
        f"{mine * 1000:.0f} ms",
        f"{theirs * 1000:.0f} ms",
        f"+{each * 1000:.1f} ms a task",
        f"≤ {OVERHEAD_GOAL * 1000:.0f} ms",
        each <= OVERHEAD_GOAL,
    )


def _at_once(folder: Path, count: int) -> Figure:
    started = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        states = list(pool.map(lambda number: run_job(_request(folder, number)).state, range(count)))
    taken = time.perf_counter() - started
    right = states.count("success")
    return Figure(
        f"{count} jobs of 5 tasks at once",
        f"{taken:.1f} s in all",
        "",
        f"{right} of {count} right, {taken / count / 5 * 1000:.0f} ms a task",
        f"all right, ≤ {OVERHEAD_GOAL * 1000:.0f} ms a task",
        right == count and taken / count / 5 <= OVERHEAD_GOAL,
    )


def _loading(folder: Path, count: int) -> Figure:
    from tests.services import airflow

    python = airflow.install() / "env" / "bin" / "python"
    for name in ("jobs", "targets"):
        (folder / name).mkdir()
    (folder / "olo.yml").write_text("version: 1\nname: bench\n")
    (folder / "targets" / "prod.yml").write_text("catalog: dev\n")
    for number in range(count):
        (folder / "jobs" / f"job_{number}.yml").write_text(_SPEC.format(number=number, hour=number % 24))
    environ = {
        "PYTHONPATH": str(Path(__file__).parents[1] / "jobs"), "AIRFLOW_HOME": str(folder), "HOME": str(folder),
    }  # fmt: skip
    taken = []
    for _ in range(5):
        done = subprocess.run(
            [str(python), "-c", _LOAD, str(folder)], env=environ, capture_output=True, text=True, check=True
        )
        found, seconds = done.stdout.split()[-2:]
        assert int(found) == count, done.stdout
        taken.append(float(seconds))
    median = sorted(taken)[2]
    return Figure(
        f"{count} job files of 5 tasks as DAGs, without Airflow's own import",
        f"{median:.2f} s",
        "",
        f"{median / count * 1000:.1f} ms a file",
        f"≤ {LOADING_GOAL} s",
        median <= LOADING_GOAL,
    )


def _validating(folder: Path, count: int) -> Figure:
    """The command whole, on a project of the blueprint; dbt's own parse is done once before and found unchanged."""
    create(folder, Answers("shop"))
    for number in range(count):
        (folder / "jobs" / f"job_{number}.yml").write_text(_SPEC.format(number=number, hour=number % 24))
    environ = {**os.environ, "OLO_USER": "ana", "OLO_STATE": str(folder.parent / "state")}
    command = [sys.executable, "-m", "olo_jupyter.cli", "validate"]
    taken, worked = [], []
    for _ in range(6):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(time.perf_counter() - started)
        worked.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    median, processor = sorted(taken[1:])[2], sorted(worked[1:])[2]
    return Figure(
        f"olo validate of {count} job files of 5 tasks",
        f"{median:.2f} s",
        "",
        f"processor {processor:.2f} s; the first time, with dbt's parse, {worked[0]:.1f} s",
        f"≤ {VALIDATING_GOAL:.0f} s",
        median <= VALIDATING_GOAL,
    )


def _killed(folder: Path, count: int) -> Figure:
    """Runs of a SQL task that replaces, appends to or merges into a table, killed at a random moment, then resumed."""
    outcome = killed_runs(folder, count)
    return Figure(
        f"{count} runs of a statement (replace, append, merge) killed by SIGKILL at a random moment",
        f"{outcome.killed} killed under way",
        "",
        f"{outcome.wrong} tables at neither snapshot, {outcome.unfinished} not finished by resume",
        "0, 0",
        outcome.wrong == outcome.unfinished == 0,
    )
