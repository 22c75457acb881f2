"""Experiments and models for the panels."""

from __future__ import annotations

from dataclasses import asdict

from olo_jupyter.backends.mlflow.base import Links, Page, RunSearch, TrackedRun
from olo_jupyter.errors import OloError
from olo_jupyter.server.models.experiments import (
    ArtifactList,
    ArtifactQuery,
    Experiment,
    ExperimentList,
    ExperimentRun,
    ExperimentRunList,
    ExperimentRunQuery,
    LinkedRunQuery,
    ListQuery,
    MetricHistories,
    MetricQuery,
    ModelList,
    RegisteredModel,
)
from olo_jupyter.server.workspace import Opened

_MOST_RUNS = 50


def experiments(opened: Opened, query: ListQuery) -> ExperimentList:
    """Experiments by name."""
    page = opened.experiments.experiments(query.text, limit=query.limit, page=query.page)
    return ExperimentList.model_validate({"experiments": [asdict(one) for one in page.items], "next": page.next})


def experiment(opened: Opened, id: str) -> Experiment:
    """One experiment."""
    return Experiment.model_validate(asdict(opened.experiments.experiment(id)))


def runs_of(opened: Opened, id: str, query: ExperimentRunQuery) -> ExperimentRunList:
    """Runs of an experiment."""
    wanted = RunSearch([id], query.filter, query.order, query.limit, query.page)
    return _runs(opened.experiments.runs(wanted))


def linked_runs(opened: Opened, query: LinkedRunQuery) -> ExperimentRunList:
    """Runs, in any experiment, that belong to a job, a job's run or a promotion.

    Raises:
        OloError: bad-parameter: none of them is named.
    """
    links = Links(job=query.job, job_run=query.job_run, promotion=query.promotion)
    if links == Links():
        raise OloError("Name a job, a job_run or a promotion.", code="bad-parameter")
    return _runs(opened.experiments.runs(RunSearch([], limit=query.limit, page=query.page, links=links)))


def run(opened: Opened, id: str) -> ExperimentRun:
    """One run."""
    return ExperimentRun.model_validate(asdict(opened.experiments.run(id)))


def artifacts(opened: Opened, id: str, query: ArtifactQuery) -> ArtifactList:
    """A folder of a run's artefacts.

    Raises:
        OloError: bad-parameter: a path that leads out of them.
    """
    if query.path.startswith("/") or ".." in query.path.split("/"):
        raise OloError("The path leads out of the run's artefacts.", code="bad-parameter")
    entries = [asdict(one) for one in opened.experiments.artifacts(id, query.path)]
    return ArtifactList.model_validate({"run": id, "path": query.path, "entries": entries})


def metrics(opened: Opened, query: MetricQuery) -> MetricHistories:
    """A metric of several runs.

    Raises:
        OloError: bad-parameter: too many runs.
    """
    ids = list(dict.fromkeys(part.strip() for part in query.runs.split(",") if part.strip()))
    if not 1 <= len(ids) <= _MOST_RUNS:
        raise OloError(f"Name 1 to {_MOST_RUNS} runs.", code="bad-parameter")
    found = opened.experiments.histories(ids, query.key, points=query.points)
    return MetricHistories.model_validate({"histories": [asdict(one) for one in found]})


def models(opened: Opened, query: ListQuery) -> ModelList:
    """Registered models by name."""
    page = opened.experiments.models(query.text, limit=query.limit, page=query.page)
    return ModelList.model_validate({"models": [asdict(one) for one in page.items], "next": page.next})


def model(opened: Opened, name: str) -> RegisteredModel:
    """One model with all its versions."""
    return RegisteredModel.model_validate(asdict(opened.experiments.model(name)))


def _runs(page: Page[TrackedRun]) -> ExperimentRunList:
    return ExperimentRunList.model_validate(
        {
            "runs": [asdict(one) for one in page.items],
            "metric_names": sorted({name for one in page.items for name in one.metrics}),
            "param_names": sorted({name for one in page.items for name in one.params}),
            "next": page.next,
        }
    )
