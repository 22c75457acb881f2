"""Tasks as commands: what is started, with which environment. Pure."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olo_jobs.spec import SecretRef, Task, render
from olo_jupyter.project.targets import Target


@dataclass(frozen=True)
class RunContext:
    """What all tasks of one run share.

    Args:
        root: The project's folder that the run works in (a worktree where a ref was named).
        config: The folder whose olo.yml configures the catalogs.
        target: The environment; its name is dbt's ``--target``.
        folder: The run's own folder for logs and reports.
        values: The run's parameters and built-in values, for templates.
    """

    root: Path
    config: Path
    target: Target
    folder: Path
    values: Mapping[str, Any]


def command(task: Task, context: RunContext) -> list[str]:
    """The argument list of a task's process."""
    values = dict(context.values)
    if task.dbt is not None:
        return _dbt(task, context, values)
    if task.python is not None:
        arguments = json.dumps(render(task.python.arguments, values), default=str)
        return [sys.executable, "-m", "olo_jupyter.jobs.call", task.python.function, arguments]
    if task.sql is not None:
        source = ["--file", task.sql.file] if task.sql.file is not None else ["--", task.sql.text or ""]
        parameters = render(task.sql.parameters, values)
        bound = [part for name, value in parameters.items() for part in ("--param", f"{name}={json.dumps(value)}")]
        return [sys.executable, "-m", "olo_jupyter.cli", "sql", "--json", *bound, *source]
    assert task.shell is not None
    if isinstance(task.shell.command, str):
        return ["bash", "-euo", "pipefail", "-c", task.shell.command]
    return [str(part) for part in render(task.shell.command, values)]


def _dbt(task: Task, context: RunContext, values: dict[str, Any]) -> list[str]:
    assert task.dbt is not None
    dbt = task.dbt
    folder = dbt_folder(task, context)
    words = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-path", str(folder / "logs"), dbt.command]
    words += ["--target", context.target.name, "--project-dir", str(context.root), "--profiles-dir", str(context.root)]
    words += ["--target-path", str(folder / "target")]
    for flag, value in (("--select", dbt.select), ("--exclude", dbt.exclude)):
        if value:
            words += [flag, str(render(value, values))]
    if dbt.full_refresh:
        words.append("--full-refresh")
    if dbt.vars:
        words += ["--vars", json.dumps(render(dbt.vars, values), default=str)]
    return words


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
    """The environment of a task's process."""
    environ = dict(base)
    source = str(context.root / "src")
    environ["PYTHONPATH"] = f"{source}:{environ['PYTHONPATH']}" if environ.get("PYTHONPATH") else source
    environ["OLO_PROJECT"] = str(context.config)
    environ.update(context.target.environment())
    environ["OLO_REPORT"] = str(report_path(task, context))
    environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    for name, value in task.env.items():
        environ[name] = _secret(value, base) if isinstance(value, SecretRef) else str(render(value, context.values))
    return environ


def _secret(reference: SecretRef, base: Mapping[str, str]) -> str:
    value = base.get(reference.variable)
    if value is None:
        raise OSError(0, "a secret is not set in the environment", reference.variable)
    return value
