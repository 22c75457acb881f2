"""What Airflow's API answers, as jobs, runs and lines of a log. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from olo_jupyter.backends.airflow import AirflowError
from olo_jupyter.jobs.airflow.notes import Note
from olo_jupyter.jobs.orchestrator import Job
from olo_jupyter.jobs.records import ENDED, RunRecord, State, TaskRun

_RUN_STATES: Mapping[str, State] = {
    "queued": "queued", "running": "running", "success": "success", "failed": "failed",
}  # fmt: skip
_TASK_STATES: Mapping[str | None, State] = {
    "running": "running", "success": "success", "failed": "failed",
    "skipped": "skipped", "upstream_failed": "skipped", "removed": "skipped",
}  # fmt: skip
"""Every other state is one of waiting: scheduled, queued, up_for_retry, deferred …"""


Told = TypeVar("Told", bound=BaseModel)


def read(model: type[Told], answer: Any) -> Told:
    """An answer, or a part of one, as what it must be.

    Raises:
        AirflowError: airflow-protocol: it is something else.
    """
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise AirflowError(
            f"Airflow answered what this version can't read: {model.__name__} {place}".rstrip() + ".",
            code="airflow-protocol",
        ) from None


class Tag(BaseModel):
    """A tag of a DAG."""

    name: str


class Dag(BaseModel):
    """A DAG, read for what is needed; later versions may say more."""

    dag_id: str
    is_paused: bool
    is_stale: bool = False
    has_import_errors: bool = False
    description: str | None = None
    owners: list[str] = []
    tags: list[Tag] = []
    timetable_summary: str | None = None
    next_dagrun_run_after: datetime | None = None

    def job(self, prefix: str) -> Job:
        """The job that it was made from; its id without ``prefix`` is the job's name."""
        problem = "its file can't be loaded" if self.has_import_errors else "Airflow no longer finds its file"
        return Job(
            self.dag_id.removeprefix(prefix),
            description=self.description or "",
            owner=", ".join(self.owners),
            tags=tuple(sorted(tag.name for tag in self.tags if not tag.name.startswith("target:"))),
            schedule=self.timetable_summary or "",
            paused=self.is_paused,
            next_run=self.next_dagrun_run_after,
            problem=problem if self.is_stale else "",
        )


class Details(BaseModel):
    """More of a DAG."""

    params: dict[str, Any] | None = None
    timezone: str | None = None


class DagTask(BaseModel):
    """A task of a DAG."""

    task_id: str
    downstream_task_ids: list[str] | None = None
    pool: str | None = None


class Version(BaseModel):
    """A version of a DAG."""

    version_number: int
    bundle_version: str | None = None
    created_at: datetime | None = None


class Count(BaseModel):
    """How many runs of a DAG are in a state."""

    state: str
    count: int


class Stats(BaseModel):
    """The runs of a DAG, counted."""

    dag_id: str
    stats: list[Count] = []


class Planned(BaseModel):
    """A run that a backfill would make."""

    logical_date: datetime | None = None


class Made(BaseModel):
    """A backfill."""

    id: int


class Changed(BaseModel):
    """A run, or a task of one, that changed."""

    dag_id: str
    dag_run_id: str


class Entry(BaseModel):
    """What a task told Airflow under a key (an XCom), without the value."""

    key: str
    dag_id: str
    task_id: str


class Log(BaseModel):
    """A part of a log: lines, structured or as text."""

    content: list[Any] | None = None


class Task(BaseModel):
    """An instance of a task."""

    task_id: str
    state: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    try_number: int = 0

    def run(self, *, cancelled: bool) -> TaskRun:
        """As a task's run; of a cancelled run, what didn't succeed was cancelled."""
        state = _TASK_STATES.get(self.state, "queued")
        if cancelled and state in ("failed", "skipped", "queued"):
            state = "cancelled"
        return TaskRun(
            name=self.task_id,
            kind="",
            state=state,
            started=self.start_date,
            ended=self.end_date if state in ENDED else None,
            attempts=self.try_number,
            message="An upstream task did not succeed." if self.state == "upstream_failed" else "",
        )


class Run(BaseModel):
    """A run of a DAG."""

    dag_id: str
    dag_run_id: str
    state: str
    logical_date: datetime | None = None
    run_after: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    conf: dict[str, Any] | None = None
    note: str | None = None
    run_type: str = ""
    triggering_user_name: str | None = None
    bundle_version: str | None = None

    def record(self, target: str, prefix: str, tasks: Iterable[Task] = ()) -> RunRecord:
        """As a run's record, with the tasks in the order that they started in."""
        state, note = _RUN_STATES.get(self.state, "running"), Note.read(self.note)
        cancelled = state == "failed" and note.cancelled != ""  # Airflow itself knows failed runs only
        job = self.dag_id.removeprefix(prefix)
        return RunRecord(
            id=f"{job}/{self.dag_run_id}",
            job=job,
            target=target,
            ref=self.bundle_version or "",
            user=note.started or self.triggering_user_name or "",
            rerun_by=note.again,
            cancelled_by=note.cancelled if cancelled else "",
            state="cancelled" if cancelled else state,
            started=self.start_date or self.queued_at,
            ended=self.end_date if state in ENDED else None,
            moment=self.logical_date or self.run_after,
            backfill="airflow" if self.run_type == "backfill" else "",
            parameters=self.conf or {},
            tasks=[task.run(cancelled=cancelled) for task in sorted(tasks, key=_by_start)],
        )


def _by_start(task: Task) -> tuple[bool, datetime, str]:
    return task.start_date is None, task.start_date or datetime.max.replace(tzinfo=UTC), task.task_id


def log_line(entry: Any) -> str | None:
    """A log entry as a line for people: what the task printed, and Airflow's own errors; not its bookkeeping.

    Example:
        >>> log_line({"event": "3 rows", "logger": "airflow.task.operators.olo_jobs.airflow.operator.OloOperator"})
        '3 rows'
        >>> log_line({"event": "Task started", "logger": "task", "level": "info"})
    """
    if not isinstance(entry, dict):
        return str(entry).rstrip("\n")
    event, logger = str(entry.get("event", "")), str(entry.get("logger") or "")
    if logger.endswith("OloOperator"):
        return event
    if logger != "task" or entry.get("level") not in ("error", "critical"):
        return None
    detail = entry.get("error_detail")
    if isinstance(detail, list) and detail:
        return "\n".join(str(one.get("exc_value", "")) for one in detail if isinstance(one, dict))
    return event
