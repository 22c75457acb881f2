"""This machine as an orchestrator: runs are processes of their own, records are in the project's state folder."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from openlineage.client.uuid import generate_new_uuid

from olo_jobs.heads import Head, Heads
from olo_jobs.load import SpecError
from olo_jobs.parameters import values_schema
from olo_jobs.spec import JobSpec
from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.jobs.backfill import done_moments
from olo_jupyter.jobs.moments import TooManyError, moments
from olo_jupyter.jobs.orchestrator import Backfill, Job, JobVersion, LogPart, OrchestratorError
from olo_jupyter.jobs.query import Changes, JobPage, JobQuery, JobShape, JobStanding, RunPage, RunQuery, TaskShape
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.jobs.runner import RunRequest, planned
from olo_jupyter.jobs.started import PATIENCE, POLL, launch, options, shown
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.jobs.usage import TaskUsage, task_usage
from olo_jupyter.project.project import Project

_WATCHED = 200
"""The newest runs are looked at for changes."""
_CHUNK = 1_000_000
"""Bytes of a log that one look gives at most."""


def connect(settings: Settings, target: str, options: OrchestratorSettings) -> LocalOrchestrator:  # noqa: ARG001 - the group's signature
    """This machine, for the project of ``settings``."""
    return LocalOrchestrator(settings, target)


class LocalOrchestrator:
    """The project's jobs on this machine, in one target. There are no schedules: runs start when asked.

    Args:
        settings: The project.
        target: The target that runs write; '' to look at the runs of all of them, and at jobs as they are written.
    """

    name = "local"

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings, self._target = settings, target
        self._project = Project(settings)
        self._heads = Heads()
        self._path = settings.state / "runs.db"

    @cached_property
    def _store(self) -> RunStore:
        return RunStore(self._path)

    @property
    def _records(self) -> RunStore | None:
        """The run records; None where nothing ran yet: looking makes no files."""
        return self._store if self._path.exists() else None

    def jobs(self) -> list[Job]:
        """All job files, the broken ones with what is wrong."""
        return [self._job(path.stem) for path in self._project.job_files]

    def _job(self, name: str) -> Job:
        try:
            spec = self._project.job(name, self._target)
        except SpecError as error:
            return Job(name, problem=str(error.problems[0]))
        schedule = spec.schedule.text if spec.schedule else ""
        return Job(name, spec.description, spec.owner, tuple(sorted(spec.tags)), schedule)

    def find_jobs(self, query: JobQuery) -> JobPage:
        """A page of the jobs. Only the files of the page are read whole; what is filtered by, of the others."""
        paths = self._project.job_files
        if query.text or query.owner or query.tag:
            paths = [path for path in paths if _fits(self._heads.head(path), query)]
        store = self._records
        if query.state:
            states = store.last_states(self._target) if store else {}
            paths = [path for path in paths if states.get(path.stem, "") == query.state]
        page = [self._job(path.stem) for path in paths[query.offset : query.offset + query.limit]]
        known = store.standings([job.name for job in page], self._target) if store else {}
        return JobPage(tuple(JobStanding(job, *known.get(job.name, ())) for job in page), len(paths))

    def find_runs(self, query: RunQuery) -> RunPage:
        """A page of the runs in the target, of all targets where there is none."""
        return self._records.page(query, self._target) if self._records else RunPage(())

    def changes(self, after: str = "") -> Changes:
        """The runs under way, and those that ended since then."""
        now = datetime.now(UTC).isoformat()
        store = self._records
        if not after or store is None:
            return Changes((), now)
        since = datetime.fromisoformat(after)
        newest = store.runs(limit=_WATCHED)
        changed = [run for run in newest if run.state not in ENDED or run.ended is None or run.ended >= since]
        return Changes(tuple(changed), now)

    def shape(self, job: str) -> JobShape:
        """The tasks and parameters of a job's file.

        Raises:
            OrchestratorError: job-not-found; job-invalid.
        """
        spec = self._spec(job)
        tasks = {task.name: task for task in spec.tasks}
        shapes = [TaskShape(name, tasks[name].kind, tuple(tasks[name].depends_on)) for name in spec.order()]
        return JobShape(tuple(shapes), values_schema(spec.parameters))

    def runs(self, job: str | None = None, *, limit: int = 20) -> list[RunRecord]:
        """The newest runs first."""
        return self._records.runs(job, limit) if self._records else []

    def run(self, id: str) -> RunRecord:
        """One run.

        Raises:
            OrchestratorError: run-not-found.
        """
        record = self._records.run(id) if self._records else None
        if record is None:
            raise OrchestratorError(
                f"There is no run {id!r}.", code="run-not-found", hint="olo runs lists those that there are."
            )
        return record

    def trigger(self, job: str, parameters: Mapping[str, Any], *, by: str = "") -> RunRecord:
        """Start a run in a process of its own, which goes on when this one ends.

        Raises:
            OrchestratorError: job-not-found; job-invalid; run-not-started.
            RunError: bad-parameter.
        """
        planned(self._request(job, parameters))
        run_id = str(generate_new_uuid())
        words = ("run", job, "--target", self._target, "--run-id", run_id)
        process = launch(self._settings, run_id, *words, *options(parameters, by))
        return shown(self._store, self._settings, run_id, process)

    def pause(self, job: str, paused: bool) -> None:
        """There are no schedules here.

        Raises:
            OrchestratorError: not-supported.
        """
        what = "paused" if paused else "turned on"
        raise OrchestratorError(
            f"Job {job} can't be {what}: this machine runs no schedules.",
            code="not-supported",
            hint="Deploy to a target that an Airflow serves.",
        )

    def rerun(self, id: str, *, by: str = "") -> RunRecord:
        """Go on with a run where it stopped, in a process of its own.

        Raises:
            OrchestratorError: run-not-found, nothing-to-rerun, run-not-started.
        """
        before = self.run(id)
        if before.state not in ("failed", "cancelled"):
            raise OrchestratorError(f"Run {id} is {before.state}: nothing failed.", code="nothing-to-rerun")
        words = ("run", before.job, "--target", before.target, "--resume-run", id)
        process = launch(self._settings, id, *words, *options({}, by))
        return shown(self._store, self._settings, id, process, not_as=before)

    def cancel(self, id: str, *, by: str = "") -> RunRecord:
        """End a run and its processes; one that has ended stays as it is."""
        record = self.run(id)
        process = self._store.process(id)
        if record.state in ENDED or process is None:
            return record
        self._store.note_cancel(id, by or self._settings.user)
        os.kill(process, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while (record := self.run(id)).state not in ENDED and time.monotonic() < end:
            time.sleep(POLL)
        return record

    def log(self, id: str, task: str, *, attempt: int | None = None, after: str = "") -> LogPart:  # noqa: ARG002
        """What a task has printed since ``after``, which counts bytes; all attempts are in one log.

        Raises:
            OrchestratorError: run-not-found, task-not-found.
        """
        record = self.run(id)
        try:
            run = record.task(task)
        except KeyError:
            known = ", ".join(one.name for one in record.tasks)
            raise OrchestratorError(
                f"Run {id} has no task {task!r}.", code="task-not-found", hint=f"Its tasks: {known}."
            ) from None
        complete = run.state in ENDED
        path, start = Path(run.log), int(after or 0)
        if not path.is_file():
            return LogPart("", after, complete)
        with path.open("rb") as stream:
            stream.seek(start)
            found = stream.read(_CHUNK)
        if len(found) == _CHUNK or not complete:  # whole lines, so that no character is cut
            found = found[: found.rfind(b"\n") + 1] or (found if len(found) == _CHUNK else b"")
            complete = complete and not found
        return LogPart(found.decode("utf-8", "replace"), str(start + len(found)), complete)

    def preview(self, job: str, start: date, end: date) -> Backfill:
        """The moments of the job's schedule, and those that have a successful run."""
        request = self._request(job, {})
        wanted = self._moments(request.job, start, end)
        done = done_moments(self._records, request, wanted) if self._records else {}
        return Backfill(
            job, tuple(wanted), runs={at: record.id for at, record in done.items() if record.state == "success"}
        )

    def backfill(self, job: str, start: date, end: date, parameters: Mapping[str, Any], *, by: str = "") -> Backfill:
        """A run a moment, one after the other, in a process of its own.

        Raises:
            OrchestratorError: job-not-found, nothing-to-backfill.
        """
        planned(self._request(job, parameters))
        found = self.preview(job, start, end)
        if not found.moments:
            raise OrchestratorError(
                f"The schedule of {job} has no run from {start} to {end}.", code="nothing-to-backfill"
            )
        name = str(generate_new_uuid())
        span = ("--from", start.isoformat(), "--to", end.isoformat())
        words = ("backfill", job, "--target", self._target, *span, "--orchestrator", "local")
        launch(self._settings, name, *words, *options(parameters, by))
        return Backfill(job, found.moments, name, found.runs)

    def versions(self, job: str) -> list[JobVersion]:
        """The commits that changed the job's file, the newest first; [] outside a repository."""
        self._spec(job)
        command = ["git", "log", "--format=%H %cI", "--", f"jobs/{job}.yml"]
        done = subprocess.run(command, cwd=self._settings.root, capture_output=True, text=True, check=False)
        lines = [line.split() for line in done.stdout.splitlines()] if done.returncode == 0 else []
        return [
            JobVersion(len(lines) - index, commit, datetime.fromisoformat(at).astimezone(UTC))
            for index, (commit, at) in enumerate(lines)
        ]

    def usage(self, since: datetime | None = None) -> list[TaskUsage]:
        """What the tasks of the target's runs used, all tries."""
        return [one for one in task_usage(self._settings.state, since) if one.target == self._target]

    def close(self) -> None:
        """Nothing is held."""

    def _moments(self, job: JobSpec, start: date, end: date) -> list[datetime]:
        try:
            return moments(job, start, end)
        except TooManyError as error:
            raise OrchestratorError(str(error), code="nothing-to-backfill", hint="Take a shorter span.") from None

    def _spec(self, job: str) -> JobSpec:
        known = [path.stem for path in self._project.job_files]
        if job not in known:
            near = get_close_matches(job, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Jobs: {', '.join(known) or 'none'}."
            raise OrchestratorError(f"There is no job {job!r}.", code="job-not-found", hint=hint)
        try:
            return self._project.job(job, self._target)
        except SpecError as error:
            raise OrchestratorError("\n".join(map(str, error.problems)), code="job-invalid") from None

    def _request(self, job: str, parameters: Mapping[str, Any]) -> RunRequest:
        settings = self._settings
        return RunRequest(
            job=self._spec(job),
            root=settings.root,
            config=settings.root,
            state=settings.state,
            project=settings.name,
            target=self._project.target(self._target),
            user=settings.user,
            parameters=parameters,
        )


def _fits(head: Head, query: JobQuery) -> bool:
    text = query.text.casefold()
    return (
        (not query.owner or head.owner == query.owner)
        and (not query.tag or query.tag in head.tags)
        and any(text in word.casefold() for word in (head.name, head.description, head.owner, *head.tags))
    )
