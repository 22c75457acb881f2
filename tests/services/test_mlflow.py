"""The MLflow adapter against a real MLflow 3, filled by MLflow's own client; then the same with faults."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.backends.mlflow.base import Links, MLflowError, RunSearch
from olo_jupyter.backends.mlflow.client import MLflowClient
from olo_jupyter.server import experiments
from olo_jupyter.server.models.experiments import (
    ArtifactQuery,
    ExperimentRunQuery,
    LinkedRunQuery,
    ListQuery,
    MetricQuery,
)
from olo_jupyter.server.workspace import Opened
from olo_jupyter.workspaces.tracking import TrackedExperiments
from tests.services.faulty import Door, Mode, door
from tests.services.mlflow import MLflow

FILL = """
import json, os, pathlib
import mlflow
from mlflow import MlflowClient
mlflow.set_experiment("delays / <b>März</b> 🛫")
ids = []
for number in range(7):
    with mlflow.start_run(run_name=f"run {number}") as run:
        mlflow.log_params({"depth": number, "kind": "odd" if number % 2 else "even"})
        mlflow.log_metric("rmse", number * 1.5)
        ids.append(run.info.run_id)
os.environ["MLFLOW_RUN_CONTEXT"] = json.dumps({"olo.run_id": "job-run-1", "olo.task": "train"})
with mlflow.start_run(run_name="from a job") as run:
    for step in range(50):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metric("odd", float("nan")); mlflow.log_metric("huge", float("inf"))
    mlflow.set_tag("olo.promotion", "daily_delays"); mlflow.set_tag("team", "data")
    pathlib.Path("note.txt").write_text("hello")
    mlflow.log_artifact("note.txt"); mlflow.log_artifact("note.txt", "deep/er")
    ids.append(run.info.run_id)
client = MlflowClient()
client.create_registered_model("delay model", description="Predicts.", tags={"tier": "1"})
for _ in range(3):
    client.create_model_version("delay model", f"{run.info.artifact_uri}/model", run_id=ids[-1])
client.set_registered_model_alias("delay model", "champion", "2")
client.create_experiment("empty")
print(json.dumps(ids))
"""


@pytest.fixture(scope="module")
def runs(mlflow: MLflow) -> list[str]:
    """Ids of the runs that MLflow's own client made, the oldest first."""
    ids: list[str] = json.loads(mlflow.python(FILL).splitlines()[-1])
    return ids


@pytest.fixture(scope="module")
def client(mlflow: MLflow) -> Iterator[MLflowClient]:
    made = MLflowClient(mlflow.uri, pages="https://mlflow.example.org")
    yield made
    made.close()


@pytest.fixture
def opened(mlflow: MLflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """A project whose olo.yml names this MLflow."""
    monkeypatch.setenv("MLFLOW_TOKEN", "planted-token")
    from olo_jupyter.config import load_settings

    (tmp_path / "olo.yml").write_text(
        f"version: 1\nbackends:\n  mlflow: {{url: '{mlflow.uri}', token: {{env: MLFLOW_TOKEN}}}}\n"
    )
    made = Opened(load_settings(tmp_path, {"OLO_USER": "ana", "HOME": str(tmp_path)}))
    yield made
    made.close()


def test_experiments_by_name(client: MLflowClient, runs: list[str]) -> None:
    (found,) = client.experiments("mÄrz").items or client.experiments("März").items
    assert found.name == "delays / <b>März</b> 🛫"
    assert client.experiment(found.id) == found
    first = client.experiments(limit=1)
    second = client.experiments(limit=1, page=first.next)
    assert first.items[0].id != second.items[0].id
    with pytest.raises(MLflowError) as caught:
        client.experiment("4711")
    assert caught.value.code == "mlflow-not-found"


def test_runs_filter_order_pages(client: MLflowClient, runs: list[str]) -> None:
    id = client.run(runs[0]).experiment
    best = client.runs(RunSearch([id], filter="params.kind = 'even' and metrics.rmse > 1", order="metrics.rmse DESC"))
    assert [run.name for run in best.items] == ["run 6", "run 4", "run 2"]
    assert best.items[0].params == {"depth": "6", "kind": "even"}
    seen: list[str] = []
    page = ""
    while True:
        part = client.runs(RunSearch([id], order="metrics.rmse ASC", limit=3, page=page))
        seen += [run.id for run in part.items]
        if not (page := part.next):
            break
    assert seen[:7] == runs[:7]
    assert len(seen) == 8
    with pytest.raises(MLflowError, match="filter") as caught:
        client.runs(RunSearch([id], filter="metrics.rmse <"))
    assert caught.value.code == "mlflow-invalid"


def test_a_run_belongs_to_a_jobs_run_and_a_promotion(client: MLflowClient, runs: list[str]) -> None:
    run = client.run(runs[-1])
    assert run.links == Links(job_run="job-run-1", task="train", promotion="daily_delays")
    assert run.tags == {"team": "data"}
    assert (run.metrics["odd"], run.metrics["huge"]) == ("NaN", sys.float_info.max)  # SQL holds no infinity
    for links in (Links(job_run="job-run-1"), Links(promotion="daily_delays")):
        assert [one.id for one in client.runs(RunSearch([], links=links)).items] == [run.id]
    assert not client.runs(RunSearch([], links=Links(job_run="job-run-1' or '1'='1"))).items


def test_histories_and_artefacts(client: MLflowClient, runs: list[str]) -> None:
    whole, none = client.histories([runs[-1], runs[0]], "loss")
    assert [point.step for point in whole.points] == list(range(50))
    assert not whole.sampled
    assert not none.points
    (few,) = client.histories([runs[-1]], "loss", points=10)
    assert few.sampled
    assert len(few.points) <= 11
    assert few.points[-1].step == 49
    top = client.artifacts(runs[-1])
    assert [(one.path, one.directory, one.size) for one in top] == [("deep", True, None), ("note.txt", False, 5)]
    assert [one.path for one in client.artifacts(runs[-1], "deep/er")] == ["deep/er/note.txt"]


def test_models_with_aliases(client: MLflowClient, runs: list[str]) -> None:
    (model,) = client.models("DELAY").items
    assert model.aliases == {"champion": "2"}
    whole = client.model("delay model")
    assert [(one.version, list(one.aliases)) for one in whole.versions] == [("3", []), ("2", ["champion"]), ("1", [])]
    assert whole.versions[0].run == runs[-1]
    assert whole.url == "https://mlflow.example.org/#/models/delay%20model"
    with pytest.raises(MLflowError) as caught:
        client.model("no such' or name like '%")
    assert caught.value.code == "mlflow-not-found"


def test_what_the_routes_answer_holds_no_token(opened: Opened, runs: list[str]) -> None:
    listed = experiments.experiments(opened, ListQuery())
    id = next(one.id for one in listed.experiments if one.name.startswith("delays"))
    shown = experiments.runs_of(opened, id, ExperimentRunQuery(order="metrics.rmse ASC"))
    assert shown.metric_names == ["huge", "loss", "odd", "rmse"]
    answers = [
        listed, shown, experiments.run(opened, runs[-1]), experiments.models(opened, ListQuery()),
        experiments.model(opened, "delay model"), experiments.artifacts(opened, runs[-1], ArtifactQuery()),
        experiments.metrics(opened, MetricQuery(runs=f"{runs[0]},{runs[1]}", key="rmse")),
        experiments.linked_runs(opened, LinkedRunQuery(job_run="job-run-1")),
    ]  # fmt: skip
    for answer in answers:
        text = answer.model_dump_json()
        json.loads(text, parse_constant=pytest.fail)  # NaN is no JSON
        assert "planted-token" not in text


FAULTS: list[tuple[Mode, str]] = [
    ("refuse", "mlflow-unavailable"), ("silent", "mlflow-unavailable"), ("garbage", "mlflow-unavailable"),
    ("html", "mlflow-protocol"), ("cut", "mlflow-unavailable"),
]  # fmt: skip


@pytest.fixture
def faulty(mlflow: MLflow) -> Iterator[Door]:
    with door(mlflow.port) as made:
        yield made


@pytest.mark.parametrize(("mode", "code"), FAULTS)
def test_a_fault_is_typed_and_over_within_ten_seconds(faulty: Door, runs: list[str], mode: Mode, code: str) -> None:
    client = MLflowClient(faulty.uri, seconds=2)
    assert client.run(runs[0]).id == runs[0]
    client.close()
    faulty.mode = mode
    for _ in range(3):
        with pytest.raises(MLflowError) as caught:
            client_of(faulty).run(runs[0])
        assert caught.value.code == code
    if code == "mlflow-unavailable":
        asked, begun = faulty.asked, time.monotonic()
        with pytest.raises(MLflowError, match="asked again in"):
            client_of(faulty).run(runs[0])
        assert time.monotonic() - begun < 0.5, "while the circuit is open nobody waits"
        assert faulty.asked == asked
    faulty.mode = "pass"
    begun = time.monotonic()
    while time.monotonic() - begun < 10:
        try:
            assert client_of(faulty).run(runs[0]).id == runs[0]
            break
        except MLflowError:
            time.sleep(0.2)
    else:
        pytest.fail("not back within ten seconds")


def client_of(faulty: Door) -> MLflowClient:
    """A new client: its circuit is that of the address, as in a server where each request has one."""
    return MLflowClient(faulty.uri, seconds=2)


def test_it_survives_a_restart_of_mlflow(services_folder: Path) -> None:
    from tests.services.mlflow import start

    folder = services_folder / "mlflow-again"
    folder.mkdir()
    first = start(folder)
    client = MLflowClient(first.uri, seconds=2)
    try:
        assert client.version()
        first.stop()
        with pytest.raises(MLflowError, match="can't be reached"):
            client.experiments()
        again = start(folder, port=first.port)
        try:
            begun = time.monotonic()
            while True:
                try:
                    assert client.experiments().items
                    break
                except MLflowError:
                    assert time.monotonic() - begun < 10
                    time.sleep(0.2)
        finally:
            again.stop()
    finally:
        client.close()
        first.stop()


def test_a_workspace_s_experiments_are_made_once_and_described(mlflow: MLflow) -> None:
    client = MLflowClient(mlflow.uri)
    tracked = TrackedExperiments(client)
    tracked.create("space/delays", "Who is late")
    tracked.create("space/delays", "Somebody else's words")
    tracked.create("space/plain", "")
    assert tracked.descriptions()["space/delays"] == "Who is late"
    assert tracked.descriptions()["space/plain"] == ""
    tracked.describe("space/delays", "Who is late, and why")
    assert tracked.descriptions()["space/delays"] == "Who is late, and why"
    mlflow.python(
        "from mlflow import MlflowClient\nc = MlflowClient()\n"
        "c.delete_experiment(c.get_experiment_by_name('space/plain').experiment_id)"
    )
    with pytest.raises(MLflowError, match="was deleted") as refused:
        tracked.create("space/plain", "")
    assert refused.value.code == "mlflow-conflict"
    client.close()
