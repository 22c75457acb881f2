"""Orchestrators: what runs jobs.

This machine and Airflow come along; others are found by the entry-point group ``olo.orchestrators``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, Protocol

from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.query import Changes, JobPage, JobQuery, JobShape, RunPage, RunQuery
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.usage import TaskUsage

GROUP = "olo.orchestrators"
LOCAL = "local"


class OrchestratorError(OloError):
    """An orchestrator can't do what it was asked."""

    default_code = "orchestrator"


@dataclass(frozen=True)
class Job:
    """A job as an orchestrator has it.

    Args:
        paused: Whether its schedule is off, None where the orchestrator has no schedules.
        next_run: When its schedule fires next, None where it doesn't.
        problem: Why it can't run, '' where it can.
    """

    name: str
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    schedule: str = ""
    paused: bool | None = None
    next_run: datetime | None = None
    problem: str = ""


@dataclass(frozen=True)
class LogPart:
    """A part of a task's log. ``after`` asks for what follows; ``complete`` says that nothing will."""

    text: str
    after: str
    complete: bool


@dataclass(frozen=True)
class JobVersion:
    """A version of a job: its number, the commit it came from ('' where unknown), since when it is served."""

    number: int
    commit: str
    created: datetime | None = None


@dataclass(frozen=True)
class Backfill:
    """Runs of a job for past moments: the moments, and the id of each one's run where there is one already."""

    job: str
    moments: tuple[datetime, ...]
    id: str = ""
    runs: Mapping[datetime, str] = field(default_factory=dict)


class Orchestrator(Protocol):
    """What every orchestrator does. A run's id is unique among all its runs.

    ``by`` is who asks, and stands in the run's record; '' for the user of the project's settings. A service that acts
    for people names them.
    """

    name: str

    def jobs(self) -> list[Job]:
        """All jobs, sorted by name."""

    def runs(self, job: str | None = None, *, limit: int = 20) -> list[RunRecord]:
        """The newest runs first, of one job or of all."""

    def find_jobs(self, query: JobQuery) -> JobPage:
        """A page of the jobs that a query finds, with how each goes."""

    def find_runs(self, query: RunQuery) -> RunPage:
        """A page of the runs that a query finds; where they come from far away, without their tasks."""

    def changes(self, after: str = "") -> Changes:
        """The runs of which anything changed since an earlier answer's ``after``; '' only tells where to begin.

        A run may be told again that hasn't changed."""

    def shape(self, job: str) -> JobShape:
        """What a job is made of. Raises OrchestratorError: job-not-found, job-invalid."""

    def run(self, id: str) -> RunRecord:
        """One run with its tasks. Raises OrchestratorError: run-not-found."""

    def trigger(self, job: str, parameters: Mapping[str, Any], *, by: str = "") -> RunRecord:
        """Start a run now.

        Raises OrchestratorError: job-not-found, bad-parameter, job-paused."""

    def pause(self, job: str, paused: bool) -> None:
        """Turn a job's schedule off or on. Raises OrchestratorError: not-supported where there are no schedules."""

    def rerun(self, id: str, *, by: str = "") -> RunRecord:
        """Run what failed of a run, and what depends on it, again. Raises OrchestratorError: nothing-to-rerun."""

    def cancel(self, id: str, *, by: str = "") -> RunRecord:
        """End a run and its processes; one that has ended stays as it is."""

    def log(self, id: str, task: str, *, attempt: int | None = None, after: str = "") -> LogPart:
        """What a task has printed since ``after``; of its last attempt unless another is named.

        Raises OrchestratorError: task-not-found."""

    def preview(self, job: str, start: date, end: date) -> Backfill:
        """The runs that a backfill would make. Nothing is done."""

    def backfill(self, job: str, start: date, end: date, parameters: Mapping[str, Any], *, by: str = "") -> Backfill:
        """Make the runs of past days, ``start`` and ``end`` included; those that succeeded already stay as they are."""

    def versions(self, job: str) -> list[JobVersion]:
        """The versions of a job, the newest first."""

    def usage(self, since: datetime | None = None) -> list[TaskUsage]:
        """What the tasks of the target's runs used, summed by task; of runs that began ``since`` then or later."""

    def close(self) -> None:
        """Let go of connections."""


class Factory(Protocol):
    """What an entry point of the group names: a callable that connects."""

    def __call__(self, settings: Settings, target: str, options: OrchestratorSettings) -> Orchestrator: ...


def orchestrator_for(settings: Settings, target: str) -> str:
    """The orchestrator that runs a target's jobs: the one whose ``targets`` in olo.yml has it, else local."""
    return next((name for name, one in settings.orchestrators.items() if target in one.targets), LOCAL)


def connect(settings: Settings, target: str, name: str | None = None) -> Orchestrator:
    """The orchestrator of a target.

    Args:
        name: One of olo.yml's ``orchestrators``, or ``local``; None for the target's own.

    Raises:
        OrchestratorError: orchestrator-not-found: there is none of that name, or nothing installed serves its type.
    """
    name = name or orchestrator_for(settings, target)
    options = settings.orchestrators.get(name) or (OrchestratorSettings(type=LOCAL) if name == LOCAL else None)
    if options is None:
        known = [LOCAL, *settings.orchestrators]
        near = get_close_matches(name, known, n=1)
        raise OrchestratorError(
            f"There is no orchestrator {name!r} in olo.yml; there are: {', '.join(known)}.",
            code="orchestrator-not-found",
            hint=f"Did you mean {near[0]!r}?" if near else "",
        )
    kind = options.type or name
    found = {point.name: point for point in entry_points(group=GROUP)}
    if kind not in found:
        raise OrchestratorError(
            f"Nothing installed serves orchestrators of type {kind!r}; known: {', '.join(sorted(found)) or 'none'}.",
            code="orchestrator-not-found",
        )
    factory: Factory = found[kind].load()
    return factory(settings, target, options)
