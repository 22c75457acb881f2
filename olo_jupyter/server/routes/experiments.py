"""Experiments and registered models: /olo/api/experiments, /experiment-runs, /experiment-metrics, /models."""

from __future__ import annotations

from olo_jupyter.server import experiments
from olo_jupyter.server.context import Context
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
from olo_jupyter.server.routes.route import Route


def _experiments(context: Context, *, query: ListQuery) -> ExperimentList:
    return experiments.experiments(context.opened, query)


def _experiment(context: Context, *, id: str) -> Experiment:
    return experiments.experiment(context.opened, id)


def _runs_of(context: Context, *, id: str, query: ExperimentRunQuery) -> ExperimentRunList:
    return experiments.runs_of(context.opened, id, query)


def _linked_runs(context: Context, *, query: LinkedRunQuery) -> ExperimentRunList:
    return experiments.linked_runs(context.opened, query)


def _run(context: Context, *, run: str) -> ExperimentRun:
    return experiments.run(context.opened, run)


def _artifacts(context: Context, *, run: str, query: ArtifactQuery) -> ArtifactList:
    return experiments.artifacts(context.opened, run, query)


def _metrics(context: Context, *, query: MetricQuery) -> MetricHistories:
    return experiments.metrics(context.opened, query)


def _models(context: Context, *, query: ListQuery) -> ModelList:
    return experiments.models(context.opened, query)


def _model(context: Context, *, name: str) -> RegisteredModel:
    return experiments.model(context.opened, name)


ROUTES = [
    Route(
        "GET", "/experiments", "experiments", "read", _experiments, ExperimentList, query=ListQuery,
        summary="Experiments by name, the last changed first.",
    ),
    Route("GET", "/experiments/{id}", "experiments", "read", _experiment, Experiment, summary="One experiment."),
    Route(
        "GET", "/experiments/{id}/runs", "experiments", "read", _runs_of, ExperimentRunList, query=ExperimentRunQuery,
        summary="Runs of an experiment: filter, order, pages.",
    ),
    Route(
        "GET", "/experiment-runs", "experiments", "read", _linked_runs, ExperimentRunList, query=LinkedRunQuery,
        summary="Runs that belong to a job, a job's run or a promotion.",
    ),
    Route("GET", "/experiment-runs/{run}", "experiments", "read", _run, ExperimentRun, summary="One run."),
    Route(
        "GET", "/experiment-runs/{run}/artifacts", "experiments", "read", _artifacts, ArtifactList,
        query=ArtifactQuery, summary="A folder of a run's artefacts.",
    ),
    Route(
        "GET", "/experiment-metrics", "experiments", "read", _metrics, MetricHistories, query=MetricQuery,
        summary="One metric of several runs.",
    ),
    Route(
        "GET", "/models", "experiments", "read", _models, ModelList, query=ListQuery, summary="Registered models.",
    ),
    Route(
        "GET", "/models/{name}", "experiments", "read", _model, RegisteredModel,
        summary="A registered model with all its versions.",
    ),
]  # fmt: skip
