"""The jobs of one target in an Airflow: what every orchestrator does, by its API."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from openlineage.client.uuid import generate_new_uuid

from olo_jupyter.backends.airflow import AirflowClient, AirflowError
from olo_jupyter.backends.upstream.client import segment
from olo_jupyter.jobs.airflow.answers import Dag, Log, Run, Task, Version, log_line, read
from olo_jupyter.jobs.airflow.backfills import AirflowBackfills
from olo_jupyter.jobs.airflow.find import AirflowFinder
from olo_jupyter.jobs.airflow.notes import Note
from olo_jupyter.jobs.airflow.pools import make_pools
from olo_jupyter.jobs.orchestrator import Backfill, Job, JobVersion, LogPart, OrchestratorError
from olo_jupyter.jobs.query import Changes, JobPage, JobQuery, JobShape, RunPage, RunQuery
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.jobs.usage import TaskUsage

_log = logging.getLogger(__name__)


class AirflowOrchestrator:
    """The jobs of one target in an Airflow. A run's id is ``JOB/RUN``, with Airflow's own id of the run.

    Args:
        client: The connection.
        target: The target whose jobs it serves.
        user: Who asks where nobody else is named; it stands in the notes of runs.
        prefix: What comes before a job's name in its DAG's id.
    """

    name = "airflow"

    def __init__(self, client: AirflowClient, target: str, user: str, *, prefix: str = "") -> None:
        self._client, self._target, self._user, self._prefix = client, target, user, prefix
        self._finder = AirflowFinder(client, target, prefix)

    def jobs(self) -> list[Job]:
        """All jobs of the target, sorted by name: the DAGs that the loader made for it."""
        listed = self._client.pages(
            "dags", "dags", limit=10_000, exclude_stale="false", tags=f"target:{self._target}", order_by="dag_id"
        )
        dags = [read(Dag, item) for item in listed]
        return [dag.job(self._prefix) for dag in dags if dag.dag_id.startswith(self._prefix)]

    def usage(self, since: datetime | None = None) -> list[TaskUsage]:
        """What the tasks of the target's runs used: of each task of a run, its last try."""
        return self._finder.usage(since)

    def runs(self, job: str | None = None, *, limit: int = 20) -> list[RunRecord]:
        """The newest runs of one job, or of all of the target's, first; without their tasks."""
        if job is None:
            return self._finder.newest(limit)
        where = f"dags/{segment(self._dag_id(job))}/dagRuns"
        try:
            listed = list(self._client.pages(where, "dag_runs", limit=limit, order_by="-run_after"))
        except AirflowError as error:
            raise self._no_job(error, job) from error
        return [self._record(read(Run, item), []) for item in listed]

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
        """One run with its tasks; where it has ended, with what they used.

        Raises:
            OrchestratorError: run-not-found.
        """
        record = self._run(id)
        return self._with_usage(record) if record.state in ENDED else record

    def trigger(self, job: str, parameters: Mapping[str, Any], *, by: str = "") -> RunRecord:
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
        make_pools(self._client, dag.dag_id)
        body = {
            "dag_run_id": run_id,
            "logical_date": None,
            "conf": dict(parameters),
            "note": Note(started=by or self._user).text,
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

    def rerun(self, id: str, *, by: str = "") -> RunRecord:
        """Clear the failed tasks and those that wait for them: Airflow runs them again.

        Raises:
            OrchestratorError: run-not-found, nothing-to-rerun.
        """
        before = self._run(id)
        if before.state not in ("failed", "cancelled"):
            raise OrchestratorError(f"Run {id} is {before.state}: nothing failed.", code="nothing-to-rerun")
        failed = [task.name for task in before.tasks if task.state != "success"]
        job, run_id = self._split(id)
        note = replace(self._note(id), again=by or self._user, cancelled="")
        self._client.send("PATCH", self._path(id), {"note": note.text})
        body = {
            "dry_run": False, "dag_run_id": run_id, "task_ids": failed, "only_failed": False,
            "reset_dag_runs": True, "include_downstream": True,
        }  # fmt: skip
        self._client.send("POST", f"dags/{segment(self._dag_id(job))}/clearTaskInstances", body, repeatable=True)
        return self._run(id)

    def cancel(self, id: str, *, by: str = "") -> RunRecord:
        """Fail a run with a note that says why; Airflow ends its tasks. One that has ended stays as it is."""
        before = self._run(id)
        if before.state in ENDED:
            return before
        note = replace(self._note(id), cancelled=by or self._user)
        self._client.send("PATCH", self._path(id), {"state": "failed", "note": note.text})
        return self._run(id)

    def log(self, id: str, task: str, *, attempt: int | None = None, after: str = "") -> LogPart:
        """What a task has printed since ``after``, which counts lines.

        Raises:
            OrchestratorError: run-not-found, task-not-found.
        """
        record = self._run(id)
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
        lines = [line for entry in read(Log, found).content or [] if (line := log_line(entry)) is not None]
        seen = int(after or 0)
        text = "".join(f"{line}\n" for line in lines[seen:])
        return LogPart(text, str(max(seen, len(lines))), run.state in ENDED or number < run.attempts)

    def preview(self, job: str, start: date, end: date) -> Backfill:
        """The moments of the schedule: those that Airflow's own dry run gives, and those that succeeded before."""
        return self._previewed(self._backfills(job), job, start, end)

    def backfill(self, job: str, start: date, end: date, parameters: Mapping[str, Any], *, by: str = "") -> Backfill:
        """Airflow's own backfill; runs that failed are made again, those that succeeded stay. Without id: all did.

        Raises:
            OrchestratorError: job-not-found, nothing-to-backfill; backfill-active: one of this job is under way.
        """
        backfills = self._backfills(job)
        found = self._previewed(backfills, job, start, end)
        if not found.moments:
            raise OrchestratorError(
                f"The schedule of {job} has no run from {start} to {end}.", code="nothing-to-backfill"
            )
        if len(found.runs) == len(found.moments):
            return found
        make_pools(self._client, self._dag_id(job))
        made = Backfill(job, found.moments, backfills.make(start, end, parameters), found.runs)
        try:
            backfills.note(set(found.moments) - set(found.runs), by or self._user)
        except AirflowError as error:
            # It is under way: an error would tell the opposite.
            _log.warning("The runs of backfill %s of %s don't say who started them: %s", made.id, job, error.message)
        return made

    def _previewed(self, backfills: AirflowBackfills, job: str, start: date, end: date) -> Backfill:
        done = backfills.done(start, end)
        return Backfill(job, tuple(sorted({*backfills.to_make(start, end), *done})), runs=done)

    def _backfills(self, job: str) -> AirflowBackfills:
        return AirflowBackfills(self._client, job, self._dag(job).dag_id)

    def versions(self, job: str) -> list[JobVersion]:
        """The versions of a job's DAG, the newest first, with the commit that each came from."""
        dag = self._dag(job)
        listed = self._client.pages(
            f"dags/{segment(dag.dag_id)}/dagVersions", "dag_versions", limit=1000, order_by="-version_number"
        )
        return [
            JobVersion(one.version_number, one.bundle_version or "", one.created_at)
            for one in (read(Version, item) for item in listed)
        ]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _dag(self, job: str) -> Dag:
        try:
            return read(Dag, self._client.get(f"dags/{segment(self._dag_id(job))}"))
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

    def _note(self, id: str) -> Note:
        return Note.read(read(Run, self._client.get(self._path(id))).note)

    def _record(self, run: Run, tasks: list[Task]) -> RunRecord:
        return run.record(self._target, self._prefix, tasks)

    def _dag_id(self, job: str) -> str:
        return f"{self._prefix}{job}"

    def _run(self, id: str) -> RunRecord:
        path = self._path(id)
        try:
            found = read(Run, self._client.get(path))
        except AirflowError as error:
            raise _no_run(error, id) from error
        tasks = [
            read(Task, item) for item in self._client.pages(f"{path}/taskInstances", "task_instances", limit=10_000)
        ]
        return self._record(found, tasks)

    def _with_usage(self, record: RunRecord) -> RunRecord:
        """A run with what the operator told of its tasks; without where the account may not see that."""
        try:
            used = self._finder.used(self._path(record.id))
        except AirflowError as error:
            if error.code not in ("airflow-forbidden", "airflow-not-found"):
                raise
            return record
        tasks = [one.model_copy(update=asdict(used[one.name])) if one.name in used else one for one in record.tasks]
        return record.model_copy(update={"tasks": tasks})

    def _split(self, id: str) -> tuple[str, str]:
        job, slash, run_id = id.partition("/")
        if not slash or not run_id:
            raise OrchestratorError(f"There is no run {id!r}.", code="run-not-found", hint="A run's id is JOB/RUN.")
        return job, run_id

    def _path(self, id: str) -> str:
        job, run_id = self._split(id)
        return f"dags/{segment(self._dag_id(job))}/dagRuns/{segment(run_id)}"


def _no_run(error: AirflowError, id: str) -> OrchestratorError | AirflowError:
    if error.code != "airflow-not-found":
        return error
    return OrchestratorError(
        f"There is no run {id!r}.", code="run-not-found", hint="olo runs lists those that there are."
    )
