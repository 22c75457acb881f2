"""Backends by name: olo.yml says which there are, entry points say what serves each type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, Literal

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.service_settings import BackendSettings

GROUP = "olo.backends"
Area = Literal["lineage", "experiments"]


class BackendError(OloError):
    """A backend that isn't set up, or not rightly."""

    default_code = "backend-not-found"


@dataclass(frozen=True)
class Kind:
    """What an entry point of the group names.

    Args:
        area: What it serves: lineage (a LineageBackend) or experiments (an ExperimentTracker).
        connect: Makes the client: project, name in olo.yml, its settings there. Does not ask the service yet.
    """

    area: Area
    connect: Callable[[Settings, str, BackendSettings], Any]


@dataclass(frozen=True)
class Configured:
    """A backend of olo.yml."""

    name: str
    type: str
    kind: Kind
    settings: BackendSettings

    def connect(self, settings: Settings) -> Any:
        """Its client."""
        return self.kind.connect(settings, self.name, self.settings)


def configured(settings: Settings) -> list[Configured]:
    """The backends of a project; the own lineage store, where no other one is named.

    Raises:
        BackendError: Nothing installed serves a type, or two serve one area.
    """
    points = {point.name: point for point in entry_points(group=GROUP)}
    named = [
        Configured(name, one.type or name, _kind(name, one, points), one) for name, one in settings.backends.items()
    ]
    for area in ("lineage", "experiments"):
        names = [one.name for one in named if one.kind.area == area]
        if len(names) > 1:
            raise BackendError(f"Two backends serve {area}: {' and '.join(names)}.", code="config", hint="Name one.")
    if not any(one.kind.area == "lineage" for one in named):
        own = BackendSettings(type="store")
        named.append(Configured("lineage", "store", _kind("lineage", own, points), own))
    return named


def backend_for(settings: Settings, area: Area) -> Configured:
    """The backend that serves an area.

    Raises:
        BackendError: experiments-not-configured: there is none; as :func:`configured`.
    """
    found = next((one for one in configured(settings) if one.kind.area == area), None)
    if found is None:
        raise BackendError(
            f"No backend for {area} is set up.",
            code=f"{area}-not-configured",
            hint="Name one in olo.yml: backends: {mlflow: {url: https://…}}." if area == "experiments" else "",
        )
    return found


def _kind(name: str, settings: BackendSettings, points: dict[str, Any]) -> Kind:
    type = settings.type or name
    if type not in points:
        near = get_close_matches(type, points, n=1)
        known = ", ".join(sorted(points)) or "none"
        raise BackendError(
            f"backends.{name}: nothing installed serves the type {type!r}; known: {known}.",
            hint=f"Did you mean {near[0]!r}?" if near else "Give its type.",
        )
    found = points[type].load()
    if not isinstance(found, Kind):
        raise BackendError(f"The entry point {type!r} of the group {GROUP} names no Kind of backend.")
    return found
