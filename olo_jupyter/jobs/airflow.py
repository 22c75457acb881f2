"""Airflow 3 as an orchestrator: its API's answers as jobs, runs and logs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openlineage.client.uuid import generate_new_uuid
from pydantic import BaseModel

from olo_jupyter.backends.airflow import AirflowClient, AirflowError
from olo_jupyter.backends.upstream.client import segment
from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.jobs.airflow_find import AirflowFinder
from olo_jupyter.jobs.orchestrator import Backfill, Job, JobVersion, LogPart, OrchestratorError
from olo_jupyter.jobs.query import Changes, JobPage, JobQuery, JobShape, RunPage, RunQuery
from olo_jupyter.jobs.records import ENDED, RunRecord, State, TaskRun

CANCELLED = "olo: cancelled"
"""The note of a run that was cancelled: Airflow itself knows failed runs only."""
_RUN_STATES: Mapping[str, State] = {
    "queued": "queued", "running": "running", "success": "success", "failed": "failed",
}  # fmt: skip
_TASK_STATES: Mapping[str | None, State] = {
    "running": "running", "success": "success", "failed": "failed",
    "skipped": "skipped", "upstream_failed": "skipped", "removed": "skipped",
}  # fmt: skip
"""Every other state is one of waiting: scheduled, queued, up_for_retry, deferred …"""


class _Answer(BaseModel):
    """Answers are read for what is needed; later versions may say more."""


class _Dag(_Answer):
    dag_id: str
    is_paused: bool
    is_stale: bool = False
    has_import_errors: bool = False
    description: str | None = None
    owners: list[str] = []
    tags: list[dict[str, Any]] = []
    timetable_summary: str | None = None
    next_dagrun_run_after: datetime | None = None


class _Run(_Answer):
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


class _Task(_Answer):
    task_id: str
    state: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    try_number: int = 0
    operator_name: str | None = None


def connect(settings: Settings, target: str, options: OrchestratorSettings) -> AirflowOrchestrator:
    """The Airflow that olo.yml names.

    Raises:
        OrchestratorError: orchestrator-not-found: it names no address.
    """
    if not options.url:
        raise OrchestratorError(
            "The orchestrator has no address.", code="orchestrator-not-found", hint="Write orchestrators.airflow.url."
        )
    client = AirflowClient(
        options.url,
        token=os.environ.get(options.token_env, ""),
        username=options.username,
        password=lambda: os.environ.get(options.password_env, ""),
        seconds=options.seconds,
    )
    return AirflowOrchestrator(client, target, settings.user, prefix=options.prefix)


class AirflowOrchestrator:
    """The jobs of one target in an Airflow. A run's id is ``JOB/RUN``, with Airflow's own id of the run.

    Args:
        client: The connection.
        target: The target whose jobs it serves.
        user: Who asks, for notes.
        prefix: What comes before a job's name in its DAG's id.
    """

    name = "airflow"

    def __init__(self, client: AirflowClient, target: str, user: str, *, prefix: str = "") -> None:
        self._client, self._target, self._user, self._prefix = client, target, user, prefix
        self._finder = AirflowFinder(
            client,
            target,
            prefix,
            job=lambda item: self._job(_Dag.model_validate(item)),
            record=lambda item: self._record(_Run.model_validate(item), []),
        )

    def jobs(self) -> list[Job]:
        """All jobs of the target, sorted by name: the DAGs that the loader made for it."""
        listed = self._client.pages(
            "dags", "dags", limit=10_000, exclude_stale="false", tags=f"target:{self._target}", order_by="dag_id"
        )
        dags = [_Dag.model_validate(item) for item in listed]
        return [self._job(dag) for dag in dags if dag.dag_id.startswith(self._prefix)]

    def runs(self, job: str | None = None, *, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, without their tasks."""
        where = segment(self._dag_id(job)) if job else "~"
        try:
            listed = list(self._client.pages(f"dags/{where}/dagRuns", "dag_runs", limit=limit, order_by="-run_after"))
        except AirflowError as error:
            raise self._no_job(error, job) from error
        return [self._record(_Run.model_validate(item), []) for item in listed]

    def find_jobs(self, query: JobQuery) -> JobPage:
        """A page of the jobs; Airflow filters. Of each, all runs that it keeps count."""
        return self._finder.jobs(query)

    def find_runs(self, query: RunQuery) -> RunPage:
        """A page of the runs, without their tasks; Airflow filters."""
        try:
            return self._finder.runs(query)
        except AirflowError as error:
            raise self._no_job(error, query.job or None) from error

    def changes(self, after: str = "") -> Changes:
        """The runs, with their tasks, of which Airflow changed anything."""
        ids, now = self._finder.changed(after)
        changed = []
        for id_ in ids:
            try:
                changed.append(self.run(id_))
            except OrchestratorError as error:
                if error.code != "run-not-found":  # deleted a moment ago
                    raise
        return Changes(tuple(changed), now)

    def shape(self, job: str) -> JobShape:
        """The tasks and parameters of a job's DAG.

        Raises:
            OrchestratorError: job-not-found.
        """
        try:
            return self._finder.shape(self._dag_id(job))
        except AirflowError as error:
            raise self._no_job(error, job) from error

    def run(self, id: str) -> RunRecord:
        """One run with its tasks.

        Raises:
            OrchestratorError: run-not-found.
        """
        path = self._path(id)
        try:
            found = _Run.model_validate(self._client.get(path))
        except AirflowError as error:
            raise _no_run(error, id) from error
        tasks = [
            _Task.model_validate(item)
            for item in self._client.pages(f"{path}/taskInstances", "task_instances", limit=10_000)
        ]
        return self._record(found, tasks)

    def trigger(self, job: str, parameters: Mapping[str, Any]) -> RunRecord:
        """Start a run now. Its id is made here: a request whose answer was lost is sent again, and starts none twice.

        Raises:
            OrchestratorError: job-not-found, job-paused, bad-parameter.
        """
        dag = self._dag(job)
        if dag.is_paused:
            raise OrchestratorError(
                f"Job {job} is paused in {self._target}: a run would wait until it isn't.",
                code="job-paused",
                hint=f"Turn it on: olo pause {job} --off --target {self._target}.",
            )
        path, run_id = f"dags/{segment(dag.dag_id)}/dagRuns", f"manual__{generate_new_uuid()}"
        self._make_pools(dag.dag_id)
        body = {
            "dag_run_id": run_id,
            "logical_date": None,
            "conf": dict(parameters),
            "note": f"olo: started by {self._user}",
        }
        try:
            self._client.send("POST", path, body, repeatable=True)
        except AirflowError as error:
            if error.code == "airflow-invalid":
                raise OrchestratorError(error.message, code="bad-parameter") from error
            if error.code != "airflow-conflict":  # a conflict: the first try came through
                raise
        return self.run(f"{job}/{run_id}")

    def pause(self, job: str, paused: bool) -> None:
        """Turn a job's schedule off or on."""
        dag = self._dag(job)
        self._client.send("PATCH", f"dags/{segment(dag.dag_id)}", {"is_paused": paused})

    def rerun(self, id: str) -> RunRecord:
        """Clear the failed tasks and those that wait for them: Airflow runs them again.

        Raises:
            OrchestratorError: run-not-found, nothing-to-rerun.
        """
        before = self.run(id)
        if before.state not in ("failed", "cancelled"):
            raise OrchestratorError(f"Run {id} is {before.state}: nothing failed.", code="nothing-to-rerun")
        failed = [task.name for task in before.tasks if task.state != "success"]
        job, run_id = self._split(id)
        if before.state == "cancelled":
            self._client.send("PATCH", self._path(id), {"note": f"olo: run again by {self._user}"})
        body = {
            "dry_run": False, "dag_run_id": run_id, "task_ids": failed, "only_failed": False,
            "reset_dag_runs": True, "include_downstream": True,
        }  # fmt: skip
        self._client.send("POST", f"dags/{segment(self._dag_id(job))}/clearTaskInstances", body, repeatable=True)
        return self.run(id)

    def cancel(self, id: str) -> RunRecord:
        """Fail a run with a note that says why; Airflow ends its tasks. One that has ended stays as it is."""
        before = self.run(id)
        if before.state in ENDED:
            return before
        self._client.send("PATCH", self._path(id), {"state": "failed", "note": f"{CANCELLED} by {self._user}"})
        return self.run(id)

    def log(self, id: str, task: str, *, attempt: int | None = None, after: str = "") -> LogPart:
        """What a task has printed since ``after``, which counts lines.

        Raises:
            OrchestratorError: run-not-found, task-not-found.
        """
        record = self.run(id)
        run = next((one for one in record.tasks if one.name == task), None)
        if run is None:
            known = ", ".join(one.name for one in record.tasks)
            raise OrchestratorError(
                f"Run {id} has no task {task!r}.", code="task-not-found", hint=f"Its tasks: {known}."
            )
        number = attempt or run.attempts
        if number == 0:
            return LogPart("", after, run.state in ENDED)
        try:
            found = self._client.get(f"{self._path(id)}/taskInstances/{segment(task)}/logs/{number}")
        except AirflowError as error:
            if error.code == "airflow-not-found":  # it is queued, or was never started
                return LogPart("", after, run.state in ENDED)
            raise
        lines = [line for entry in found.get("content") or [] if (line := _line(entry)) is not None]
        seen = int(after or 0)
        text = "".join(f"{line}\n" for line in lines[seen:])
        return LogPart(text, str(max(seen, len(lines))), run.state in ENDED or number < run.attempts)

    def preview(self, job: str, start: date, end: date) -> Backfill:
        """Airflow's own dry run: the moments that its schedule gives."""
        answer = self._backfill("backfills/dry_run", job, start, end, {}, repeatable=True)
        moments = [datetime.fromisoformat(item["logical_date"]) for item in answer["backfills"] if item["logical_date"]]
        return Backfill(job, tuple(sorted(moments)), runs=self._done(job, moments))

    def backfill(self, job: str, start: date, end: date, parameters: Mapping[str, Any]) -> Backfill:
        """Airflow's own backfill; runs that failed are made again, those that succeeded stay.

        Raises:
            OrchestratorError: job-not-found, nothing-to-backfill; backfill-active: one of this job is under way.
        """
        found = self.preview(job, start, end)
        if not found.moments:
            raise OrchestratorError(
                f"The schedule of {job} has no run from {start} to {end}.", code="nothing-to-backfill"
            )
        self._make_pools(self._dag_id(job))
        answer = self._backfill("backfills", job, start, end, parameters, repeatable=False)
        return Backfill(job, found.moments, str(answer["id"]), found.runs)

    def versions(self, job: str) -> list[JobVersion]:
        """The versions of a job's DAG, the newest first, with the commit that each came from."""
        dag = self._dag(job)
        listed = self._client.pages(
            f"dags/{segment(dag.dag_id)}/dagVersions", "dag_versions", limit=1000, order_by="-version_number"
        )
        return [
            JobVersion(item["version_number"], item.get("bundle_version") or "", _moment(item.get("created_at")))
            for item in listed
        ]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _backfill(
        self, path: str, job: str, start: date, end: date, parameters: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        self._dag(job)
        details = self._client.get(f"dags/{segment(self._dag_id(job))}/details")
        zone = ZoneInfo(details.get("timezone") or "UTC")
        last = datetime.combine(end + timedelta(days=1), time(), zone) - timedelta(seconds=1)
        body = {
            "dag_id": self._dag_id(job),
            "from_date": datetime.combine(start, time(), zone).isoformat(),
            "to_date": last.isoformat(),
            "dag_run_conf": dict(parameters),
            "reprocess_behavior": "failed",
            "max_active_runs": 1,
        }
        try:
            return self._client.send("POST", path, body, repeatable=repeatable)
        except AirflowError as error:
            if error.code == "airflow-conflict":
                raise OrchestratorError(
                    f"A backfill of {job} is under way already.", code="backfill-active", hint="Wait until it is done."
                ) from error
            if error.code == "airflow-invalid":
                raise OrchestratorError(error.message, code="nothing-to-backfill") from error
            raise

    def _done(self, job: str, moments: list[datetime]) -> dict[datetime, str]:
        """The runs that succeeded already, by moment."""
        wanted = set(moments)
        listed = self._client.pages(
            f"dags/{segment(self._dag_id(job))}/dagRuns", "dag_runs", limit=10_000, state="success"
        )
        runs = [_Run.model_validate(item) for item in listed]
        return {run.logical_date: f"{job}/{run.dag_run_id}" for run in runs if run.logical_date in wanted}

    def _make_pools(self, dag_id: str) -> None:
        """Make the pools that tasks name and Airflow lacks: in one that isn't there a task would wait for ever."""
        tasks = self._client.get(f"dags/{segment(dag_id)}/tasks").get("tasks") or []
        wanted = {task["pool"] for task in tasks if task.get("pool")}
        if wanted <= {"default_pool"}:
            return
        known = {pool["name"] for pool in self._client.pages("pools", "pools", limit=10_000)}
        for name in sorted(wanted - known):
            body = {"name": name, "slots": 16, "description": "Made by olo for a resource profile."}
            try:
                self._client.send("POST", "pools", body, repeatable=True)
            except AirflowError as error:
                if error.code != "airflow-conflict":
                    raise

    def _dag(self, job: str) -> _Dag:
        try:
            return _Dag.model_validate(self._client.get(f"dags/{segment(self._dag_id(job))}"))
        except AirflowError as error:
            raise self._no_job(error, job) from error

    def _no_job(self, error: AirflowError, job: str | None) -> OrchestratorError | AirflowError:
        if error.code != "airflow-not-found" or job is None:
            return error
        return OrchestratorError(
            f"Airflow has no job {job!r} of target {self._target}.",
            code="job-not-found",
            hint="olo jobs lists them. A job that was just deployed takes Airflow a minute to see.",
        )

    def _job(self, dag: _Dag) -> Job:
        problem = "its file can't be loaded" if dag.has_import_errors else "Airflow no longer finds its file"
        return Job(
            dag.dag_id.removeprefix(self._prefix),
            description=dag.description or "",
            owner=", ".join(dag.owners),
            tags=tuple(sorted(tag["name"] for tag in dag.tags if not tag["name"].startswith("target:"))),
            schedule=dag.timetable_summary or "",
            paused=dag.is_paused,
            next_run=dag.next_dagrun_run_after,
            problem=problem if dag.is_stale else "",
        )

    def _record(self, run: _Run, tasks: list[_Task]) -> RunRecord:
        state = _RUN_STATES.get(run.state, "running")
        cancelled = state == "failed" and (run.note or "").startswith(CANCELLED)
        return RunRecord(
            id=f"{run.dag_id.removeprefix(self._prefix)}/{run.dag_run_id}",
            job=run.dag_id.removeprefix(self._prefix),
            target=self._target,
            ref=run.bundle_version or "",
            user=run.triggering_user_name or "",
            state="cancelled" if cancelled else state,
            started=run.start_date or run.queued_at,
            ended=run.end_date if state in ENDED else None,
            moment=run.logical_date or run.run_after,
            backfill="airflow" if run.run_type == "backfill" else "",
            parameters=run.conf or {},
            tasks=[_task_run(task, cancelled=cancelled) for task in sorted(tasks, key=_by_start)],
        )

    def _dag_id(self, job: str) -> str:
        return f"{self._prefix}{job}"

    def _split(self, id: str) -> tuple[str, str]:
        job, slash, run_id = id.partition("/")
        if not slash or not run_id:
            raise OrchestratorError(f"There is no run {id!r}.", code="run-not-found", hint="A run's id is JOB/RUN.")
        return job, run_id

    def _path(self, id: str) -> str:
        job, run_id = self._split(id)
        return f"dags/{segment(self._dag_id(job))}/dagRuns/{segment(run_id)}"


def _task_run(task: _Task, *, cancelled: bool) -> TaskRun:
    state = _TASK_STATES.get(task.state, "queued")
    if cancelled and state in ("failed", "skipped", "queued"):
        state = "cancelled"
    return TaskRun(
        name=task.task_id,
        kind="",
        state=state,
        started=task.start_date,
        ended=task.end_date if state in ENDED else None,
        attempts=task.try_number,
        message="An upstream task did not succeed." if task.state == "upstream_failed" else "",
    )


def _by_start(task: _Task) -> tuple[bool, datetime, str]:
    return task.start_date is None, task.start_date or datetime.max.replace(tzinfo=UTC), task.task_id


def _no_run(error: AirflowError, id: str) -> OrchestratorError | AirflowError:
    if error.code != "airflow-not-found":
        return error
    return OrchestratorError(
        f"There is no run {id!r}.", code="run-not-found", hint="olo runs lists those that there are."
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _line(entry: Any) -> str | None:
    """A log entry as a line for people: what the task printed, and Airflow's own errors; not its bookkeeping."""
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
