"""The local runner: a job's tasks in the order of their dependencies, in parallel where they allow it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from openlineage.client.uuid import generate_new_uuid, generate_static_uuid

from olo_jobs.spec import JobSpec, Retries, Task, render, seconds
from olo_jupyter.backends.lineage import LineageFile
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.commands import RunContext, command, environment, log_path, report_path
from olo_jupyter.jobs.outcome import collect, log_end
from olo_jupyter.jobs.process import CancelledError, ChildProcesses, TimeLimitError
from olo_jupyter.jobs.records import RunRecord, TaskRun
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.targets import Target

PARALLEL_TASKS = 4


class RunError(OloError):
    """A job that can't be started: wrong parameters."""

    default_code = "bad-parameter"


@dataclass(frozen=True)
class RunRequest:
    """What to run.

    Args:
        job: The spec.
        root: Folder of the project (or of a worktree of it) that the tasks work in.
        config: Folder whose olo.yml configures the catalogs.
        state: The project's state folder.
        project: The project's name; namespace of its lineage.
        target: The environment to run in.
        ref: Git ref or commit that ``root`` holds; '' for the working tree.
        parameters: Given values, by name.
    """

    job: JobSpec
    root: Path
    config: Path
    state: Path
    project: str
    target: Target
    user: str
    ref: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


def run_job(request: RunRequest, on_change: Callable[[RunRecord], None] | None = None) -> RunRecord:
    """Run a job to its end. A KeyboardInterrupt ends the children and gives a cancelled record.

    Args:
        request: The job and where it runs.
        on_change: Called with the record whenever a state changes, from any thread, one call at a time.

    Raises:
        RunError: A parameter is unknown, missing or of the wrong type; nothing ran.
    """
    return _Run(request, on_change).execute()


def parameter_values(job: JobSpec, given: Mapping[str, Any], started: datetime) -> dict[str, Any]:
    """The values of a run's parameters: given ones checked and converted, else defaults.

    Raises:
        RunError: Unknown, missing or of the wrong type.
    """
    unknown = sorted(set(given) - set(job.parameters))
    if unknown:
        known = ", ".join(job.parameters) or "none"
        raise RunError(f"Job {job.name} has no parameter {unknown[0]!r}.", hint=f"Its parameters: {known}.")
    built_in: dict[str, Any] = {"logical_date": started.date().isoformat()}
    values: dict[str, Any] = {}
    for name, parameter in job.parameters.items():
        value = given.get(name, parameter.default)
        if value is None:
            raise RunError(f"Parameter {name!r} of job {job.name} has no value.", hint=f"Give it: --param {name}=…")
        try:
            values[name] = _CONVERT[parameter.type](render(value, built_in))
        except (ValueError, TypeError, KeyError) as error:
            raise RunError(
                f"Parameter {name!r} of job {job.name} must be a {parameter.type}, not {value!r}."
            ) from error
    return values


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[str(value).lower()]


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "string": str,
    "integer": lambda value: int(str(value)),
    "number": float,
    "boolean": _boolean,
    "date": lambda value: datetime.fromisoformat(str(value)).date().isoformat(),
    "timestamp": lambda value: datetime.fromisoformat(str(value)).isoformat(),
}


class _Run:
    def __init__(self, request: RunRequest, on_change: Callable[[RunRecord], None] | None) -> None:
        started = datetime.now(UTC)
        job = request.job
        parameters = parameter_values(job, request.parameters, started)
        run_id = str(generate_new_uuid())
        self._request = request
        self._on_change = on_change
        self._store = RunStore(request.state / "runs.db")
        self._lineage = LineageFile(request.state / "lineage" / "events.jsonl", request.project)
        self._children = ChildProcesses()
        self._saving = threading.Lock()
        self._tasks = {task.name: task for task in job.tasks}
        self.context = RunContext(
            root=request.root,
            config=request.config,
            target=request.target,
            folder=request.state / "runs" / run_id,
            values={
                **parameters,
                "logical_date": started.date().isoformat(),
                "run_id": run_id,
                "target": request.target.name,
            },
        )
        self.record = RunRecord(
            id=run_id,
            job=job.name,
            target=request.target.name,
            ref=request.ref,
            user=request.user,
            parameters=parameters,
            state="running",
            started=started,
            tasks=[
                TaskRun(name=name, kind=self._tasks[name].kind, log=str(log_path(self._tasks[name], self.context)))
                for name in job.order()
            ],
        )

    def execute(self) -> RunRecord:
        record = self.record
        self._changed()
        self._lineage.emit("START", job=record.job, run_id=record.id)
        order: TopologicalSorter[str] = TopologicalSorter({name: task.depends_on for name, task in self._tasks.items()})
        order.prepare()
        with ThreadPoolExecutor(PARALLEL_TASKS, thread_name_prefix="task") as pool:
            running: dict[Future[None], str] = {}
            try:
                while order.is_active():
                    for name in order.get_ready():
                        if self._may_run(name):
                            running[pool.submit(self._run_task, self._tasks[name])] = name
                        else:
                            self._skip(name)
                            order.done(name)
                    if running:
                        done, _ = wait(running, return_when=FIRST_COMPLETED)
                        for future in done:
                            future.result()
                            order.done(running.pop(future))
            except KeyboardInterrupt:
                self._children.cancel()
        self._end()
        return record

    def _task_run(self, name: str) -> TaskRun:
        return next(run for run in self.record.tasks if run.name == name)

    def _may_run(self, name: str) -> bool:
        upstream = self._tasks[name].depends_on
        return not self._children.cancelled and all(self._task_run(up).state == "success" for up in upstream)

    def _skip(self, name: str) -> None:
        run = self._task_run(name)
        run.state = "skipped"
        run.message = "An upstream task did not succeed."
        self._changed()

    def _run_task(self, task: Task) -> None:
        # Imported here: only a run needs it, and `olo --help` must stay quick.
        from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt

        run = self._task_run(task.name)
        retries = task.retries or self._request.job.retries
        attempts = Retrying(
            stop=stop_after_attempt(retries.attempts),
            wait=_wait(retries),
            sleep=self._children.wait,
            retry=retry_if_result(lambda state: state == "failed"),
        )
        run.state, run.started = "running", datetime.now(UTC)
        self._changed()
        try:
            run.state = attempts(self._attempt, task, run)
        except RetryError:
            run.state = "failed"
        run.ended = datetime.now(UTC)
        self._changed()

    def _attempt(self, task: Task, run: TaskRun) -> Any:
        run.attempts += 1
        attempt_id = str(
            generate_static_uuid(datetime.now(UTC), f"{self.record.id}/{task.name}/{run.attempts}".encode())
        )
        name = f"{self.record.job}.{task.name}"
        parent = (self.record.job, self.record.id)
        report = report_path(task, self.context)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        self._lineage.emit("START", job=name, run_id=attempt_id, parent=parent)
        state, run.message = self._start(task)
        collect(task, run, self.context)
        event = {"success": "COMPLETE", "failed": "FAIL", "cancelled": "ABORT"}[state]
        self._lineage.emit(
            event,  # type: ignore[arg-type]
            job=name,
            run_id=attempt_id,
            parent=parent,
            reads=run.reads,
            writes=run.writes,
            rows={table: run.rows for table in run.writes if run.rows is not None and len(run.writes) == 1},
            error=run.message if state == "failed" else "",
        )
        return state

    def _start(self, task: Task) -> tuple[str, str]:
        limit = task.timeout or self._request.job.timeout
        try:
            code = self._children.run(
                command(task, self.context),
                cwd=self.context.root,
                environ=environment(task, self.context, os.environ),
                log=log_path(task, self.context),
                timeout=seconds(limit) if limit else None,
            )
        except TimeLimitError:
            return "failed", f"Ended after its time limit of {limit}."
        except CancelledError:
            return "cancelled", "Cancelled."
        except OSError as error:
            return "failed", f"Can't be started: {error.strerror}: {error.filename}"
        if code == 0:
            return "success", ""
        return "failed", f"Exit code {code}.\n{log_end(task, self.context)}"

    def _end(self) -> None:
        record = self.record
        states = {run.state for run in record.tasks}
        if self._children.cancelled:
            record.state = "cancelled"
            for run in record.tasks:
                if run.state in ("queued", "running"):
                    run.state = "cancelled"
        else:
            record.state = "failed" if states & {"failed", "skipped"} else "success"
        record.ended = datetime.now(UTC)
        event = {"success": "COMPLETE", "failed": "FAIL", "cancelled": "ABORT"}[record.state]
        failed = ", ".join(run.name for run in record.tasks if run.state == "failed")
        self._lineage.emit(
            event,  # type: ignore[arg-type]
            job=record.job,
            run_id=record.id,
            error=f"Failed: {failed}." if failed else "",
        )
        self._changed()

    def _changed(self) -> None:
        with self._saving:
            self._store.save(self.record)
            if self._on_change is not None:
                self._on_change(self.record)


def _wait(retries: Retries) -> Any:
    from tenacity import wait_exponential_jitter, wait_fixed

    first, longest = seconds(retries.initial), seconds(retries.max)
    if retries.backoff == "constant":
        return wait_fixed(first)
    return wait_exponential_jitter(multiplier=first, max=longest, jitter=min(1, first))
