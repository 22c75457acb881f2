"""Jobs of the project."""

from __future__ import annotations

from olo_jupyter.server.models.base import Answer


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

    ``file`` counts from the project's folder, ``path`` from the server's, '' where that can't reach it.
    """

    name: str
    file: str
    path: str
    description: str
    owner: str
    schedule: str
    tasks: list[TaskSummary]
    problems: list[JobProblem]


class JobList(Answer):
    """The jobs in the project's working tree, sorted by name."""

    jobs: list[JobDetail]
