"""Read ``jobs/*.yml``: every error of a file at once, each with file, line, column and a hint."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from olo_jobs.spec import JobSpec, Location

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file. ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message}{hint}"


KEY = "\0key"
"""Marks the place of a key itself; the place without it is the value's."""


class SpecError(Exception):
    """A job file that can't be used; ``problems`` holds everything that is wrong with it, at least one."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load_job(path: Path) -> JobSpec:
    """Read one job file.

    Raises:
        SpecError: The file can't be read, is not YAML, or is no job spec; all its problems are in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SpecError([Problem(str(path), 1, 1, "file-unreadable", f"can't be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise SpecError([Problem(str(path), 1, 1, "not-utf-8", "is not UTF-8 text")]) from error
    job = parse_job(text, str(path))
    if job.name != path.stem:
        problem = Problem(
            str(path), 1, 1, "name-mismatch", f"the job is called {job.name!r}, its file {path.name!r}",
            f"Rename the file to {job.name}.yml, or the job.",
        )  # fmt: skip
        raise SpecError([problem])
    return job


def parse_job(text: str, file: str = "<job>") -> JobSpec:
    """Read a job spec from YAML text; ``file`` is the name that errors show.

    Raises:
        SpecError: As load_job.
    """
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SpecError([Problem(file, line, column, "not-yaml", error.problem or str(error))]) from error
    except yaml.YAMLError as error:
        raise SpecError([Problem(file, 1, 1, "not-yaml", str(error))]) from error
    if not isinstance(node, yaml.MappingNode):
        raise SpecError([Problem(file, 1, 1, "not-a-job", "must hold keys and values: version, name, tasks …")])
    places: dict[Location, tuple[int, int]] = {}
    problems: list[Problem] = []
    _walk(node, (), places, problems, file)
    if problems:
        raise SpecError(sorted(problems))
    try:
        values = yaml.load(text, Loader=Loader)  # noqa: S506 - CSafeLoader
        return JobSpec.model_validate(values)
    except ValidationError as error:
        found = [problem for item in error.errors() for problem in _problems(item, places, file)]
        raise SpecError(sorted(found)) from error
    except yaml.YAMLError as error:
        raise SpecError([Problem(file, 1, 1, "not-yaml", str(error))]) from error


def _walk(
    node: yaml.Node, location: Location, places: dict[Location, tuple[int, int]], problems: list[Problem], file: str
) -> None:
    places.setdefault(location, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if name in seen:
                problems.append(Problem(file, line, column, "duplicate-key", f"{name!r} is there twice"))
            seen.add(name)
            places[(*location, name, KEY)] = (line, column)
            _walk(value, (*location, name), places, problems, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*location, index), places, problems, file)


def _problems(error: Any, places: dict[Location, tuple[int, int]], file: str) -> list[Problem]:
    """One error of pydantic as problems, each at the nearest place that the text has."""
    location: Location = tuple(error["loc"])
    kind = str(error["type"])
    if kind == "reference":
        return [
            Problem(file, *_place(at, places), "unknown-reference", message) for at, message in error["ctx"]["found"]
        ]
    message = str(error["msg"]).removeprefix("Value error, ")
    hint = ""
    at = location
    where = ".".join(str(part) for part in location)
    if kind == "extra_forbidden":
        message = f"unknown key {location[-1]!r}"
        at = (*location, KEY)
        near = get_close_matches(str(location[-1]), _keys_at(location[:-1]), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else ""
    elif kind == "missing":
        message = f"{location[-1]!r} is missing"
    elif where:
        message = f"{where}: {message}"
    return [Problem(file, *_place(at, places), kind.replace("_", "-"), message, hint)]


def _place(location: Location, places: dict[Location, tuple[int, int]]) -> tuple[int, int]:
    while location not in places:
        location = location[:-1]
    return places[location]


def _keys_at(location: Location) -> list[str]:
    """The keys that the spec knows at a place, for the hint of an unknown one."""
    model: Any = JobSpec
    for part in location:
        if isinstance(part, int) or not hasattr(model, "model_fields"):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        model = _model_in(field.annotation)
    return list(model.model_fields) if hasattr(model, "model_fields") else []


def _model_in(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
