"""The local runner: a job's tasks in the order of their dependencies, in parallel where they allow it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from openlineage.client.uuid import generate_new_uuid

from olo_jobs.commands import SecretError, context_for, log_path, secret_of
from olo_jobs.environments import RequirementsError, pythons_for
from olo_jobs.process import ChildProcesses
from olo_jobs.spec import JobSpec, Task
from olo_jobs.values import run_values
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.attempt import Attempts
from olo_jupyter.jobs.observe import Observer
from olo_jupyter.jobs.records import RunRecord, TaskRun
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.targets import Target, acting
from olo_jupyter.traces import span

PARALLEL_TASKS = 4
POLL = 0.5
"""Seconds between two looks: may a run that waits for another of its job start, did somebody interrupt."""


class RunError(OloError):
    """A job that can't be started: wrong parameters, a task's environment that can't be made."""

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
        moment: The time that the run stands for; None for now.
        backfill: Name of the backfill that the run is part of.
        resume: A run that ended before all was done: its succeeded tasks stay as they are, the others run.
        run_id: The id of the new run; '' for a new one.
        by: Who asked for it, where that isn't ``user``: a service works under an account of its own.
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
    moment: datetime | None = None
    backfill: str = ""
    resume: RunRecord | None = None
    run_id: str = ""
    by: str = ""


def run_job(request: RunRequest, on_change: Callable[[RunRecord], None] | None = None) -> RunRecord:
    """Run a job to its end. A KeyboardInterrupt ends the children and gives a cancelled record.

    Args:
        request: The job and where it runs.
        on_change: Called with the record whenever a state changes, from any thread, one call at a time.

    Raises:
        RunError: A parameter is unknown, missing or of the wrong type, or the target isn't the user's; nothing ran.
        StoreError: The run's state can't be written; its processes were ended.
    """
    with span("olo.run", job=request.job.name, target=request.target.name) as told:
        record = _Run(request, on_change).execute()
        told.tell(run_id=record.id, state=record.state)
        if record.state != "success":
            told.failed(record.state)
        return record


def _check_account(request: RunRequest) -> None:
    by, target = acting(request.user), request.target
    if not target.takes(by):
        raise RunError(
            f"Jobs of {target.name} run as its service account {target.account} only, not as {by}.",
            code="not-its-account",
            hint=f"Name the orchestrator that runs {target.name} in olo.yml (orchestrators:), or run it in staging. A "
            "runner that is the account says so by OLO_SERVICE_ACCOUNT.",
        )


def planned(request: RunRequest) -> RunRecord:
    """The run as it would start, for ``--dry-run``: nothing is written, nothing starts.

    Raises:
        RunError: As run_job.
    """
    record, _ = _record(request)
    return record


def _record(request: RunRequest) -> tuple[RunRecord, dict[str, Any]]:
    """The record of a run that is about to start, and the values for its templates."""
    _check_account(request)
    job, before = request.job, request.resume
    now, asked_by = datetime.now(UTC), request.by or request.user
    run_id = before.id if before else request.run_id or str(generate_new_uuid())
    moment = (before.moment if before else request.moment) or now
    given = before.parameters if before else request.parameters
    try:
        parameters, values = run_values(job, given, moment=moment, run_id=run_id, target=request.target.name)
    except ValueError as error:
        said = f"{error}"
        raise RunError(
            f"{said[:1].upper()}{said[1:]}.", hint=f"Job {job.name} takes: {', '.join(job.parameters) or 'none'}."
        ) from None
    tasks = {task.name: task for task in job.tasks}
    done = {task.name: task for task in before.tasks if task.state == "success"} if before else {}
    tried = {task.name: task.attempts for task in before.tasks} if before else {}
    record = RunRecord(
        id=run_id,
        job=job.name,
        target=request.target.name,
        ref=request.ref,
        user=before.user if before else asked_by,
        rerun_by=asked_by if before else "",
        parameters=parameters,
        state="queued",
        started=before.started if before and before.started else now,
        moment=moment,
        backfill=before.backfill if before else request.backfill,
        tasks=[
            done[name] if name in done else TaskRun(name=name, kind=tasks[name].kind, attempts=tried.get(name, 0))
            for name in job.order()
        ],
    )
    return record, values


class _Run:
    def __init__(self, request: RunRequest, on_change: Callable[[RunRecord], None] | None) -> None:
        self.record, values = _record(request)
        self._job = job = request.job
        self._on_change = on_change
        self._saving = threading.Lock()
        self._tasks = {task.name: task for task in job.tasks}
        secret = secret_of(os.environ)
        try:
            pythons = pythons_for(job, request.root)
        except RequirementsError as error:
            raise RunError(str(error), code="requirements") from None
        context = context_for(
            job,
            root=request.root,
            config=request.config,
            target=request.target.name,
            folder=request.state / "runs" / self.record.id,
            values=values,
            variables=request.target.environment(),
            profiles=request.target.spec.resources if request.target.spec is not None else {},
            pythons=pythons,
            secret=secret,
        )
        for run in self.record.tasks:
            run.log = run.log or str(log_path(self._tasks[run.name], context))
        self._store = RunStore(request.state / "runs.db")
        self._lineage = LineageFile(request.state / "lineage" / "events.jsonl", request.project)
        self._children = ChildProcesses()
        self._observer = Observer(job, self.record, secret, os.environ)
        self._attempts = Attempts(context, self.record, self._children, self._lineage, self._changed, self._observer)

    def execute(self) -> RunRecord:
        record = self.record
        try:
            self._wait_for_turn()
            self._changed()
            self._lineage.emit("START", job=record.job, run_id=record.id)
            self._observer.started(self._changed)
            self._run_tasks()
        except KeyboardInterrupt:
            self._children.cancel()
        except OSError as error:
            raise RunError(
                f"The run can't go on: {error.strerror}: {error.filename}", code="run-store", hint="Is the disk full?"
            ) from error
        finally:
            self._observer.stop()
            self._children.cancel_rest()
        self._end()
        return record

    def _wait_for_turn(self) -> None:
        """No more runs of a job at a time than it says: the others wait, as in Airflow."""
        self._changed()
        while not self._store.claim(self.record, self._job.max_active_runs):
            self._children.wait(POLL)

    def _run_tasks(self) -> None:
        order: TopologicalSorter[str] = TopologicalSorter({name: task.depends_on for name, task in self._tasks.items()})
        order.prepare()
        with ThreadPoolExecutor(PARALLEL_TASKS, thread_name_prefix="task") as pool:
            running: dict[Future[None], str] = {}
            try:
                while order.is_active():
                    for name in order.get_ready():
                        if self.record.task(name).state == "success":  # done before, of a resumed run
                            order.done(name)
                        elif self._may_run(name):
                            running[pool.submit(copy_context().run, self._attempts.run, self._tasks[name])] = name
                        else:
                            self._skip(name)
                            order.done(name)
                    if running:
                        # Timed: an interrupt that comes just before an endless wait is noted only after it.
                        done, _ = wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
                        for future in done:
                            order.done(running.pop(future))
                            future.result()
            except BaseException:
                self._children.cancel()
                raise

    def _may_run(self, name: str) -> bool:
        upstream = self._tasks[name].depends_on
        return not self._children.cancelled and all(self.record.task(up).state == "success" for up in upstream)

    def _skip(self, name: str) -> None:
        run = self.record.task(name)
        run.state = "skipped"
        run.message = "An upstream task did not succeed."
        self._changed()

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
        if self._observer.ended():
            self._changed()

    def _changed(self) -> None:
        with self._saving:
            self._store.save(self.record)
            if self._on_change is not None:
                self._on_change(self.record)


__all__ = ["RunError", "RunRequest", "SecretError", "Task", "planned", "run_job"]
