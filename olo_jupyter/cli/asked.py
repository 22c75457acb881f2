"""What commands that ask a target's orchestrator share: their options, the connection, the audit, typed parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_jupyter.jobs.orchestrator import Orchestrator

Target = Annotated[
    str, typer.Option(help="Target; its orchestrator is asked: `orchestrators` in olo.yml, else this machine.")
]
Which = Annotated[str | None, typer.Option("--orchestrator", help="Ask this one instead: local, airflow …")]
Json = Annotated[bool, typer.Option("--json", help="JSON, an object a line.")]
Params = Annotated[list[str] | None, typer.Option("--param", "-p", help="NAME=VALUE for a parameter of the job.")]


@contextmanager
def connected(target: str, name: str | None = None) -> Iterator[Orchestrator]:
    """The orchestrator of a target, as olo.yml says."""
    from olo_jupyter.config import project_settings
    from olo_jupyter.jobs.orchestrator import connect
    from olo_jupyter.project.project import Project

    settings = project_settings()
    Project(settings).target(target)
    orchestrator = connect(settings, target, name)
    try:
        yield orchestrator
    finally:
        orchestrator.close()


@contextmanager
def kept(action: str, subject: str, target: str, *, who: str = "", **more: Any) -> Iterator[dict[str, Any]]:
    """The body, in the audit, as done by ``who``; '' for the person of the settings."""
    from olo_jupyter.config import project_settings
    from olo_jupyter.store.audit import audited

    with audited(project_settings(), action, subject, after={"target": target, **more}, who=who) as after:
        yield after


def typed(job: str, target: str, given: dict[str, str], *, local: bool) -> dict[str, Any]:
    """Given texts as the types that the job's parameters have, where the project here has the job."""
    from olo_jobs.load import SpecError
    from olo_jupyter.config import project_settings
    from olo_jupyter.project.project import Project

    if local or not given:
        return dict(given)
    try:
        spec = Project(project_settings()).job(job, target)
    except SpecError:
        return dict(given)  # deployed from elsewhere: the orchestrator says what it thinks of them
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in spec.parameters:
            known = ", ".join(spec.parameters) or "none"
            raise OloError(f"Job {job} has no parameter {name!r}.", code="bad-parameter", hint=f"It takes: {known}.")
        try:
            values[name] = spec.parameters[name].convert(value)
        except ValueError as error:
            raise OloError(f"Parameter {name!r}: {error}.", code="bad-parameter") from None
    return values
