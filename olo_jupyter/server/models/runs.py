"""Runs of jobs."""

from __future__ import annotations

from datetime import datetime

from olo_jupyter.server.models.base import Answer, Query


class TaskRunDetail(Answer):
    """A task of a run; ``rows`` counts rows written."""

    name: str
    state: str
    started: datetime | None
    ended: datetime | None
    rows: int | None
    message: str


class RunDetail(Answer):
    """A run of a job."""

    id: str
    job: str
    target: str
    ref: str
    state: str
    started: datetime | None
    ended: datetime | None
    message: str
    tasks: list[TaskRunDetail]


class RunList(Answer):
    """Runs, newest first."""

    runs: list[RunDetail]


class RunQuery(Query):
    """Which runs: of one job, or of all."""

    job: str | None = None
