"""What the experiments and models routes answer.

``GET /experiments?text=&page=`` → :class:`ExperimentList`; ``GET /experiments/{id}`` → :class:`Experiment`; ``GET
/experiments/{id}/runs?filter=&order=&page=&limit=`` → :class:`ExperimentRunList` (``filter`` and ``order`` are
MLflow's own: ``metrics.rmse < 1 and params.depth = '4'``; ``metrics.rmse ASC``); ``GET /experiment-runs/{run}`` →
:class:`ExperimentRun`; ``GET /experiment-runs?job_run=ID`` or ``?promotion=NAME`` → :class:`ExperimentRunList` (the
runs that belong to it); ``GET /experiment-runs/{run}/artifacts?path=`` → :class:`ArtifactList`; ``GET
/experiment-metrics?runs=A,B&key=rmse`` → :class:`MetricHistories`; ``GET /models?text=&page=`` → :class:`ModelList`;
``GET /models/{name}`` → :class:`RegisteredModel`.

``page`` is the ``next`` of the answer before, '' for the first. ``url`` opens the thing in MLflow's own pages, ''
where there are none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer, Query

MetricValue = float | Literal["NaN", "Infinity", "-Infinity"]
"""A number; JSON has no others."""
ExperimentRunState = Literal["scheduled", "running", "finished", "failed", "killed", "unknown"]


class Experiment(Answer):
    """An experiment."""

    id: str
    name: str
    created: datetime | None
    updated: datetime | None
    tags: dict[str, str]
    url: str


class ExperimentList(Answer):
    """Experiments, the last changed first."""

    experiments: list[Experiment]
    next: str = ""


class RunLinks(Answer):
    """What a run belongs to in this project, by its tags; '' for nothing."""

    job: str = ""
    job_run: str = ""
    task: str = ""
    promotion: str = ""
    commit: str = ""


class ExperimentRun(Answer):
    """A run; its metrics are the newest values."""

    id: str
    name: str
    experiment: str
    state: ExperimentRunState
    user: str
    started: datetime | None
    ended: datetime | None
    metrics: dict[str, MetricValue]
    params: dict[str, str]
    tags: dict[str, str] = Field(description="Without MLflow's own (mlflow.…) and those that became links.")
    links: RunLinks
    url: str


class ExperimentRunList(Answer):
    """Runs, in the order that was asked for; the names are those that occur on this page, for a choice of columns."""

    runs: list[ExperimentRun]
    metric_names: list[str]
    param_names: list[str]
    next: str = ""


class MetricPoint(Answer):
    """A value of a metric."""

    step: int
    at: datetime
    value: MetricValue


class MetricHistory(Answer):
    """A run's values of a metric, by step; ``sampled`` where some were left out."""

    run: str
    key: str
    points: list[MetricPoint]
    sampled: bool = False


class MetricHistories(Answer):
    """One metric of several runs."""

    histories: list[MetricHistory]


class ArtifactEntry(Answer):
    """A file or folder among a run's artefacts; ``path`` counts from their root."""

    path: str
    directory: bool
    size: int | None = Field(description="Bytes; None for a folder.")


class ArtifactList(Answer):
    """The entries of one folder, folders first."""

    run: str
    path: str
    entries: list[ArtifactEntry]


class ModelVersion(Answer):
    """A version of a registered model."""

    version: str
    state: Literal["pending", "ready", "failed", "deleted", "unknown"]
    description: str
    run: str
    created: datetime | None
    aliases: list[str]
    tags: dict[str, str]
    links: RunLinks
    url: str


class RegisteredModel(Answer):
    """A registered model. ``versions``, newest first: all of one model, the newest in a list."""

    name: str
    description: str
    created: datetime | None
    updated: datetime | None
    aliases: dict[str, str] = Field(description="Alias → version.")
    tags: dict[str, str]
    versions: list[ModelVersion]
    url: str


class ModelList(Answer):
    """Registered models by name."""

    models: list[RegisteredModel]
    next: str = ""


class ListQuery(Query):
    """Which experiments or models: text anywhere in the name, in any case."""

    text: str = ""
    limit: int = Field(default=100, ge=1, le=1000)
    page: str = ""


class ExperimentRunQuery(Query):
    """Which runs of an experiment; ``filter`` and ``order`` in MLflow's own words."""

    filter: str = ""
    order: str = ""
    limit: int = Field(default=100, ge=1, le=1000)
    page: str = ""


class LinkedRunQuery(Query):
    """Which runs, by what they belong to."""

    job: str = ""
    job_run: str = ""
    promotion: str = ""
    limit: int = Field(default=100, ge=1, le=1000)
    page: str = ""


class ArtifactQuery(Query):
    """Which folder of a run's artefacts."""

    path: str = ""


class MetricQuery(Query):
    """One metric of several runs, comma-separated; at most so many points of each."""

    runs: str = Field(min_length=1, max_length=5000)
    key: str
    points: int = Field(default=1000, ge=2, le=10_000)
