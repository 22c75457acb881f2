"""What a target runs: the file ``.olo/deployment.json`` in the tree of its deploy branch, written by ``olo deploy``.

An orchestrator that serves a target checks out the branch ``deploy/<target>`` and reads this file: the jobs in it are
resolved, the target's changes merged in and every ``${…}`` filled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from olo_jobs.explain import message_of
from olo_jobs.problem import Problem, SpecError
from olo_jobs.spec import JobSpec
from olo_jobs.target import SANDBOX, TargetSpec

FILE = ".olo/deployment.json"


def deploy_branch(target: str, user: str = "") -> str:
    """The branch that records what a target runs; in the sandbox each user has one.

    Example:
        >>> deploy_branch("prod"), deploy_branch("sandbox", "ana")
        ('deploy/prod', 'deploy/sandbox/ana')
    """
    return f"deploy/{target}/{user}" if target == SANDBOX else f"deploy/{target}"


class Deployment(BaseModel):
    """One deployment of a project to a target. ``jobs`` are keyed by the name that they run under there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    project: str = Field(description="Name of the project, from olo.yml.")
    target: str
    commit: str = Field(description="The commit whose files these are.")
    release: str = Field(default="", description="The released version, e.g. v1.4.0; '' where it is none.")
    by: str = Field(description="Who deployed: a user or service account.")
    at: AwareDatetime
    number: int = Field(ge=1, description="Counts the deployments of the target.")
    rolled_back_to: int | None = Field(default=None, description="Number of the deployment that this one restores.")
    paused: bool = Field(description="Whether schedules stand still: everywhere but in production.")
    spec: TargetSpec
    jobs: dict[str, JobSpec] = Field(default_factory=dict)


def read_deployment(root: Path) -> Deployment:
    """The deployment that a checkout of a deploy branch holds.

    Args:
        root: The project's folder in it.

    Raises:
        SpecError: There is none, or it can't be read.
    """
    path = root / FILE
    try:
        return parse_deployment(path.read_bytes(), str(path))
    except OSError as error:
        hint = "Check out a deploy branch, deploy/<target>; olo deploy makes it."
        raise SpecError(
            [Problem(str(path), 1, 1, "no-deployment", f"can't be read: {error.strerror}", hint)]
        ) from error


def parse_deployment(data: bytes, file: str = FILE) -> Deployment:
    """A deployment from the file's content.

    Raises:
        SpecError: It is none, or of a newer version.
    """
    try:
        return Deployment.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SpecError([Problem(file, 1, 1, "not-a-deployment", f"{where}: {message_of(first)}")]) from error
