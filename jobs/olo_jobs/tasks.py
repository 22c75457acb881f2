"""The steps of a job, one model a kind. Parameters reach a task as arguments, environment or bound values."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from olo_jobs.fields import Duration, Name, Span, SpecModel, Text, Variable, seconds
from olo_jobs.resources import ResourcesOrProfile

Kind = Literal["dbt", "sql", "python", "spark", "shell", "http"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Json = Any
Path = Annotated[str, StringConstraints(min_length=1)]
"""A file, relative to the project's folder."""


class Retries(SpecModel):
    """How a failed task is tried again; the wait doubles each time with ``exponential``, up to ``max``."""

    attempts: int = Field(
        default=1, ge=1, le=100, description="How often the task is tried, the first time counted too."
    )
    backoff: Literal["constant", "exponential"] = Field(default="exponential", description="How the wait grows.")
    initial: Duration = Field(default="30s", description="Wait before the second try.")
    max: Duration = Field(default="10m", description="The longest wait.")
    jitter: bool = Field(
        default=True,
        description="Whether each wait is shortened at random, by up to a quarter: not all try again at once.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Retries:
        if seconds(self.initial) > seconds(self.max):
            raise ValueError(f"initial {self.initial} is longer than max {self.max}: write a longer max too")
        return self


class DbtTask(SpecModel):
    """``dbt build`` (or another command) of the project's own dbt project."""

    command: Literal["build", "run", "test", "seed", "snapshot"] = Field(default="build", description="dbt's command.")
    select: str | None = Field(default=None, min_length=1, description="dbt's --select.", examples=["+daily_delays"])
    exclude: str | None = Field(default=None, min_length=1, description="dbt's --exclude.")
    selector: str | None = Field(default=None, min_length=1, description="dbt's --selector: a name of selectors.yml.")
    full_refresh: bool = Field(default=False, description="Rebuild incremental models from the start.")
    vars: dict[str, Json] = Field(default_factory=dict, description="dbt's --vars; values may be templates.")

    @model_validator(mode="after")
    def _one_way(self) -> DbtTask:
        if self.selector is not None and (self.select is not None or self.exclude is not None):
            raise ValueError("selector can't stand beside select or exclude")
        return self


class PythonTask(SpecModel):
    """A function of the project's package, called in a process of its own."""

    function: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$")] = Field(
        description="module:function, the module below src/.", examples=["delays.score:main"]
    )
    arguments: dict[str, Json] = Field(
        default_factory=dict, description="Keyword arguments; values may be templates.", examples=[{"day": "{{ day }}"}]
    )
    requirements: Path | None = Field(
        default=None,
        description="Requirements file of the environment that it runs in. Default: the project's environment.",
        examples=["requirements/score.txt"],
    )


_ONE_SOURCE = {
    "oneOf": [{"required": [key], "properties": {key: {"not": {"type": "null"}}}} for key in ("file", "text")]
}


class SqlTask(SpecModel, json_schema_extra=_ONE_SOURCE):
    """Statements of a file in the project, or inline; ``:name`` parameters are bound, never text."""

    file: Path | None = Field(default=None, description="SQL file.", examples=["queries/clean.sql"])
    text: str | None = Field(default=None, min_length=1, description="The statements, with ; between them.")
    parameters: dict[str, Json] = Field(
        default_factory=dict, description="Values of :name; may be templates.", examples=[{"day": "{{ day }}"}]
    )

    @model_validator(mode="after")
    def _one(self) -> SqlTask:
        if (self.file is None) == (self.text is None):
            raise ValueError("an sql task has exactly one of file, text")
        if self.text is not None and "${" in self.text:
            raise ValueError("SQL text takes no ${…}: bind the value, :name in the text and name under parameters")
        return self


class SparkTask(SpecModel):
    """An application for spark-submit."""

    application: Path = Field(
        description="Python file or jar: in the project, or a URI.", examples=["scripts/clean.py"]
    )
    main_class: str | None = Field(default=None, min_length=1, description="The class to start, of a jar.")
    arguments: list[str] = Field(default_factory=list, description="Arguments; may hold templates.")
    conf: dict[str, str] = Field(default_factory=dict, description="Spark properties, over those of the resources.")
    packages: list[str] = Field(default_factory=list, description="Maven coordinates, group:artifact:version.")
    py_files: list[str] = Field(default_factory=list, description="Python files or zips that go with the application.")


class ShellTask(SpecModel):
    """A command: a list of arguments (may hold templates), or a bash script (values come in by the task's ``env``)."""

    command: str | Annotated[list[str], Field(min_length=1)] = Field(
        description="A list is started as it is; a text is run by bash, which stops at the first error.",
        examples=[["python", "scripts/export.py", "{{ day }}"], "gzip -k export.csv"],
    )

    @model_validator(mode="after")
    def _no_template_in_script(self) -> ShellTask:
        if isinstance(self.command, str):
            if not self.command.strip():
                raise ValueError("the command is empty")
            if "{{" in self.command:
                raise ValueError(
                    "a script takes no {{ … }}: its text would become code. Pass the value by the task's env"
                )
        elif not self.command[0].strip() or "{{" in self.command[0]:
            raise ValueError("the first part of a command names a program: no template, not empty")
        return self


class HttpTask(SpecModel):
    """A request to an HTTP service; done when it answers with an expected status."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s{}]+$")] = Field(
        description="The address, without templates: values go into params or json.",
        examples=["https://example.org/refresh"],
    )
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = Field(default="GET", description="HTTP method.")
    params: dict[str, Json] = Field(
        default_factory=dict,
        description="Query parameters; encoded, may be templates.",
        examples=[{"day": "{{ day }}"}],
    )
    headers: dict[str, Text] = Field(
        default_factory=dict,
        description="HTTP headers; credentials as {secret: NAME}.",
        examples=[{"Authorization": {"secret": "api-token"}}],
    )
    json_body: Json = Field(default=None, alias="json", description="Body, sent as JSON; values may be templates.")
    status: list[Annotated[int, Field(ge=100, le=599)]] = Field(
        default_factory=list, description="Expected statuses. Default: any of 200–299."
    )


_ONE_KIND: dict[str, Any] = {
    "oneOf": [{"required": [kind], "properties": {kind: {"type": "object"}}} for kind in KINDS]
}


class Task(SpecModel, json_schema_extra=_ONE_KIND):
    """One step of a job: exactly one of the kinds dbt, sql, python, spark, shell, http."""

    name: Name = Field(description="Name of the task, once in the job: lower-case letters, digits, underscores.")
    description: str = Field(default="", description="What the task does.")
    dbt: DbtTask | None = Field(default=None, description="Run the project's dbt models.")
    sql: SqlTask | None = Field(default=None, description="Run SQL statements.")
    python: PythonTask | None = Field(default=None, description="Call a Python function.")
    spark: SparkTask | None = Field(default=None, description="Submit a Spark application.")
    shell: ShellTask | None = Field(default=None, description="Run a command.")
    http: HttpTask | None = Field(default=None, description="Call an HTTP service.")
    depends_on: list[Name] = Field(default_factory=list, description="Tasks that must have succeeded before.")
    env: dict[Variable, Text] = Field(
        default_factory=dict,
        description="Environment variables of the task's process; may hold templates; credentials as {secret: NAME}.",
        examples=[{"DAY": "{{ day }}", "API_TOKEN": {"secret": "api-token"}}],
    )
    retries: Retries | None = Field(default=None, description="Default: those of the job.")
    timeout: Span | None = Field(
        default=None, description="A try that takes longer is ended and has failed. Default: none.", examples=["20m"]
    )
    resources: ResourcesOrProfile | None = Field(
        default=None,
        description="Name of a resource profile of the target, or the resources. Default: those of the job.",
        examples=["small", {"cpu": 2, "memory": "4Gi"}],
    )

    @property
    def kind(self) -> Kind:
        """Which of the kinds this task is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Task:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a task has exactly one of {', '.join(KINDS)}; {self.name!r} has {' and '.join(given) or 'none'}"
            )
        if self.http is not None and self.env:
            raise ValueError("an http task starts no process: env means nothing there")
        return self
