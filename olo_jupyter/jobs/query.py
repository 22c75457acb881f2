"""What can be asked of an orchestrator's jobs and runs: filtered and in pages, so that thousands stay quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from olo_jupyter.jobs.records import RunRecord, State

if TYPE_CHECKING:
    from olo_jupyter.jobs.orchestrator import Job

RECENT = 25
"""Runs of a job that its success rate counts."""


@dataclass(frozen=True)
class JobQuery:
    """Which jobs.

    Args:
        text: A part of the name, description, owner or a tag, in any case; '' for all.
        owner: The owner, exactly.
        tag: One of its tags, exactly.
        state: State of its last run; '' for any.
        offset: How many to leave out from the start.
    """

    text: str = ""
    owner: str = ""
    tag: str = ""
    state: str = ""
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True)
class JobStanding:
    """A job with how it goes: its last run, and how many of its newest RECENT ended runs succeeded."""

    job: Job
    last: RunRecord | None = None
    succeeded: int = 0
    ended: int = 0


@dataclass(frozen=True)
class JobPage:
    """Some jobs, sorted by name, of ``total`` that the query finds."""

    jobs: tuple[JobStanding, ...]
    total: int


@dataclass(frozen=True)
class RunQuery:
    """Which runs, the newest first.

    Args:
        job: Of one job; '' for all.
        states: In one of these; empty for any.
        text: A part of the job's name, the run's id or its user, in any case.
        after: Where an earlier page ended: its ``next``.
    """

    job: str = ""
    states: tuple[State, ...] = ()
    text: str = ""
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class RunPage:
    """Some runs, the newest first; ``next`` asks for those after them, '' where there are none."""

    runs: tuple[RunRecord, ...]
    next: str = ""


@dataclass(frozen=True)
class TaskShape:
    """A task of a job, with the tasks that it waits for."""

    name: str
    kind: str = ""
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobShape:
    """What a job is made of: its tasks in order, and the JSON Schema of the values that a run may be given."""

    tasks: tuple[TaskShape, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


@dataclass(frozen=True)
class Changes:
    """Runs, with their tasks, that changed; ``after`` asks for the changes from then on."""

    runs: tuple[RunRecord, ...]
    after: str
