"""Runs of jobs: ``/runs…``. Snapshot ids are decimal strings: a browser reads JSON numbers as doubles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from olo_jupyter.jobs.records import State
from olo_jupyter.server.models.base import Answer, Body, Query


class TaskRunDetail(Answer):
    """A task of a run; ``rows`` counts rows written, ``reads`` and ``writes`` give the snapshot of each table."""

    name: str
    kind: str
    state: State
    started: datetime | None
    ended: datetime | None
    attempts: int
    rows: int | None
    reads: dict[str, str]
    writes: dict[str, str]
    tests_passed: int
    tests_failed: int
    message: str


class RunSummary(Answer):
    """A run, as a list shows it. ``moment`` is the time it stands for; ``backfill`` names the one it is part of."""

    id: str
    job: str
    target: str
    ref: str
    user: str
    state: State
    started: datetime | None
    ended: datetime | None
    moment: datetime | None
    backfill: str
    message: str


class RunDetail(RunSummary):
    """A run with its tasks, in the order of their dependencies where that is known.

    ``rerun_by`` and ``cancelled_by`` say who had it run again and who ended it, '' where nobody did.
    """

    rerun_by: str
    cancelled_by: str
    parameters: dict[str, Any]
    warnings: list[str]
    tasks: list[TaskRunDetail]


class RunList(Answer):
    """Runs, the newest first. ``next`` asks for those after them; ``now`` is the server's clock."""

    runs: list[RunSummary]
    next: str
    now: datetime


class OfTarget(Query):
    """Which target's orchestrator is asked; '' for this machine, whatever the target."""

    target: str = ""


class RunsQuery(OfTarget):
    """Which runs: ``text`` is a part of the job's name, the id or the user; ``after`` is the ``next`` of a page."""

    job: str = ""
    state: list[State] = Field(default_factory=list)
    text: str = ""
    after: str = ""
    limit: int = Field(default=50, ge=1, le=200)


class InTarget(Body):
    """Where something is done: as OfTarget."""

    target: str = ""


class OfAttempt(OfTarget):
    """Of which attempt of a task, None for the last."""

    attempt: int | None = Field(default=None, ge=1)


class LogQuery(OfAttempt):
    """Which lines of a log: from ``line`` on, counted from 0; a negative one counts from the end."""

    line: int = 0
    count: int = Field(default=500, ge=1, le=5000)


class LogAnswer(Answer):
    """Lines ``first`` and those after it, of ``total`` in ``size`` bytes; ``complete``: there will be no more."""

    lines: list[str]
    first: int
    total: int
    size: int
    complete: bool


class LogSearchQuery(OfAttempt):
    """What to look for in a log, from which line on."""

    text: str
    line: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=10_000)


class LogSearchAnswer(Answer):
    """The numbers of the lines that hold the text; ``next`` is the line to look on from, None at the end."""

    lines: list[int]
    next: int | None
