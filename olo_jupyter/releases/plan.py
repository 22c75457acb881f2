"""What a deployment would change in a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from olo_jobs.deployment import Deployment
from olo_jobs.spec import JobSpec

_MISSING = object()


@dataclass(frozen=True)
class Difference:
    """One value that changes. ``before`` and ``after`` are None where it wasn't, or won't be, there."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.key}: {_shown(self.before)} → {_shown(self.after)}"


@dataclass(frozen=True)
class Change:
    """What happens to a job, or to the target's own settings (``name`` is '' then)."""

    action: Literal["add", "change", "remove"]
    name: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A deployment that isn't made yet.

    Args:
        wanted: What the target would run.
        current: What it runs now, None for nothing.
        changes: Jobs and settings that differ.
        files: Other files of the project that differ between the two commits, each with Git's letter (A, M, D).
    """

    wanted: Deployment
    current: Deployment | None
    changes: tuple[Change, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes and not self.files

    def as_json(self) -> dict[str, Any]:
        """The plan as ``--json`` shows it."""
        return {
            "target": self.wanted.target,
            "commit": self.wanted.commit,
            "release": self.wanted.release,
            "deployed": self.current.commit if self.current else None,
            "paused": self.wanted.paused,
            "changes": [asdict(change) for change in self.changes],
            "files": dict(self.files),
            "empty": self.empty,
        }


def changes(current: Deployment | None, wanted: Deployment) -> tuple[Change, ...]:
    """The jobs and settings that differ, in the order of their names."""
    found: list[Change] = []
    if current is not None:
        differences = tuple(_differences(_plain(current.spec), _plain(wanted.spec)))
        if current.paused != wanted.paused:
            differences = (Difference("paused", current.paused, wanted.paused), *differences)
        if differences:
            found.append(Change("change", "", differences))
    before: Mapping[str, JobSpec] = current.jobs if current is not None else {}
    for name in sorted({*before, *wanted.jobs}):
        if name not in before:
            found.append(Change("add", name))
        elif name not in wanted.jobs:
            found.append(Change("remove", name))
        else:
            differences = tuple(_differences(_plain(before[name]), _plain(wanted.jobs[name])))
            if differences:
                found.append(Change("change", name, differences))
    return tuple(found)


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(by_alias=True, exclude_defaults=True, exclude={"targets"})


def _differences(before: Any, after: Any, key: str = "") -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{key}.{name}" if key else str(name)
            yield from _differences(before.get(name, _MISSING), after.get(name, _MISSING), inner)
    elif _named(before) and _named(after):
        yield from _differences({one["name"]: one for one in before}, {one["name"]: one for one in after}, key)
        if [one["name"] for one in before] != [one["name"] for one in after] and {one["name"] for one in before} == {
            one["name"] for one in after
        }:
            yield Difference(f"{key} (order)", [one["name"] for one in before], [one["name"] for one in after])
    else:
        yield Difference(key, None if before is _MISSING else before, None if after is _MISSING else after)


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "name" in one for one in value) and bool(value)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(item)}" for key, item in value.items()) + "}"
    return str(value)
