"""One task of a run: its attempts, what each leaves behind, and the lineage events of each."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from openlineage.client.uuid import generate_static_uuid

from olo_jobs.commands import RunContext, SecretError, command, environment, hidden, log_path, report_path
from olo_jobs.process import CancelledError, ChildProcesses, TimeLimitError, identity
from olo_jobs.spec import JobSpec, Retries, Task, seconds
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.jobs.observe import Observer
from olo_jupyter.jobs.outcome import collect, log_end
from olo_jupyter.jobs.records import RunRecord, TaskRun
from olo_jupyter.traces import carried, span


class Attempts:
    """Runs tasks of one run, each until it succeeds or its attempts are used up. Called from several threads.

    Args:
        context: What the tasks share.
        record: The run; its task runs are filled in.
        children: The processes of the run.
        lineage: Takes the events.
        changed: Called when a state has changed.
        observer: Told of retries.
    """

    def __init__(
        self,
        context: RunContext,
        record: RunRecord,
        children: ChildProcesses,
        lineage: LineageFile,
        changed: Callable[[], None],
        observer: Observer,
    ) -> None:
        self._context, self._record, self._children = context, record, children
        self._lineage, self._changed, self._observer = lineage, changed, observer

    @property
    def _job(self) -> JobSpec:
        return self._observer.job

    def run(self, task: Task) -> None:
        """Run a task to its end."""
        # Imported here: only a run needs it, and `olo --help` must stay quick.
        from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt

        run = self._record.task(task.name)
        retries = task.retries or self._job.retries
        attempts = Retrying(
            stop=stop_after_attempt(retries.attempts),
            wait=waits(retries),
            sleep=self._children.wait,
            retry=retry_if_result(lambda state: state == "failed" and not self._children.cancelled),
            before_sleep=lambda _: self._observer.retried(run),
        )
        run.state, run.started = "running", datetime.now(UTC)
        self._changed()
        with span("olo.task", task=task.name, kind=task.kind) as told:
            try:
                run.state = attempts(self._attempt, task, run)
            except RetryError:
                run.state = "failed"
            told.tell(state=run.state, attempts=run.attempts)
            if run.state != "success":
                told.failed(run.state)
        run.ended = datetime.now(UTC)
        self._changed()

    def _attempt(self, task: Task, run: TaskRun) -> Any:
        run.attempts += 1
        name = f"{self._record.job}.{task.name}"
        seed = f"{self._record.id}/{task.name}/{run.attempts}".encode()
        attempt_id = str(generate_static_uuid(datetime.now(UTC), seed))
        parent = (self._record.job, self._record.id)
        report = report_path(task, self._context)
        report.parent.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        self._lineage.emit("START", job=name, run_id=attempt_id, parent=parent)
        state, run.message = self._start(task, run)
        activity = collect(task, run, self._context)
        event = {"success": "COMPLETE", "failed": "FAIL", "cancelled": "ABORT"}[state]
        self._lineage.emit(
            event,  # type: ignore[arg-type]
            job=name,
            run_id=attempt_id,
            parent=parent,
            activity=activity,
            error=run.message if state == "failed" else "",
        )
        return state

    def _start(self, task: Task, run: TaskRun) -> tuple[str, str]:
        limit = task.timeout or self._job.timeout

        def on_start(pid: int) -> None:
            run.process = identity(pid)
            self._changed()

        def on_end(cpu_seconds: float, memory: int) -> None:
            run.cpu_seconds = (run.cpu_seconds or 0.0) + cpu_seconds
            run.memory_bytes = max(run.memory_bytes or 0, memory)

        try:
            code = self._children.run(
                command(task, self._context),
                cwd=self._context.root,
                environ=environment(task, self._context, {**os.environ, **carried()}),
                write=log_path(task, self._context),
                timeout=seconds(limit) if limit else None,
                hide=hidden(task, self._context),
                on_start=on_start,
                on_end=on_end,
            )
        except SecretError as error:
            return "failed", str(error)
        except TimeLimitError:
            return "failed", f"Ended after its time limit of {limit}."
        except CancelledError:
            return "cancelled", "Cancelled."
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            return "failed", f"Can't be started: {error.strerror}: {error.filename}"
        finally:
            run.process = ""
        if code == 0:
            return "success", ""
        if code < 0:
            return "failed", f"Ended by signal {-code}.\n{log_end(task, self._context)}"
        return "failed", f"Exit code {code}.\n{log_end(task, self._context)}"


def waits(retries: Retries) -> Any:
    """tenacity's wait between attempts: constant or doubling, shortened at random by up to a quarter with jitter."""
    from tenacity import wait_exponential, wait_fixed, wait_random

    first, longest = seconds(retries.initial), seconds(retries.max)
    wait = wait_fixed(first) if retries.backoff == "constant" else wait_exponential(multiplier=first, max=longest)
    if not retries.jitter:
        return wait
    shorter = wait_random(0.75, 1.0)
    return lambda state: wait(state) * shorter(state)
