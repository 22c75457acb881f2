"""Tasks as commands: what is started, with which environment. The same on this machine and in Airflow. Pure.

A parameter's value reaches a task as one argument, an environment variable or JSON, never as text of a shell, of SQL or
of Python.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olo_jobs.fields import SecretRef, size
from olo_jobs.resources import Resources
from olo_jobs.spec import JobSpec, Task
from olo_jobs.tasks import SqlTask
from olo_jobs.template import REFERENCE, render

REQUEST_VARIABLE = "OLO_HTTP_REQUEST"
"""The environment variable that carries an http task's request to its process (olo_jobs.request)."""
RUN_VARIABLE = "OLO_RUN_ID"
"""The environment variable that tells every process of a run which one it belongs to."""
_CALL = Path(__file__).with_name("call.py")


class SecretError(Exception):
    """A secret that a task names can't be had here. The message names it, never its value."""


def secret_of(environ: Mapping[str, str]) -> Callable[[SecretRef], str]:
    """The secrets that ``OLO_SECRET_<NAME>`` variables hold.

    Example:
        >>> secret_of({"OLO_SECRET_API_TOKEN": "x"})(SecretRef(secret="api-token"))
        'x'
    """

    def secret(reference: SecretRef) -> str:
        value = environ.get(reference.variable)
        if not value:
            raise SecretError(f"The secret {reference.secret!r} isn't set: give it as {reference.variable}.")
        return value

    return secret


@dataclass(frozen=True)
class RunContext:
    """What all tasks of one run share.

    Args:
        root: The project's folder that the run works in (a worktree where a ref was named).
        config: The folder whose olo.yml configures the catalogs.
        target: Name of the environment, which is dbt's ``--target``.
        folder: The run's own folder for logs and reports.
        values: The run's parameters and built-in values, for templates.
        variables: What the target adds to the environment of its processes.
        profiles: The target's resource profiles by name.
        resources: What the job says for tasks that say nothing of resources.
        types: The types of the job's parameters and of built-in values, by name.
        python: The Python that dbt, SQL and Python tasks run in.
        secret: Gives the value of a secret that a task names.
        pythons: The Python of each requirements file that tasks name, made before (olo_jobs.environments).
    """

    root: Path
    config: Path
    target: str
    folder: Path
    values: Mapping[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, Resources] = field(default_factory=dict)
    resources: str | Resources | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    python: str = sys.executable
    secret: Callable[[SecretRef], str] = field(default_factory=lambda: secret_of({}))
    pythons: Mapping[str, str] = field(default_factory=dict)


def command(task: Task, context: RunContext) -> list[str]:
    """The argument list of a task's process.

    Raises:
        KeyError: A template names a value that the run doesn't have.
    """
    values = context.values
    if task.dbt is not None:
        return _dbt(task, context)
    if task.python is not None:
        arguments = json.dumps(render(task.python.arguments, values), default=str)
        # By its path: the environment that runs it may have nothing of ours.
        return [python_of(task, context), "-P", str(_CALL), task.python.function, arguments]
    if task.sql is not None:
        source = ["--file", task.sql.file] if task.sql.file is not None else ["--", task.sql.text or ""]
        return [context.python, "-m", "olo_jupyter.cli", "sql", "--json", *_bound(task.sql, context), *source]
    if task.spark is not None:
        return _spark(task, context)
    if task.http is not None:
        # Of this distribution: a request needs no environment of the project.
        return [sys.executable, "-m", "olo_jobs.request"]
    assert task.shell is not None
    if isinstance(task.shell.command, str):
        return ["bash", "-euo", "pipefail", "-c", task.shell.command]
    return [_text(render(part, values)) for part in task.shell.command]


def python_of(task: Task, context: RunContext) -> str:
    """The Python that a task runs in: of its own requirements, else the project's."""
    requirements = task.python.requirements if task.python is not None else None
    return context.pythons[requirements] if requirements is not None else context.python


def _text(value: Any) -> str:
    """A value as one argument: text as it is, booleans and numbers as JSON writes them."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _dbt(task: Task, context: RunContext) -> list[str]:
    assert task.dbt is not None
    dbt = task.dbt
    folder = dbt_folder(task, context)
    words = [context.python, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(folder / "logs"), dbt.command]
    words += ["--target", context.target, "--project-dir", str(context.root), "--profiles-dir", str(context.root)]
    words += ["--target-path", str(folder / "target")]
    for flag, value in (("--select", dbt.select), ("--exclude", dbt.exclude), ("--selector", dbt.selector)):
        if value:
            # One word: a value that starts with a dash is no option of dbt's.
            words.append(f"{flag}={render(value, context.values)}")
    if dbt.full_refresh:
        words.append("--full-refresh")
    if dbt.vars:
        words += ["--vars", json.dumps(render(dbt.vars, context.values), default=str)]
    return words


def _bound(sql: SqlTask, context: RunContext) -> Iterator[str]:
    """Parameters for ``:name`` as JSON; a date or a timestamp says that it is one: SQL would take its text for text."""
    for name, value in sql.parameters.items():
        whole = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        kind = context.types.get(whole.group(1)) if whole is not None else None
        given = json.dumps(render(value, context.values))
        yield from ("--param", f"{name}:{kind}={given}" if kind in ("date", "timestamp") else f"{name}={given}")


def _spark(task: Task, context: RunContext) -> list[str]:
    assert task.spark is not None
    spark = task.spark
    profile = resources(task, context)
    conf = {**(profile.spark_conf if profile else {}), **spark.conf}
    if profile and profile.memory is not None:
        conf.setdefault("spark.driver.memory", f"{size(profile.memory) // 1024}k")
    words = ["spark-submit", "--name", f"{context.target}.{task.name}"]
    words += [part for key, value in conf.items() for part in ("--conf", f"{key}={value}")]
    for flag, listed in (("--packages", spark.packages), ("--py-files", spark.py_files)):
        if listed:
            words += [flag, ",".join(listed)]
    if spark.main_class is not None:
        words += ["--class", spark.main_class]
    return [*words, spark.application, *(_text(render(part, context.values)) for part in spark.arguments)]


def resources(task: Task, context: RunContext) -> Resources | None:
    """What a task may use: its own word, else the job's; a name is looked up in the target's profiles."""
    told = task.resources if task.resources is not None else context.resources
    return context.profiles.get(told) if isinstance(told, str) else told


def dbt_folder(task: Task, context: RunContext) -> Path:
    """Where dbt writes what it makes for a task: outside the project."""
    return context.folder / task.name / "dbt"


def report_path(task: Task, context: RunContext) -> Path:
    """Where a task's process says what it read and wrote."""
    return context.folder / task.name / "report.jsonl"


def log_path(task: Task, context: RunContext) -> Path:
    """A task's log file."""
    return context.folder / task.name / "task.log"


def environment(task: Task, context: RunContext, base: Mapping[str, str]) -> dict[str, str]:
    """The environment of a task's process.

    Raises:
        SecretError: A secret that the task names can't be had.
        KeyError: A template names a value that the run doesn't have.
    """
    environ = dict(base)
    source = str(context.root / "src")
    environ["PYTHONPATH"] = f"{source}:{environ['PYTHONPATH']}" if environ.get("PYTHONPATH") else source
    environ["PYTHONUNBUFFERED"] = "1"  # so that a log grows as the task prints
    environ["OLO_PROJECT"] = str(context.config)
    environ.update(context.variables)
    environ["OLO_REPORT"] = str(report_path(task, context))
    environ[RUN_VARIABLE] = str(context.values["run_id"])
    environ["OLO_TASK"] = task.name
    environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    # MLflow's own way to tag every run that a process starts: so a model's run names the job's.
    environ["MLFLOW_RUN_CONTEXT"] = json.dumps({"olo.run_id": environ[RUN_VARIABLE], "olo.task": task.name})
    profile = resources(task, context)
    if profile is not None:
        environ.update(_limits(profile))
    for name, value in task.env.items():
        text = context.secret(value) if isinstance(value, SecretRef) else _text(render(value, context.values))
        environ[name] = text.replace("\0", "")  # no process takes a NUL in its environment
    if task.http is not None:
        environ[REQUEST_VARIABLE] = json.dumps(_request(task, context))
    return environ


def _limits(profile: Resources) -> dict[str, str]:
    limits = {}
    if profile.cpu is not None:
        limits["OLO_THREADS"] = str(math.ceil(profile.cpu))
    if profile.memory is not None:
        limits["OLO_MEMORY_LIMIT"] = f"{size(profile.memory) // 1024}KiB"
    if profile.trino_resource_group is not None:
        limits["OLO_TRINO_RESOURCE_GROUP"] = profile.trino_resource_group
    return limits


def _request(task: Task, context: RunContext) -> dict[str, Any]:
    assert task.http is not None
    http = task.http
    headers = {
        name: context.secret(value) if isinstance(value, SecretRef) else _text(render(value, context.values))
        for name, value in http.headers.items()
    }
    return {
        "url": http.url,
        "method": http.method,
        "params": render(http.params, context.values),
        "headers": headers,
        "json": render(http.json_body, context.values),
        "status": http.status,
    }


def hidden(task: Task, context: RunContext) -> list[str]:
    """The values of the secrets that a task is given: what no log may show.

    Raises:
        SecretError: One can't be had.
    """
    named = [*task.env.values(), *(task.http.headers.values() if task.http is not None else ())]
    return [context.secret(value) for value in named if isinstance(value, SecretRef)]


def context_for(job: JobSpec, **told: Any) -> RunContext:
    """The context of a run of ``job``: RunContext's own arguments, and what the job says of resources and types."""
    types = {"logical_date": "date", **{name: one.type for name, one in job.parameters.items()}}
    return RunContext(resources=job.resources, types=types, **told)
