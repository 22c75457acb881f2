"""Jobs: ``/jobs…``, ``/targets``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from olo_jupyter.jobs.records import State
from olo_jupyter.server.models.base import Answer
from olo_jupyter.server.models.runs import InTarget, OfTarget, RunSummary


class TargetSummary(Answer):
    """A target, and the orchestrator that runs its jobs: ``local`` or one of olo.yml's."""

    name: str
    orchestrator: str


class TargetList(Answer):
    """The targets, sorted; ``default`` is where a run is started when nothing is said."""

    targets: list[TargetSummary]
    default: str


class JobSummary(Answer):
    """A job, as a list shows it.

    ``paused`` is None where the orchestrator has no schedules; ``problem`` says why it can't run. Of its ``ended``
    newest runs ``succeeded`` did.
    """

    name: str
    description: str
    owner: str
    tags: list[str]
    schedule: str
    paused: bool | None
    next_run: datetime | None
    problem: str
    last: RunSummary | None
    succeeded: int
    ended: int


class JobList(Answer):
    """Jobs sorted by name, of ``total`` that the query finds; ``now`` is the server's clock."""

    jobs: list[JobSummary]
    total: int
    now: datetime


class JobsQuery(OfTarget):
    """Which jobs: ``text`` is a part of the name, description, owner or a tag; ``state`` that of the last run."""

    text: str = ""
    owner: str = ""
    tag: str = ""
    state: State | None = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class TaskSummary(Answer):
    """A task of a job."""

    name: str
    kind: str
    depends_on: list[str]


class JobProblem(Answer):
    """Something wrong with a job's file, at its place (counted from 1)."""

    line: int
    column: int
    message: str
    hint: str


class JobDetail(Answer):
    """A job; one whose file has problems has no tasks.

    ``file`` counts from the project's folder, ``path`` from the server's, '' where that can't reach it or the job has
    no file here. ``parameters`` is the JSON Schema of the values that a run may be given.
    """

    name: str
    description: str
    owner: str
    tags: list[str]
    schedule: str
    paused: bool | None
    next_run: datetime | None
    file: str
    path: str
    tasks: list[TaskSummary]
    parameters: dict[str, Any]
    problems: list[JobProblem]


class Trigger(InTarget):
    """Where to start a run, with which values of the job's parameters."""

    parameters: dict[str, Any] = Field(default_factory=dict)


class Pause(InTarget):
    """Whether a job's schedule shall be off."""

    paused: bool


class Paused(Answer):
    """Whether a job's schedule is off."""

    paused: bool


class BackfillQuery(OfTarget):
    """The first and the last day of a backfill."""

    start: date
    end: date


class StartBackfill(InTarget):
    """The first and the last day of a backfill, and values of the job's parameters."""

    start: date
    end: date
    parameters: dict[str, Any] = Field(default_factory=dict)


class BackfillMoment(Answer):
    """A moment that a run stands for; ``run`` is the id of the one that succeeded already, '' where there is none."""

    at: datetime
    run: str


class BackfillPlan(Answer):
    """The runs of a backfill: ``to_run`` of the moments have none yet. ``id`` is '' before it was started."""

    job: str
    moments: list[BackfillMoment]
    to_run: int
    id: str = ""
