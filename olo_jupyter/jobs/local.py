"""This machine as an orchestrator: runs are processes of their own, records are in the project's state folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openlineage.client.uuid import generate_new_uuid

from olo_jobs.load import SpecError
from olo_jobs.spec import JobSpec
from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.jobs.backfill import done_moments
from olo_jupyter.jobs.moments import TooManyError, moments
from olo_jupyter.jobs.orchestrator import Backfill, Job, JobVersion, LogPart, OrchestratorError
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.jobs.runner import RunRequest, planned
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.project.project import Project

PATIENCE = 60.0
"""Seconds that a started process has to show its run, and an ended one to end."""
_POLL = 0.1
_CHUNK = 1_000_000
"""Bytes of a log that one look gives at most."""


def connect(settings: Settings, target: str, options: OrchestratorSettings) -> LocalOrchestrator:  # noqa: ARG001 - the group's signature
    """This machine, for the project of ``settings``."""
    return LocalOrchestrator(settings, target)


class LocalOrchestrator:
    """The project's jobs on this machine, in one target. There are no schedules: runs start when asked.

    Args:
        settings: The project.
        target: The target that runs write.
    """

    name = "local"

    def __init__(self, settings: Settings, target: str) -> None:
        self._settings, self._target = settings, target
        self._project = Project(settings)
        self._store = RunStore(settings.state / "runs.db")

    def jobs(self) -> list[Job]:
        """All job files, the broken ones with what is wrong."""
        listed = []
        for path in self._project.job_files:
            try:
                spec = self._project.job(path.stem, self._target)
            except SpecError as error:
                listed.append(Job(path.stem, problem=str(error.problems[0])))
                continue
            listed.append(
                Job(
                    path.stem,
                    spec.description,
                    spec.owner,
                    tuple(sorted(spec.tags)),
                    spec.schedule.text if spec.schedule else "",
                )
            )
        return listed

    def runs(self, job: str | None = None, *, limit: int = 20) -> list[RunRecord]:
        """The newest runs first."""
        return self._store.runs(job, limit)

    def run(self, id: str) -> RunRecord:
        """One run.

        Raises:
            OrchestratorError: run-not-found.
        """
        record = self._store.run(id)
        if record is None:
            raise OrchestratorError(
                f"There is no run {id!r}.", code="run-not-found", hint="olo runs lists those that there are."
            )
        return record

    def trigger(self, job: str, parameters: Mapping[str, Any]) -> RunRecord:
        """Start a run in a process of its own, which goes on when this one ends.

        Raises:
            OrchestratorError: job-not-found; job-invalid; run-not-started.
            RunError: bad-parameter.
        """
        planned(self._request(job, parameters))
        run_id = str(generate_new_uuid())
        given = [part for name, value in parameters.items() for part in ("--param", f"{name}={_text(value)}")]
        process = self._start(run_id, "run", job, "--target", self._target, "--run-id", run_id, *given)
        return self._shown(run_id, process)

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

    def rerun(self, id: str) -> RunRecord:
        """Go on with a run where it stopped, in a process of its own.

        Raises:
            OrchestratorError: run-not-found, nothing-to-rerun, run-not-started.
        """
        before = self.run(id)
        if before.state not in ("failed", "cancelled"):
            raise OrchestratorError(f"Run {id} is {before.state}: nothing failed.", code="nothing-to-rerun")
        process = self._start(id, "run", before.job, "--target", before.target, "--resume-run", id)
        return self._shown(id, process, not_as=before)

    def cancel(self, id: str) -> RunRecord:
        """End a run and its processes; one that has ended stays as it is."""
        record = self.run(id)
        process = self._store.process(id)
        if record.state in ENDED or process is None:
            return record
        os.kill(process, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while (record := self.run(id)).state not in ENDED and time.monotonic() < end:
            time.sleep(_POLL)
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
        done = done_moments(self._store, request, wanted)
        return Backfill(
            job, tuple(wanted), runs={at: record.id for at, record in done.items() if record.state == "success"}
        )

    def backfill(self, job: str, start: date, end: date, parameters: Mapping[str, Any]) -> Backfill:
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
        given = [part for key, value in parameters.items() for part in ("--param", f"{key}={_text(value)}")]
        span = ("--from", start.isoformat(), "--to", end.isoformat())
        self._start(name, "backfill", job, "--target", self._target, *span, *given, "--orchestrator", "local")
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

    def close(self) -> None:
        """Nothing is held."""

    def _moments(self, job: JobSpec, start: date, end: date) -> list[datetime]:
        try:
            return moments(job, start, end)
        except TooManyError as error:
            raise OrchestratorError(str(error), code="nothing-to-backfill", hint="Take a shorter span.") from None

    def _spec(self, job: str) -> JobSpec:
        if job not in {path.stem for path in self._project.job_files}:
            known = ", ".join(path.stem for path in self._project.job_files) or "none"
            raise OrchestratorError(f"There is no job {job!r}.", code="job-not-found", hint=f"Jobs: {known}.")
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

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """An ``olo`` command in a session of its own; what it prints is beside its run's logs."""
        folder = self._settings.state / "runs" / name
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "runner.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "olo_jupyter.cli", *words, "--json"],
                cwd=self._settings.root,
                env={**os.environ, "OLO_PROJECT": str(self._settings.root), "OLO_STATE": str(self._settings.state)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _shown(self, id: str, process: subprocess.Popen[bytes], not_as: RunRecord | None = None) -> RunRecord:
        """The record of a run that a process was started for, when it is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            record = self._store.run(id)
            if record is not None and record != not_as:
                return record
            if process.poll() not in (None, 0):
                break
            time.sleep(_POLL)
        log = self._settings.state / "runs" / id / "runner.log"
        said = log.read_text(errors="replace").strip()[-2000:]
        raise OrchestratorError(f"The run didn't start:\n{said}", code="run-not-started")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
