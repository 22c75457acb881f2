"""Read ``jobs/*.yml``: every error of a file at once, each with file, line, column and a hint."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from olo_jobs.credentials import credentials
from olo_jobs.document import Document, parse_document, read_document
from olo_jobs.explain import explain
from olo_jobs.overrides import MergeError, merge
from olo_jobs.problem import Location, Problem, SpecError
from olo_jobs.spec import JobSpec
from olo_jobs.target import TargetSpec
from olo_jobs.variables import Variables
from olo_jobs.wiring import WrongReference, wrong_references

__all__ = ["Problem", "SpecError", "load_job", "load_target", "parse_job", "read_job", "read_model"]

Model = TypeVar("Model", bound=BaseModel)


def load_job(path: Path, *, target: str = "", variables: Variables | None = None, name: str = "") -> JobSpec:
    """Read one job file.

    Args:
        target: The target whose changes are merged in; '' for the job as it stands.
        variables: What ``${…}`` stand for; None leaves them as they are written.
        name: What errors call the file; default: its path.

    Raises:
        SpecError: The file can't be read, is not YAML, or is no job spec; all its problems are in it.
    """
    job = read_job(read_document(path, name), target=target, variables=variables)
    if job.name != path.stem:
        message = f"the job is called {job.name!r}, its file {path.name!r}"
        hint = f"Rename the file to {job.name}.yml, or the job."
        document = read_document(path, name)
        raise SpecError([document.problem(("name",), "name-mismatch", message, hint)])
    return job


def parse_job(text: str, file: str = "<job>", *, target: str = "", variables: Variables | None = None) -> JobSpec:
    """Read a job spec from YAML text; ``file`` is the name that errors show. Else as load_job.

    Raises:
        SpecError: As load_job.
    """
    return read_job(parse_document(text, file), target=target, variables=variables)


def read_job(document: Document, *, target: str = "", variables: Variables | None = None) -> JobSpec:
    """A job spec from a document that was read, else as load_job.

    Without ``target`` the changes of every target are checked too.

    Raises:
        SpecError: As load_job.
    """
    values = document.value
    if not isinstance(values, dict):
        message = "is empty" if values is None else "must hold keys and values"
        raise SpecError([document.problem((), "not-a-job", message, "A job has version, name and tasks.")])
    problems: list[Problem] = []
    secret: set[Location] = set()
    for at, what in credentials(values):
        secret.add(at)
        problems.append(document.problem(at, "secret", f"looks like a credential ({what})", secret_hint(at)))
    changes = values.get("targets")
    variants = [target] if target else ["", *(changes if isinstance(changes, dict) else ())]
    jobs: list[JobSpec] = []
    for variant in variants:
        merged, origins = _merged(document, values, variant, problems) if variant else (values, {})
        if variables is not None:
            merged, unset = variables.fill(merged)
            problems += [document.problem(_origin(at, origins), "variable", said, hint) for at, said, hint in unset]
        try:
            jobs.append(JobSpec.model_validate(merged))
        except ValidationError as error:
            problems += _invalid(document, merged, error, origins, secret)
    if problems:
        raise SpecError(sorted(set(problems)))
    return jobs[0]


def load_target(path: Path, variables: Variables | None = None, name: str = "") -> TargetSpec:
    """Read ``targets/<name>.yml``; arguments as for load_job.

    Raises:
        SpecError: The file can't be read, is not YAML, or is no target; all its problems are in it.
    """
    return read_model(read_document(path, name), TargetSpec, variables, empty="A target has at least catalog.")


def read_model(document: Document, model: type[Model], variables: Variables | None = None, *, empty: str = "") -> Model:
    """A document as a model that isn't a job: a target, a list of dashboards.

    Args:
        empty: What such a file has, for the hint where it holds something else.

    Raises:
        SpecError: All that is wrong with it.
    """
    values = document.value
    if not isinstance(values, dict):
        message = "is empty" if values is None else "must hold keys and values"
        raise SpecError([document.problem((), "not-keys", message, empty)])
    secret: set[Location] = set()
    problems: list[Problem] = []
    for at, what in credentials(values):
        secret.add(at)
        hint = "Name the secret instead, and give its value by the environment."
        problems.append(document.problem(at, "secret", f"looks like a credential ({what})", hint))
    if variables is not None:
        values, unset = variables.fill(values)
        problems += [document.problem(at, "variable", said, hint) for at, said, hint in unset]
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        said_of = [explain(item, model, values) for item in error.errors(include_url=False)]
        shown = [said for said in said_of if said.place not in secret]
        problems += [document.problem(said.place, said.code, said.message, said.hint) for said in shown]
    if problems:
        raise SpecError(sorted(set(problems)))
    return found


def _merged(
    document: Document, values: dict[str, Any], target: str, problems: list[Problem]
) -> tuple[dict[str, Any], dict[Location, Location]]:
    """The job with a target's changes, and where in the file each changed value comes from."""
    targets = values.get("targets")
    change = targets.get(target) if isinstance(targets, dict) else None
    if not isinstance(change, dict):
        return values, {}
    try:
        merged, origins = merge({key: value for key, value in values.items() if key != "targets"}, change)
    except MergeError as error:
        place: Location = ("targets", target, *error.location)
        hint = nearest(str(error).rsplit("'", 2)[-2], error.known)
        problems.append(document.problem(place, "unknown-reference", str(error), hint))
        return values, {}
    return merged, {at: ("targets", target, *source) for at, source in origins.items()}


def _origin(at: Location, origins: dict[Location, Location]) -> Location:
    """Where in the file a value of the merged job stands."""
    for length in range(len(at), 0, -1):
        source = origins.get(at[:length])
        if source is not None:
            return (*source, *at[length:])
    return at


def _invalid(
    document: Document,
    values: dict[str, Any],
    error: ValidationError,
    origins: dict[Location, Location],
    secret: set[Location],
) -> list[Problem]:
    found: list[Problem] = []
    wrong: list[WrongReference] | None = None
    for item in error.errors(include_url=False):
        if item["type"] == "reference":
            wrong = item["ctx"]["found"]
            continue
        said = explain(item, JobSpec, values)
        at = _origin(said.place, origins)
        if said.place not in secret and at not in secret:
            found.append(document.problem(at, said.code, said.message, said.hint))
    for one in wrong if wrong is not None else wrong_references(values):
        hint = nearest(one.wanted, one.known) or (f"Known: {', '.join(one.known)}." if one.known else "")
        found.append(document.problem(_origin(one.place, origins), "unknown-reference", one.message, hint))
    return found


def nearest(wanted: str, known: Any) -> str:
    """A hint that offers the nearest of the known names; '' where none is near."""
    near = get_close_matches(wanted, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def secret_hint(at: Location) -> str:
    """How a credential is named instead of written, at a place of a job."""
    where = [part for part in at if isinstance(part, str)]
    if "slack" in where:
        return "Write slack: {channel: NAME, secret: SECRET}: the secret's name."
    if "teams" in where or "pagerduty" in where:
        return f"Write {'teams' if 'teams' in where else 'pagerduty'}: {{secret: SECRET}}: the secret's name."
    if "env" in where or "headers" in where or "webhook" in where:
        return "Write {secret: NAME}: the value is taken from OLO_SECRET_NAME, in Airflow from its Variable NAME."
    return "Give it to the task by env, {VARIABLE: {secret: NAME}}, and read the environment variable there."
