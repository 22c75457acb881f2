"""MLflow's REST API, version 2.0: plain HTTP, since MLflow's own client brings 30 packages and other time limits."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2 as httpx

from olo_jupyter.backends.mlflow.answers import (
    TAGS,
    list_of,
    next_page,
    object_of,
    read_experiment,
    read_history,
    read_model,
    read_run,
    text_of,
)
from olo_jupyter.backends.mlflow.base import (
    NOTE,
    Artifact,
    Experiment,
    History,
    MLflowError,
    Model,
    Page,
    RunSearch,
    TrackedRun,
)
from olo_jupyter.backends.registry import Kind
from olo_jupyter.backends.upstream.authority import authority_hint
from olo_jupyter.backends.upstream.client import Upstream, json_object, plain_again
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings

ATTEMPTS = 2
_API = "api/2.0/mlflow"
_PAGE = 1000
_MOST_PAGES = 50
_CODES = {
    400: "mlflow-invalid", 401: "mlflow-unauthorized", 403: "mlflow-forbidden", 404: "mlflow-not-found",
    409: "mlflow-conflict", 429: "mlflow-rate-limited",
}  # fmt: skip
_HINTS = {
    "mlflow-unauthorized": "The token or password is wrong or has expired: see backends in olo.yml.",
    "mlflow-forbidden": "The account may not see this: ask whoever runs MLflow.",
    "mlflow-unavailable": "Try again when it answers; the other panels work on.",
}


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
        return Page([read_experiment(self._pages, one) for one in list_of(answer, "experiments")], next_page(answer))

    def experiment(self, id: str) -> Experiment:
        """One experiment."""
        return read_experiment(self._pages, object_of(self._get("experiments/get", experiment_id=id), "experiment"))

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
            found = object_of(self._get("experiments/get-by-name", experiment_name=name), "experiment")
        except MLflowError:
            return ""
        return text_of(found, "lifecycle_stage")

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
        return Page([read_run(self._pages, one) for one in list_of(answer, "runs")], next_page(answer))

    def run(self, id: str) -> TrackedRun:
        """One run."""
        return read_run(self._pages, object_of(self._get("runs/get", run_id=id), "run"))

    def histories(self, runs: Sequence[str], key: str, *, points: int = 1000) -> Sequence[History]:
        """A metric of several runs; where there are more points than asked for, every n-th and the last."""
        return [self._history(run, key, points) for run in runs]

    def artifacts(self, run: str, path: str = "") -> Sequence[Artifact]:
        """A folder of a run's artefacts, folders first."""
        found: list[Artifact] = []
        page = ""
        for _ in range(_MOST_PAGES):
            answer = self._get("artifacts/list", **_filled(run_id=run, path=path, page_token=page))
            for one in list_of(answer, "files"):
                size = one.get("file_size")
                found.append(
                    Artifact(text_of(one, "path"), bool(one.get("is_dir")), None if size is None else int(size))
                )
            if not (page := next_page(answer)):
                break
        return sorted(found, key=lambda one: (not one.directory, one.path))

    def models(self, text: str = "", *, limit: int = 100, page: str = "") -> Page[Model]:
        """Registered models by name, with their newest and aliased versions."""
        parameters = _filled(max_results=limit, page_token=page)
        if text:
            parameters["filter"] = f"name ILIKE {_quoted(f'%{text}%')}"
        answer = self._get("registered-models/search", **parameters)
        return Page([read_model(self._pages, one) for one in list_of(answer, "registered_models")], next_page(answer))

    def model(self, name: str) -> Model:
        """One model with all its versions."""
        told = object_of(self._get("registered-models/get", name=name), "registered_model")
        versions: list[dict[str, Any]] = []
        page = ""
        for _ in range(_MOST_PAGES):
            wanted = _filled(filter=f"name = {_quoted(name)}", max_results=_PAGE, page_token=page)
            answer = self._get("model-versions/search", **wanted)
            versions += list_of(answer, "model_versions")
            if not (page := next_page(answer)):
                break
        return read_model(self._pages, {**told, "latest_versions": versions})

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
        return plain_again(response, repeatable=repeatable)

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
            found += [text_of(one, "experiment_id") for one in list_of(answer, "experiments")]
            if not (page := next_page(answer)):
                break
        return found

    def _history(self, run: str, key: str, points: int) -> History:
        told: list[dict[str, Any]] = []
        page = ""
        for _ in range(_MOST_PAGES):
            wanted = _filled(run_id=run, metric_key=key, max_results=25_000, page_token=page)
            answer = self._get("metrics/get-history", **wanted)
            told += list_of(answer, "metrics")
            if not (page := next_page(answer)):
                break
        return read_history(run, key, told, points)


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
