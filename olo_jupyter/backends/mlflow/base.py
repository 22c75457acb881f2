"""What an experiment tracker answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from olo_jupyter.errors import OloError

Item = TypeVar("Item")
NOTE = "mlflow.note.content"
"""The tag that holds what a thing is about, as MLflow's pages show it."""


class MLflowError(OloError):
    """MLflow can't be reached, or refuses; the message holds no credential."""

    default_code = "mlflow-unavailable"


@dataclass(frozen=True)
class Links:
    """What a run belongs to in this project; '' for nothing."""

    job: str = ""
    job_run: str = ""
    task: str = ""
    promotion: str = ""
    commit: str = ""


@dataclass(frozen=True)
class Experiment:
    """An experiment."""

    id: str
    name: str
    created: datetime | None
    updated: datetime | None
    tags: Mapping[str, str]
    url: str


@dataclass(frozen=True)
class TrackedRun:
    """A run; metrics are the newest values, what is no number as a word: NaN, Infinity, -Infinity."""

    id: str
    name: str
    experiment: str
    state: str
    user: str
    started: datetime | None
    ended: datetime | None
    metrics: Mapping[str, float | str]
    params: Mapping[str, str]
    tags: Mapping[str, str]
    links: Links
    url: str


@dataclass(frozen=True)
class Point:
    """A value of a metric."""

    step: int
    at: datetime
    value: float | str


@dataclass(frozen=True)
class History:
    """A run's values of a metric."""

    run: str
    key: str
    points: Sequence[Point]
    sampled: bool = False


@dataclass(frozen=True)
class Artifact:
    """A file or folder of a run; size in bytes."""

    path: str
    directory: bool
    size: int | None


@dataclass(frozen=True)
class ModelVersion:
    """A version of a registered model."""

    version: str
    state: str
    description: str
    run: str
    created: datetime | None
    aliases: Sequence[str]
    tags: Mapping[str, str]
    links: Links
    url: str


@dataclass(frozen=True)
class Model:
    """A registered model; versions newest first."""

    name: str
    description: str
    created: datetime | None
    updated: datetime | None
    aliases: Mapping[str, str]
    tags: Mapping[str, str]
    versions: Sequence[ModelVersion]
    url: str


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Part of a list; ``next`` asks for the part that follows, '' at the end."""

    items: Sequence[Item]
    next: str = ""


@dataclass(frozen=True)
class RunSearch:
    """Which runs, in MLflow's own language.

    Args:
        filter: E.g. ``metrics.rmse < 1 and params.depth = '4'``.
        order: E.g. ``metrics.rmse ASC``, comma-separated; newest first by default.
    """

    experiments: Sequence[str]
    filter: str = ""
    order: str = ""
    limit: int = 100
    page: str = ""
    links: Links = field(default_factory=Links)


class ExperimentTracker(Protocol):
    """Experiments, runs, models. Safe to use from several threads; all methods raise OloError."""

    def experiments(self, text: str = "", *, limit: int = 100, page: str = "") -> Page[Experiment]:
        """Experiments whose name holds the text, in any case; the last changed first."""

    def experiment(self, id: str) -> Experiment:
        """One experiment."""

    def create_experiment(self, name: str, description: str) -> None:
        """Make an experiment; nothing happens where it is there."""

    def describe_experiment(self, id: str, description: str) -> None:
        """Say what an experiment is about."""

    def runs(self, wanted: RunSearch) -> Page[TrackedRun]:
        """Runs of experiments; of all where none is named."""

    def run(self, id: str) -> TrackedRun:
        """One run."""

    def histories(self, runs: Sequence[str], key: str, *, points: int = 1000) -> Sequence[History]:
        """A metric of several runs, at most so many points of each."""

    def artifacts(self, run: str, path: str = "") -> Sequence[Artifact]:
        """What is in a folder of a run's artefacts."""

    def models(self, text: str = "", *, limit: int = 100, page: str = "") -> Page[Model]:
        """Registered models by name."""

    def model(self, name: str) -> Model:
        """One model with all its versions."""

    def version(self) -> str:
        """What answers: the backend's health."""

    def close(self) -> None:
        """Close the connections."""
