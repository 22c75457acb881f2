"""The experiments of the project's tracker, as a workspace's file speaks of them: by name, with a description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from olo_jupyter.backends.mlflow.base import NOTE, Experiment, ExperimentTracker
from olo_jupyter.backends.registry import BackendError, backend_for
from olo_jupyter.config import Settings

_PAGE = 1000


class TrackedExperiments:
    """Experiments by name; what goes wrong is raised as OloError."""

    def __init__(self, tracker: ExperimentTracker) -> None:
        self._tracker = tracker

    def descriptions(self) -> Mapping[str, str]:
        """Description by name, '' for none."""
        return {name: str(one.tags.get(NOTE, "")) for name, one in self._all().items()}

    def create(self, name: str, description: str) -> None:
        """Make one; nothing happens where it is there."""
        self._tracker.create_experiment(name, description)

    def describe(self, name: str, description: str) -> None:
        """Change its description."""
        self._tracker.describe_experiment(self._all()[name].id, description)

    def _all(self) -> dict[str, Experiment]:
        found: dict[str, Experiment] = {}
        page = ""
        while True:
            answer = self._tracker.experiments(limit=_PAGE, page=page)
            found |= {one.name: one for one in answer.items}
            if not (page := answer.next):
                return found


def experiments_of(settings: Settings) -> TrackedExperiments | None:
    """The project's experiments; None where olo.yml names no tracker.

    Raises:
        BackendError: The tracker isn't set up rightly.
    """
    try:
        backend = backend_for(settings, "experiments")
    except BackendError as error:
        if error.code == "experiments-not-configured":
            return None
        raise
    return TrackedExperiments(cast("ExperimentTracker", backend.connect(settings)))
