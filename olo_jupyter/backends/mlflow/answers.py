"""What MLflow answers, read into the tracker's words; what can't be read is an error, never left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from olo_jupyter.backends.mlflow.base import (
    Experiment,
    History,
    Links,
    MLflowError,
    Model,
    ModelVersion,
    Point,
    TrackedRun,
)
from olo_jupyter.backends.upstream.client import segment

_STATES = {
    "SCHEDULED": "scheduled", "RUNNING": "running", "FINISHED": "finished", "FAILED": "failed", "KILLED": "killed",
}  # fmt: skip
_VERSION_STATES = {
    "PENDING_REGISTRATION": "pending", "READY": "ready", "FAILED_REGISTRATION": "failed",
    "DELETED_MODEL_VERSION": "deleted",
}  # fmt: skip
TAGS = {
    "job": "olo.job", "job_run": "olo.run_id", "task": "olo.task", "promotion": "olo.promotion", "commit": "olo.commit",
}  # fmt: skip
"""Tags that link a run to the project; a task's environment sets them for every run that begins in it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_experiment(pages: str, told: dict[str, Any]) -> Experiment:
    """An experiment; ``pages`` is where people see MLflow's pages, '' for nowhere."""
    id = text_of(told, "experiment_id")
    return Experiment(
        id, text_of(told, "name"), moment_of(told, "creation_time"), moment_of(told, "last_update_time"),
        tags_of(told), _page(pages, f"experiments/{segment(id)}"),
    )  # fmt: skip


def read_run(pages: str, told: dict[str, Any]) -> TrackedRun:
    """A run."""
    info, data = object_of(told, "info"), told.get("data") or {}
    id, experiment, tags = text_of(info, "run_id"), text_of(info, "experiment_id"), tags_of(data)
    shown = {
        name: value for name, value in tags.items() if not name.startswith("mlflow.") and name not in TAGS.values()
    }
    return TrackedRun(
        id, text_of(info, "run_name") or tags.get("mlflow.runName", id), experiment,
        _STATES.get(text_of(info, "status"), "unknown"),
        tags.get("mlflow.user") or text_of(info, "user_id"),
        moment_of(info, "start_time"), moment_of(info, "end_time"),
        {text_of(one, "key"): _metric(one) for one in list_of(data, "metrics")},
        {text_of(one, "key"): text_of(one, "value") for one in list_of(data, "params")},
        shown, _links(tags), _page(pages, f"experiments/{segment(experiment)}/runs/{segment(id)}"),
    )  # fmt: skip


def read_model(pages: str, told: dict[str, Any]) -> Model:
    """A registered model with the versions that the answer has."""
    name = text_of(told, "name")
    aliases = {text_of(one, "alias"): text_of(one, "version") for one in list_of(told, "aliases")}
    versions = [_version(pages, name, one, aliases) for one in list_of(told, "latest_versions")]
    versions.sort(key=lambda one: int(one.version) if one.version.isdigit() else 0, reverse=True)
    return Model(
        name, text_of(told, "description"), moment_of(told, "creation_timestamp"),
        moment_of(told, "last_updated_timestamp"), aliases, tags_of(told), versions,
        _page(pages, f"models/{segment(name)}"),
    )  # fmt: skip


def _version(pages: str, name: str, told: dict[str, Any], aliases: dict[str, str]) -> ModelVersion:
    version, tags = text_of(told, "version"), tags_of(told)
    return ModelVersion(
        version, _VERSION_STATES.get(text_of(told, "status"), "unknown"), text_of(told, "description"),
        text_of(told, "run_id"), moment_of(told, "creation_timestamp"),
        sorted(alias for alias, of in aliases.items() if of == version),
        {key: value for key, value in tags.items() if key not in TAGS.values()}, _links(tags),
        _page(pages, f"models/{segment(name)}/versions/{segment(version)}"),
    )  # fmt: skip


def read_history(run: str, key: str, told: Sequence[dict[str, Any]], points: int) -> History:
    """A metric of a run; where there are more points than asked for, every n-th and the last."""
    values = [Point(_int(one, "step"), moment_of(one, "timestamp") or _EPOCH, _metric(one)) for one in told]
    values.sort(key=lambda point: (point.step, point.at))
    every = math.ceil(len(values) / points)
    kept = values if every <= 1 else [*values[:-1:every], values[-1]]
    return History(run, key, kept, sampled=len(kept) < len(values))


def _page(pages: str, path: str) -> str:
    return f"{pages}/#/{path}" if pages else ""


def _links(tags: Mapping[str, str]) -> Links:
    return Links(**{name: tags.get(tag, "") for name, tag in TAGS.items()})


def _metric(told: dict[str, Any]) -> float | str:
    """A number, or the word for what JSON has no number for."""
    value = told.get("value")
    try:
        number = float(value if value is not None else math.nan)
    except (TypeError, ValueError):
        raise _odd("a metric without a value") from None
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")


def moment_of(told: dict[str, Any], key: str) -> datetime | None:
    """A time, None where there is none.

    Raises:
        MLflowError: mlflow-protocol: it is none.
    """
    value = told.get(key)
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC) if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        raise _odd(f"{key} is no time") from None


def _int(told: dict[str, Any], key: str) -> int:
    try:
        return int(told.get(key) or 0)
    except (TypeError, ValueError):
        raise _odd(f"{key} is no number") from None


def text_of(told: dict[str, Any], key: str) -> str:
    """A text, '' for none."""
    return str(told.get(key) or "")


def tags_of(told: dict[str, Any]) -> dict[str, str]:
    """Tags by key."""
    return {text_of(tag, "key"): text_of(tag, "value") for tag in list_of(told, "tags")}


def list_of(answer: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list.

    Raises:
        MLflowError: mlflow-protocol: it is none.
    """
    found = answer.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _odd(f"{key} is no list of objects")
    return found


def object_of(answer: dict[str, Any], key: str) -> dict[str, Any]:
    """An object in an answer.

    Raises:
        MLflowError: mlflow-protocol: it isn't there.
    """
    found = answer.get(key)
    if not isinstance(found, dict):
        raise _odd(f"{key} is missing")
    return found


def next_page(answer: dict[str, Any]) -> str:
    """The token of the page after this one, '' after the last."""
    return text_of(answer, "next_page_token")


def _odd(what: str) -> MLflowError:
    return MLflowError(f"MLflow answered what this version can't read: {what}.", code="mlflow-protocol")
