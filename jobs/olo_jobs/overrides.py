"""What a target changes of a job, and how it is merged.

The rules: mappings are merged key by key; ``tasks`` are matched by ``name`` (a name the job doesn't have is an error);
other lists and single values are replaced; ``null`` takes a key away; where only one of several keys may stand (a
schedule's cron, every, on_update; a task's kind; an SQL task's file, text), one that is named replaces the others.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from olo_jobs.fields import SpecModel
from olo_jobs.problem import Location
from olo_jobs.schedule import KINDS as SCHEDULES
from olo_jobs.tasks import KINDS as TASK_KINDS


def _alternatives(at: Location) -> tuple[str, ...]:
    """The keys of a place in a job of which only one may stand."""
    if at == ("schedule",):
        return SCHEDULES
    if at[:1] == ("tasks",) and len(at) == 2:
        return TASK_KINDS
    return ("file", "text") if at[:1] == ("tasks",) and at[2:] == ("sql",) else ()


def partial(model: type[BaseModel], name: str, description: str) -> type[SpecModel]:
    """A model with the fields of another, none of them required, each may be null, models inside alike.

    A field ``name`` stays required: it tells which entry of a list is meant.
    """
    made: dict[type[BaseModel], type[SpecModel]] = {}

    def part(annotation: Any) -> Any:
        inner: tuple[Any, ...]
        if isinstance(annotation, type) and issubclass(annotation, SpecModel):
            return _of(annotation, f"{annotation.__name__}Override", annotation.__doc__ or "")
        origin, inner = get_origin(annotation), get_args(annotation)
        if origin is list and isinstance(inner[0], type) and issubclass(inner[0], SpecModel) and _is_named(inner[0]):
            return list[part(inner[0])]  # type: ignore[misc]
        if origin is dict and isinstance(inner[1], type) and issubclass(inner[1], SpecModel):
            return dict[inner[0], part(inner[1]) | None]  # type: ignore[misc,valid-type]
        if origin in (Union, UnionType) and type(None) in inner:
            return part(next(one for one in inner if one is not type(None)))
        return annotation

    def _of(source: type[BaseModel], called: str, text: str) -> type[SpecModel]:
        if source not in made:
            fields: dict[str, Any] = {}
            for field_name, info in source.model_fields.items():
                if field_name == "name":
                    fields[field_name] = (_constrained(info), Field(description=info.description))
                    continue
                kind = part(info.annotation)
                if kind is info.annotation:
                    kind = _constrained(info)
                fields[field_name] = (
                    kind | None,
                    Field(default=None, description=info.description, alias=info.alias, examples=info.examples),
                )
            made[source] = create_model(called, __base__=SpecModel, __doc__=text, **fields)
        return made[source]

    return _of(model, name, description)


def _constrained(info: FieldInfo) -> Any:
    kind: Any = info.annotation
    for one in info.metadata:
        kind = Annotated[kind, one]
    return kind


def _is_named(model: type[BaseModel]) -> bool:
    return "name" in model.model_fields


class MergeError(Exception):
    """An override names a task that the job doesn't have: ``location`` inside the override, ``known`` names."""

    def __init__(self, location: Location, name: str, known: list[str]) -> None:
        super().__init__(f"the job has no task {name!r}")
        self.location, self.known = location, known


def merge(job: dict[str, Any], override: dict[str, Any]) -> tuple[dict[str, Any], dict[Location, Location]]:
    """A job's values with a target's changes.

    Returns:
        The merged values, and for each changed place in them where in the override it comes from.

    Raises:
        MergeError: The override names a task that isn't there.

    Example:
        >>> job = {"schedule": {"cron": "@daily", "timezone": "UTC"}, "sla": "1h"}
        >>> merge(job, {"schedule": {"every": "1h"}, "sla": None})[0]
        {'schedule': {'timezone': 'UTC', 'every': '1h'}}
    """
    origins: dict[Location, Location] = {}
    return _mapping(job, override, (), (), origins), origins


def _mapping(
    base: dict[str, Any], change: dict[str, Any], at: Location, source: Location, origins: dict[Location, Location]
) -> dict[str, Any]:
    merged = dict(base)
    alternatives = _alternatives(at)
    for key, value in change.items():
        here, there = (*at, key), (*source, key)
        present = merged.get(key)
        if value is None:
            merged.pop(key, None)
            continue
        if key in alternatives and key not in base:
            for other in alternatives:
                merged.pop(other, None)
        if isinstance(value, dict) and isinstance(present, dict):
            merged[key] = _mapping(present, value, here, there, origins)
        elif key == "tasks" and not at and isinstance(value, list) and isinstance(present, list):
            merged[key] = _tasks(present, value, here, there, origins)
        else:
            merged[key] = value
            origins[here] = there
    return merged


def _tasks(
    base: list[Any], changes: list[Any], at: Location, source: Location, origins: dict[Location, Location]
) -> list[Any]:
    merged = list(base)
    names = [task.get("name") if isinstance(task, dict) else None for task in base]
    for index, change in enumerate(changes):
        if not isinstance(change, dict) or change.get("name") not in names:
            name = str(change.get("name")) if isinstance(change, dict) else str(change)
            raise MergeError((*source, index, "name"), name, [str(one) for one in names if one])
        position = names.index(change["name"])
        merged[position] = _mapping(merged[position], change, (*at, position), (*source, index), origins)
    return merged
