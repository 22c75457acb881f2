"""The job spec, version 1: what ``jobs/*.yml`` may say. The contract between project, runner and orchestrators.

Only pydantic here: this distribution is installed into orchestrators' own environments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Kind = Literal["dbt", "python", "sql", "shell"]
Location = tuple[str | int, ...]
_KINDS: tuple[Kind, ...] = get_args(Kind)
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_REFERENCE = re.compile(r"\{\{\s*([^}]*?)\s*\}\}")
BUILT_IN_VALUES = ("logical_date", "run_id", "target")
"""Values that every template may use beside the job's own parameters."""


def seconds(duration: str) -> int:
    """A duration of the spec in seconds.

    Raises:
        ValueError: not a whole number followed by s, m, h or d.

    Example:
        >>> seconds("10m"), seconds("1h")
        (600, 3600)
    """
    match = _DURATION.fullmatch(duration.strip())
    if match is None:
        raise ValueError(f"{duration!r} is not a duration: write a number and s, m, h or d, e.g. 30s or 10m")
    return int(match.group(1)) * _SECONDS[match.group(2)]


def _duration(value: str) -> str:
    seconds(value)
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not a time zone: use an IANA name, e.g. UTC or Europe/Berlin") from error
    return value


def _cron(value: str) -> str:
    if len(value.split()) != 5 or not re.fullmatch(r"[\d*/,\-\sA-Za-z#?LW]+", value):
        raise ValueError(f"{value!r} is not a cron expression: five fields, e.g. 0 6 * * *")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
Duration = Annotated[str, AfterValidator(_duration)]


class SpecModel(BaseModel):
    """Every part of the spec refuses keys that it doesn't know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(SpecModel):
    """When the job runs: exactly one of cron, every, on_update. Kept paused outside prod."""

    cron: Annotated[str, AfterValidator(_cron)] | None = None
    every: Duration | None = None
    on_update: list[str] | None = Field(
        default=None, min_length=1, description="Tables whose new snapshots start a run."
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"

    @model_validator(mode="after")
    def _one(self) -> Schedule:
        if sum(value is not None for value in (self.cron, self.every, self.on_update)) != 1:
            raise ValueError("a schedule is one of cron, every, on_update")
        return self


class Parameter(SpecModel):
    """A value that a run may be given, with its type; ``default`` may be a template such as ``{{ logical_date }}``."""

    type: Literal["string", "integer", "number", "boolean", "date", "timestamp"] = "string"
    default: str | int | float | bool | None = None
    description: str = ""


class Retries(SpecModel):
    """How a failed task is tried again; ``attempts`` counts the first one too."""

    attempts: int = Field(default=1, ge=1, le=100)
    backoff: Literal["constant", "exponential"] = "exponential"
    initial: Duration = "30s"
    max: Duration = "10m"


class DbtTask(SpecModel):
    """``dbt build`` (or another command) of the project's own dbt project."""

    command: Literal["build", "run", "test", "seed", "snapshot"] = "build"
    select: str | None = None
    exclude: str | None = None
    full_refresh: bool = False
    vars: dict[str, Any] = Field(default_factory=dict)


class PythonTask(SpecModel):
    """A function of the project's package, ``package.module:function``, called in a process of its own."""

    function: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    arguments: dict[str, Any] = Field(default_factory=dict)


class SqlTask(SpecModel):
    """Statements of a file in the project, or inline; ``:name`` parameters are bound."""

    file: str | None = None
    text: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> SqlTask:
        if (self.file is None) == (self.text is None):
            raise ValueError("an sql task is one of file, text")
        return self


class ShellTask(SpecModel):
    """A command: a list of arguments (may hold templates), or a bash script (values come in by ``env``)."""

    command: str | Annotated[list[str], Field(min_length=1)]
    env: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_template_in_script(self) -> ShellTask:
        if isinstance(self.command, str) and "{{" in self.command:
            raise ValueError("a script takes no {{ … }}: its text would become code. Pass the value by env")
        return self


class Task(SpecModel):
    """One step of a job: exactly one of the kinds dbt, python, sql, shell."""

    name: Name
    description: str = ""
    dbt: DbtTask | None = None
    python: PythonTask | None = None
    sql: SqlTask | None = None
    shell: ShellTask | None = None
    depends_on: list[Name] = Field(default_factory=list)
    retries: Retries | None = None
    timeout: Duration | None = None
    resources: str | None = Field(default=None, description="Name of a resource profile of the target.")

    @property
    def kind(self) -> Kind:
        """Which of the kinds this task is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Task:
        if sum(getattr(self, kind) is not None for kind in _KINDS) != 1:
            raise ValueError("a task has exactly one of dbt, python, sql, shell")
        return self


class Notification(SpecModel):
    """Where to tell: exactly one channel. Acted on by the orchestrator."""

    slack: str | None = None
    email: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Notification:
        if (self.slack is None) == (self.email is None):
            raise ValueError("a notification is one of slack, email")
        return self


class Notify(SpecModel):
    """Whom to tell when a run ends."""

    on_failure: list[Notification] = Field(default_factory=list)
    on_success: list[Notification] = Field(default_factory=list)


class JobSpec(SpecModel):
    """A job: named tasks with dependencies, a schedule, parameters, retries."""

    version: Literal[1]
    name: Name
    description: str = ""
    owner: str = ""
    tags: list[str] = Field(default_factory=list)
    schedule: Schedule | None = None
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    retries: Retries = Field(default_factory=Retries)
    timeout: Duration | None = None
    sla: Duration | None = None
    notify: Notify = Field(default_factory=Notify)
    tasks: list[Task] = Field(min_length=1)

    @model_validator(mode="after")
    def _references(self) -> JobSpec:
        found = list(self._wrong_references())
        if found:
            text = "; ".join(message for _, message in found)
            raise PydanticCustomError("reference", "{text}", {"text": text, "found": found})
        return self

    def _wrong_references(self) -> Iterator[tuple[Location, str]]:
        """What names something that isn't there, each with its place in the spec."""
        names = [task.name for task in self.tasks]
        for index, task in enumerate(self.tasks):
            if task.name in names[:index]:
                yield ("tasks", index, "name"), f"task {task.name!r} is there twice"
            for at, upstream in enumerate(task.depends_on):
                if upstream not in names:
                    message = f"task {task.name!r} depends on {upstream!r}, which is no task of this job"
                    yield ("tasks", index, "depends_on", at), message
        try:
            self.order()
        except CycleError as error:
            yield ("tasks",), f"tasks depend on each other in a circle: {' → '.join(error.args[1])}"
        known = {*self.parameters, *BUILT_IN_VALUES}
        for place, reference in _references_in(self.model_dump(), ()):
            if reference not in known:
                names_known = ", ".join(sorted(known))
                yield place, f"{{{{ {reference} }}}} is no parameter of this job; known: {names_known}"

    def order(self) -> list[str]:
        """Task names, every task after those it depends on.

        Raises:
            graphlib.CycleError: The dependencies form a circle.
        """
        return list(TopologicalSorter({task.name: task.depends_on for task in self.tasks}).static_order())


def _references_in(value: Any, place: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        for name in _REFERENCE.findall(value):
            yield place, name
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _references_in(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references_in(item, (*place, index))


def render(value: Any, values: dict[str, Any]) -> Any:
    """Fill ``{{ name }}`` in every string inside ``value``. A string that is one template keeps the value's type.

    Raises:
        KeyError: a name that isn't in ``values``.

    Example:
        >>> render({"day": "{{ day }}", "note": "for {{ day }}"}, {"day": 3})
        {'day': 3, 'note': 'for 3'}
    """
    if isinstance(value, dict):
        return {key: render(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [render(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return values[whole.group(1)]
    return _REFERENCE.sub(lambda match: str(values[match.group(1)]), value)
