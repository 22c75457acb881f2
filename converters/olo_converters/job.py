"""The job spec of a promotion: a new file, or one more task in the job of the upstream model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from olo_converters.artefact import Artefact
from olo_converters.conversion import Conversion, Request
from olo_converters.errors import ConvertError
from olo_converters.findings import Finding, finding
from olo_converters.yaml_text import dump, edited, load
from olo_jobs.load import SpecError, parse_job


def job_path(name: str) -> str:
    """Where a job's spec lies."""
    return f"jobs/{name}.yml"


def with_job(request: Request, conversion: Conversion) -> tuple[Artefact, list[Finding]]:
    """The job that runs what was converted.

    A Python module that reads a promoted model becomes a task of that model's job, after it; anything else gets a job
    of its own name. An existing file is edited: its comments and order stay, a task of the same name is replaced.

    Raises:
        ConvertError: The existing job file isn't valid.
    """
    own = request.promotion
    jobs = {one.name: one.job or one.name for one in request.project.promoted}
    above = [jobs.get(one, one) for one in conversion.depends_on]
    upstream = next((one for one in above if job_path(one) in request.project.files), None)
    name = upstream if upstream is not None and conversion.kind == "python" else own
    path = job_path(name)
    existing = request.project.files.get(path)
    task = _task(conversion)
    if existing is None:
        text = _new(request, conversion, task)
        findings: list[Finding] = []
    else:
        text = existing
        for one in _before(conversion):
            text = _edited(text, path, request, one, own=True)
            task["depends_on"] = [one["name"]]
        text = _edited(text, path, request, task, own=name == own)
        findings = [finding("job-edited", f"the task {task['name']} is in the job {name}")]
        findings += _own_values(load(text, path), task["name"], conversion)
    try:
        parse_job(text, path)
    except SpecError as error:
        raise ConvertError(
            f"The job would not be valid: {error}", code="job-invalid", hint=f"Correct {path}, then promote again."
        ) from error
    return Artefact(path, text, "job"), findings


def _task(conversion: Conversion) -> dict[str, Any]:
    task: dict[str, Any] = {"name": conversion.name}
    if conversion.kind == "dbt":
        task["dbt"] = {"select": f"+{conversion.name}"}
    else:
        task["python"] = {"function": conversion.main}
    return task


def _before(conversion: Conversion) -> list[dict[str, Any]]:
    """The tasks of Python steps and of the script that prepare tables, in order."""
    tasks: list[dict[str, Any]] = [{"name": name, "python": {"function": main}} for name, main in conversion.steps]
    if conversion.script:
        tasks.append({"name": PurePosixPath(conversion.script).stem, "sql": {"file": conversion.script}})
    for above, task in pairwise(tasks):
        task["depends_on"] = [above["name"]]
    return tasks


def _new(request: Request, conversion: Conversion, task: dict[str, Any]) -> str:
    options = request.options
    job: dict[str, Any] = {"version": 1, "name": request.promotion}
    if options.description:
        job["description"] = options.description
    if options.owner:
        job["owner"] = options.owner
    if options.tags:
        job["tags"] = list(options.tags)
    if options.schedule is not None:
        job["schedule"] = options.schedule.model_dump(exclude_none=True, exclude_defaults=True)
    before = _before(conversion)
    tasks = [*before, task]
    if before:
        task["depends_on"] = [before[-1]["name"]]
    if conversion.kind == "python":
        upstream = [{"name": model, "dbt": {"select": f"+{model}"}} for model in conversion.depends_on]
        if upstream:
            task["depends_on"] = [*task.get("depends_on", ()), *(str(one["name"]) for one in upstream)]
            for one in upstream if before else ():
                one["depends_on"] = [before[-1]["name"]]
        tasks = [*before, *upstream, task]
    job["tasks"] = tasks
    return dump(job)


def _edited(text: str, path: str, request: Request, task: dict[str, Any], *, own: bool) -> str:
    try:
        parse_job(text, path)
    except SpecError as error:
        raise ConvertError(f"{error}", code="job-invalid", hint=f"Correct {path}, then promote again.") from error
    tree = load(text, path)
    if own and request.options.schedule is not None:
        tree["schedule"] = request.options.schedule.model_dump(exclude_none=True, exclude_defaults=True)
    tasks = tree["tasks"]
    present = next((one for one in tasks if one.get("name") == task["name"]), None)
    if present is None:
        names = [str(one["name"]) for one in tasks]
        upstream = [str(one["name"]) for one in tasks if _runs_model(one, str(tree.get("name")))]
        if not own:
            task["depends_on"] = [*task.get("depends_on", ()), *(upstream or names[-1:])]
        tasks.append(task)
    else:
        for key, value in task.items():
            if key != "name" and present.get(key) != value and not _has_same_target(present.get(key), value):
                present[key] = value
    return edited(text, tree, path)


def _own_values(tree: Mapping[str, Any], task: str, conversion: Conversion) -> list[Finding]:
    """Values that the job itself gives: the proof runs without them."""
    found: Mapping[str, Any] = next((one for one in tree["tasks"] if one.get("name") == task), {})
    given = {**((found.get("dbt") or {}).get("vars") or {}), **((found.get("python") or {}).get("arguments") or {})}
    return [
        finding(
            "job-gives-values",
            f"the job {tree['name']} gives {name} = {given[name]!r}; the proof ran without it",
            hint=f"Take {name} out of the task, or know that the job's result can be another one.",
        )
        for name in conversion.vars
        if name in given
    ]


def _runs_model(task: Mapping[str, Any], model: str) -> bool:
    dbt = task.get("dbt")
    return isinstance(dbt, Mapping) and model in str(dbt.get("select", "")).replace("+", " ").split()


def _has_same_target(present: Any, wanted: Any) -> bool:
    """Whether a hand-edited task still runs the same thing."""
    if not isinstance(present, Mapping) or not isinstance(wanted, Mapping):
        return False
    if "function" in wanted:
        return bool(present.get("function") == wanted["function"])
    model, selected = str(wanted.get("select", "")).strip("+"), str(present.get("select", ""))
    return model in selected.replace("+", " ").split()
