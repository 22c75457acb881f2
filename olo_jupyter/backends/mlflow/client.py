"""MLflow's REST API, version 2.0: plain HTTP, since MLflow's own client brings 30 packages and other time limits."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.mlflow.base import (
    NOTE,
    Artifact,
    Experiment,
    History,
    Links,
    Model,
    ModelVersion,
    Page,
    Point,
    RunSearch,
    TrackedRun,
)
from olo_jupyter.backends.registry import Kind
from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import AWAY, Upstream, json_object, retry_after, segment
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.service_settings import BackendSettings

ATTEMPTS = 2
_API = "api/2.0/mlflow"
_PAGE = 1000
_MOST_PAGES = 50
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
_CODES = {
    400: "mlflow-invalid", 401: "mlflow-unauthorized", 403: "mlflow-forbidden", 404: "mlflow-not-found",
    409: "mlflow-conflict", 429: "mlflow-rate-limited",
}  # fmt: skip
_HINTS = {
    "mlflow-unauthorized": "The token or password is wrong or has expired: see backends in olo.yml.",
    "mlflow-forbidden": "The account may not see this: ask whoever runs MLflow.",
    "mlflow-unavailable": "Try again when it answers; the other panels work on.",
}


class MLflowError(OloError):
    """MLflow can't be reached, or refuses; the message holds no credential."""

    default_code = "mlflow-unavailable"


class MLflowClient:
    """One MLflow; an ExperimentTracker.

    Args:
        url: Its address.
        pages: Where people see its pages; '' for nowhere.
        headers: The authorization.
        setting: Its name under backends in olo.yml, for hints.
        options: Of :class:`Upstream`: ca_file, seconds, transport.
    """

    def __init__(
        self,
        url: str,
        *,
        pages: str = "",
        headers: Mapping[str, str] | None = None,
        seconds: float = 10.0,
        setting: str = "mlflow",
        **options: Any,
    ) -> None:
        self._setting = setting
        self.url, self._pages = url, pages.rstrip("/")
        self._upstream = Upstream(
            url, self, headers=headers, seconds=seconds, attempts=ATTEMPTS, patience=seconds, **options
        )

    def experiments(self, text: str = "", *, limit: int = 100, page: str = "") -> Page[Experiment]:
        """Experiments whose name holds the text; see ExperimentTracker."""
        body = _filled(max_results=limit, page_token=page, order_by=["last_update_time DESC"])
        if text:
            body["filter"] = f"name ILIKE {_quoted(f'%{text}%')}"
        answer = self._post("experiments/search", body)
        return Page([self._experiment(one) for one in _list(answer, "experiments")], _next(answer))

    def experiment(self, id: str) -> Experiment:
        """One experiment."""
        return self._experiment(_object(self._get("experiments/get", experiment_id=id), "experiment"))

    def create_experiment(self, name: str, description: str) -> None:
        """Make an experiment; nothing happens where it is there."""
        tags = [{"key": NOTE, "value": description}] if description else []
        try:
            self._post("experiments/create", {"name": name, "tags": tags}, repeatable=False)
        except MLflowError as error:
            # Made by another one meanwhile, or by a request whose answer was lost.
            stage = self._stage(name)
            if stage == "deleted":
                raise MLflowError(
                    f"The experiment {name} was deleted, and MLflow keeps its name.",
                    code="mlflow-conflict",
                    hint="Restore it in MLflow (mlflow experiments restore), or name another one.",
                ) from error
            if stage != "active":
                raise

    def describe_experiment(self, id: str, description: str) -> None:
        """Say what an experiment is about."""
        self._post("experiments/set-experiment-tag", {"experiment_id": id, "key": NOTE, "value": description})

    def _stage(self, name: str) -> str:
        """Whether there is an experiment of this name: active, deleted, or '' for none that can be seen."""
        try:
            found = _object(self._get("experiments/get-by-name", experiment_name=name), "experiment")
        except MLflowError:
            return ""
        return _text(found, "lifecycle_stage")

    def runs(self, wanted: RunSearch) -> Page[TrackedRun]:
        """Runs; see RunSearch."""
        named = list(wanted.experiments) or self._all_experiments()
        conditions = [wanted.filter] if wanted.filter.strip() else []
        for name, tag in TAGS.items():
            if value := getattr(wanted.links, name):
                conditions.append(f"tags.`{tag}` = {_quoted(value)}")
        order = [part.strip() for part in wanted.order.split(",") if part.strip()]
        answer = self._post(
            "runs/search",
            _filled(
                experiment_ids=named, filter=" and ".join(conditions), order_by=order or ["attributes.start_time DESC"],
                max_results=wanted.limit, page_token=wanted.page,
            ),
        )  # fmt: skip
        return Page([self._run(one) for one in _list(answer, "runs")], _next(answer))

    def run(self, id: str) -> TrackedRun:
        """One run."""
        return self._run(_object(self._get("runs/get", run_id=id), "run"))

    def histories(self, runs: Sequence[str], key: str, *, points: int = 1000) -> Sequence[History]:
        """A metric of several runs; where there are more points than asked for, every n-th and the last."""
        return [self._history(run, key, points) for run in runs]

    def artifacts(self, run: str, path: str = "") -> Sequence[Artifact]:
        """A folder of a run's artefacts, folders first."""
        found: list[Artifact] = []
        page = ""
        for _ in range(_MOST_PAGES):
            answer = self._get("artifacts/list", **_filled(run_id=run, path=path, page_token=page))
            for one in _list(answer, "files"):
                size = one.get("file_size")
                found.append(Artifact(_text(one, "path"), bool(one.get("is_dir")), None if size is None else int(size)))
            if not (page := _next(answer)):
                break
        return sorted(found, key=lambda one: (not one.directory, one.path))

    def models(self, text: str = "", *, limit: int = 100, page: str = "") -> Page[Model]:
        """Registered models by name, with their newest and aliased versions."""
        parameters = _filled(max_results=limit, page_token=page)
        if text:
            parameters["filter"] = f"name ILIKE {_quoted(f'%{text}%')}"
        answer = self._get("registered-models/search", **parameters)
        return Page([self._model(one) for one in _list(answer, "registered_models")], _next(answer))

    def model(self, name: str) -> Model:
        """One model with all its versions."""
        told = _object(self._get("registered-models/get", name=name), "registered_model")
        versions: list[dict[str, Any]] = []
        page = ""
        for _ in range(_MOST_PAGES):
            wanted = _filled(filter=f"name = {_quoted(name)}", max_results=_PAGE, page_token=page)
            answer = self._get("model-versions/search", **wanted)
            versions += _list(answer, "model_versions")
            if not (page := _next(answer)):
                break
        return self._model({**told, "latest_versions": versions})

    def version(self) -> str:
        """MLflow's version."""
        return self._upstream.send("GET", "version").text.strip()[:40]

    def close(self) -> None:
        """Close the connections."""
        self._upstream.close()

    @property
    def circuit(self) -> str:
        """State of the circuit."""
        return self._upstream.circuit.state

    def good(self, response: httpx.Response) -> bool:
        """Whether it is what was asked for."""
        if response.request.url.path.endswith("/version"):
            return response.is_success and response.text.strip()[:1].isdigit()
        return response.is_success and json_object(response) is not None

    def again(self, response: httpx.Response, *, repeatable: bool) -> float | None:
        """When a request may be sent again."""
        if response.status_code == 429 or (response.status_code in AWAY and repeatable):
            return retry_after(response) or 0.0
        return None

    def unreachable(self, why: str) -> MLflowError:
        """MLflow doesn't answer."""
        hint = authority_hint(why, f"backends.{self._setting}.ca_file") or _HINTS["mlflow-unavailable"]
        return MLflowError(f"MLflow can't be reached: {why}", hint=hint)

    def refused(self, response: httpx.Response, path: str) -> MLflowError:
        """What MLflow says of a request that it doesn't do."""
        status = response.status_code
        if response.is_success or response.is_redirect:
            return MLflowError(
                f"MLflow answered something that isn't its API's at {path}.",
                code="mlflow-protocol",
                hint="Is this address MLflow, and no sign-in page stands before it?",
            )
        code = _CODES.get(status, "mlflow-unavailable" if status >= 500 else "mlflow-invalid")
        said = str((json_object(response) or {}).get("message") or "")[:500]
        return MLflowError(said or f"MLflow answered {status} for {path}.", code=code, hint=_HINTS.get(code, ""))

    def _get(self, path: str, /, **parameters: Any) -> dict[str, Any]:
        return json_object(self._upstream.send("GET", f"{_API}/{path}", parameters=parameters)) or {}

    def _post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        # Most of what is posted here are searches.
        return json_object(self._upstream.send("POST", f"{_API}/{path}", body=body, repeatable=repeatable)) or {}

    def _all_experiments(self) -> list[str]:
        found: list[str] = []
        page = ""
        for _ in range(_MOST_PAGES):
            answer = self._post("experiments/search", _filled(max_results=_PAGE, page_token=page))
            found += [_text(one, "experiment_id") for one in _list(answer, "experiments")]
            if not (page := _next(answer)):
                break
        return found

    def _history(self, run: str, key: str, points: int) -> History:
        told: list[dict[str, Any]] = []
        page = ""
        for _ in range(_MOST_PAGES):
            wanted = _filled(run_id=run, metric_key=key, max_results=25_000, page_token=page)
            answer = self._get("metrics/get-history", **wanted)
            told += _list(answer, "metrics")
            if not (page := _next(answer)):
                break
        values = [Point(_int(one, "step"), _moment(one, "timestamp") or _EPOCH, _metric(one)) for one in told]
        values.sort(key=lambda point: (point.step, point.at))
        every = math.ceil(len(values) / points)
        kept = values if every <= 1 else [*values[:-1:every], values[-1]]
        return History(run, key, kept, sampled=len(kept) < len(values))

    def _experiment(self, told: dict[str, Any]) -> Experiment:
        id = _text(told, "experiment_id")
        return Experiment(
            id, _text(told, "name"), _moment(told, "creation_time"), _moment(told, "last_update_time"),
            _tags(told), self._page(f"experiments/{segment(id)}"),
        )  # fmt: skip

    def _run(self, told: dict[str, Any]) -> TrackedRun:
        info, data = _object(told, "info"), told.get("data") or {}
        id, experiment, tags = _text(info, "run_id"), _text(info, "experiment_id"), _tags(data)
        shown = {
            name: value for name, value in tags.items() if not name.startswith("mlflow.") and name not in TAGS.values()
        }
        return TrackedRun(
            id, _text(info, "run_name") or tags.get("mlflow.runName", id), experiment,
            _STATES.get(_text(info, "status"), "unknown"),
            tags.get("mlflow.user") or _text(info, "user_id"),
            _moment(info, "start_time"), _moment(info, "end_time"),
            {_text(one, "key"): _metric(one) for one in _list(data, "metrics")},
            {_text(one, "key"): _text(one, "value") for one in _list(data, "params")},
            shown, _links(tags), self._page(f"experiments/{segment(experiment)}/runs/{segment(id)}"),
        )  # fmt: skip

    def _model(self, told: dict[str, Any]) -> Model:
        name = _text(told, "name")
        aliases = {_text(one, "alias"): _text(one, "version") for one in _list(told, "aliases")}
        versions = [self._version(name, one, aliases) for one in _list(told, "latest_versions")]
        versions.sort(key=lambda one: int(one.version) if one.version.isdigit() else 0, reverse=True)
        return Model(
            name, _text(told, "description"), _moment(told, "creation_timestamp"),
            _moment(told, "last_updated_timestamp"), aliases, _tags(told), versions,
            self._page(f"models/{segment(name)}"),
        )  # fmt: skip

    def _version(self, name: str, told: dict[str, Any], aliases: dict[str, str]) -> ModelVersion:
        version, tags = _text(told, "version"), _tags(told)
        return ModelVersion(
            version, _VERSION_STATES.get(_text(told, "status"), "unknown"), _text(told, "description"),
            _text(told, "run_id"), _moment(told, "creation_timestamp"),
            sorted(alias for alias, of in aliases.items() if of == version),
            {key: value for key, value in tags.items() if key not in TAGS.values()}, _links(tags),
            self._page(f"models/{segment(name)}/versions/{segment(version)}"),
        )  # fmt: skip

    def _page(self, path: str) -> str:
        return f"{self._pages}/#/{path}" if self._pages else ""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def _moment(told: dict[str, Any], key: str) -> datetime | None:
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


def _text(told: dict[str, Any], key: str) -> str:
    return str(told.get(key) or "")


def _tags(told: dict[str, Any]) -> dict[str, str]:
    return {_text(tag, "key"): _text(tag, "value") for tag in _list(told, "tags")}


def _list(answer: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = answer.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _odd(f"{key} is no list of objects")
    return found


def _object(answer: dict[str, Any], key: str) -> dict[str, Any]:
    found = answer.get(key)
    if not isinstance(found, dict):
        raise _odd(f"{key} is missing")
    return found


def _next(answer: dict[str, Any]) -> str:
    return _text(answer, "next_page_token")


def _odd(what: str) -> MLflowError:
    return MLflowError(f"MLflow answered what this version can't read: {what}.", code="mlflow-protocol")


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", None)}


def _quoted(text: str) -> str:
    """A text in MLflow's filter language, which has no way to write a quotation mark within its own kind.

    Raises:
        MLflowError: It holds both kinds.
    """
    for mark in ("'", '"'):
        if mark not in text:
            return f"{mark}{text}{mark}"
    raise MLflowError("A text with both ' and \" can't be searched for.", code="bad-parameter")


def connect(settings: Settings, name: str, options: BackendSettings) -> MLflowClient:
    """The MLflow of a project.

    Raises:
        SecretError: The token or password isn't where olo.yml says it is.
        MLflowError: It has no url, or the certificates can't be read.
    """
    if not options.url:
        raise MLflowError(f"backends.{name} in olo.yml has no url.", code="config")
    headers = {}
    if options.token is not None:
        headers["Authorization"] = f"Bearer {options.token.read(settings.user)}"
    elif options.password is not None:
        account = f"{options.username}:{options.password.read(options.username)}"
        headers["Authorization"] = f"Basic {base64.b64encode(account.encode()).decode()}"
    try:
        return MLflowClient(
            options.url, pages=options.pages or options.url, headers=headers, seconds=options.seconds,
            ca_file=options.ca_file, setting=name,
        )  # fmt: skip
    except OSError as error:
        message = f"backends.{name}.ca_file: {options.ca_file} holds no certificates that can be read."
        raise MLflowError(message, code="config") from error


KIND = Kind("experiments", connect)
