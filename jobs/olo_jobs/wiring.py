"""What in a job names something else in it: dependencies, templates. Checked on plain values, whatever else is off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from olo_jobs.problem import Location
from olo_jobs.template import BUILT_IN_VALUES, references


@dataclass(frozen=True)
class WrongReference:
    """A name that stands for nothing. ``wanted`` is what was written, ``known`` what could have been."""

    place: Location
    message: str
    wanted: str = ""
    known: tuple[str, ...] = ()


def wrong_references(job: dict[str, Any]) -> Iterator[WrongReference]:
    """Tasks twice, dependencies on nothing or in a circle, templates that name no parameter.

    Args:
        job: The values of a job file; what has the wrong shape is passed over.
    """
    listed = job.get("tasks")
    tasks = [
        (index, task) for index, task in enumerate(listed if isinstance(listed, list) else []) if isinstance(task, dict)
    ]
    names = [str(task.get("name")) for _, task in tasks]
    graph: dict[str, list[str]] = {}
    for position, (index, task) in enumerate(tasks):
        name = names[position]
        if name in names[:position]:
            yield WrongReference(("tasks", index, "name"), f"task {name!r} is there twice")
        upstream = _texts(task.get("depends_on"))
        for at, one in enumerate(upstream):
            place: Location = ("tasks", index, "depends_on", at)
            if one == name:
                yield WrongReference(place, f"task {name!r} depends on itself")
            elif one not in names:
                message = f"task {name!r} depends on {one!r}, which is no task of this job"
                yield WrongReference(place, message, one, tuple(names))
            elif one in upstream[:at]:
                yield WrongReference(place, f"task {name!r} depends on {one!r} twice")
        graph[name] = [one for one in upstream if one != name]
    circle = _circle(graph)
    if circle:
        index = tasks[names.index(circle[0])][0]
        message = f"tasks depend on each other in a circle: {' → '.join(circle)}"
        yield WrongReference(("tasks", index, "depends_on"), message)
    yield from _wrong_templates(job, tasks)


def _wrong_templates(job: dict[str, Any], tasks: list[tuple[int, dict[str, Any]]]) -> Iterator[WrongReference]:
    written = job.get("parameters")
    parameters = written if isinstance(written, dict) else {}
    above: list[str] = list(BUILT_IN_VALUES)
    for name, parameter in parameters.items():
        if name in BUILT_IN_VALUES:
            yield WrongReference(
                ("parameters", name), f"{name!r} is a value that every run has: no parameter may be called so"
            )
        default = parameter.get("default") if isinstance(parameter, dict) else None
        for _, wanted in references(default):
            if wanted not in above:
                message = f"{{{{ {wanted} }}}} is neither a value that every run has nor a parameter above"
                yield WrongReference(("parameters", name, "default"), message, wanted, tuple(above))
        above.append(name)
    for index, task in tasks:
        for place, wanted in references(task, ("tasks", index)):
            if wanted not in above and place[2:] not in (("shell", "command"), ("sql", "text"), ("http", "url")):
                yield WrongReference(place, f"{{{{ {wanted} }}}} is no parameter of this job", wanted, tuple(above))


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _circle(graph: dict[str, list[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
