"""Services that answer JSON of another form than theirs, by chance: a typed error or an answer, nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.backends.airflow import AirflowClient
from olo_jupyter.backends.lineage.base import NodeName, Search
from olo_jupyter.backends.lineage.marquez import Marquez
from olo_jupyter.backends.lineage.openmetadata import OpenMetadata
from olo_jupyter.backends.mlflow.base import RunSearch
from olo_jupyter.backends.mlflow.client import MLflowClient
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.airflow import AirflowOrchestrator
from olo_jupyter.jobs.query import JobQuery, RunQuery
from tests.openlineage import event

Calls = list[Callable[[], object]]
VALUES = [
    "", "x", "a.b.c", "9" * 40, "é\0", "2026-01-31T06:00:00Z", "9999-12-31T23:59:59-10:00", "dataset:lake:a", "job:x:y",
    "table", "pipeline", "success", "COMPLETE", "FINISHED", 0, 1, -1, 10**30, 1.5, 1767225600000, True, None, [], {},
]  # fmt: skip
TABLE, JOB = NodeName("dataset", "trino", "lake.silver.a").id, NodeName("job", "shop", "daily").id
DAYS = (date(2026, 1, 1), date(2026, 1, 2))
LINEAGE = """
entity nodes upstreamEdges downstreamEdges lineageDetails pipeline columnsLineage fromColumns toColumn function
fromEntity toEntity fullyQualifiedName id type name namespace description hits total value _source updatedAt summary
successful failedEvents index reason version graph inEdges outEdges origin destination data latestRun facets parent run
errorMessage message dataQualityAssertions assertions success severity column runs jobs datasets namespaces totalCount
results nodeId fields inputFields transformationType columnLineage startedAt endedAt state createdAt currentVersion"""
AIRFLOW = """
dag_id is_paused is_stale has_import_errors description owners tags name timetable_summary dags total_entries
next_dagrun_run_after task_id state start_date end_date try_number dag_run_id logical_date run_after queued_at conf note
run_type triggering_user_name bundle_version dag_runs task_instances tasks downstream_task_ids pool pools params schema
enum value timezone content event logger level error_detail dag_versions version_number created_at stats count backfills
id detail title xcom_entries key"""
MLFLOW = """
experiments experiment experiment_id name tags key value lifecycle_stage last_update_time next_page_token runs
run info run_id run_name status start_time end_time user_id data metrics params step timestamp files path is_dir
file_size
registered_models registered_model latest_versions version aliases alias current_stage source description inputs
dataset_inputs dataset digest model_versions creation_timestamp last_updated_timestamp root_uri artifact_uri"""


def lineage(kind: type[Marquez] | type[OpenMetadata], url: str, transport: httpx.BaseTransport) -> Calls:
    it = kind(url, transport=transport)
    return [
        lambda: it.add([event("COMPLETE", 1, "one", "one", ["a"], ["b"])]), lambda: it.graph(TABLE, depth=3),
        lambda: it.graph(JOB, depth=3), lambda: it.columns(TABLE), lambda: it.search(Search("a")), it.namespaces,
        lambda: it.runs(JOB), lambda: it.tests(TABLE), it.version,
    ]  # fmt: skip


def airflow(url: str, transport: httpx.BaseTransport) -> Calls:
    client = AirflowClient(url, token="t", transport=transport, sleep=lambda _: None)
    it = AirflowOrchestrator(client, "prod", "ana")
    return [
        it.jobs, lambda: it.runs("daily"), it.runs, lambda: it.find_jobs(JobQuery()), lambda: it.find_runs(RunQuery()),
        lambda: it.changes("2026-01-31T06:00:00Z"), lambda: it.shape("daily"), lambda: it.run("daily/r"),
        lambda: it.trigger("daily", {}), lambda: it.pause("daily", True), lambda: it.rerun("daily/r"),
        lambda: it.cancel("daily/r"), lambda: it.log("daily/r", "t"), lambda: it.preview("daily", *DAYS),
        lambda: it.backfill("daily", *DAYS, {}), lambda: it.versions("daily"),
        lambda: it.usage(None),
    ]  # fmt: skip


def mlflow(url: str, transport: httpx.BaseTransport) -> Calls:
    it = MLflowClient(url, transport=transport)
    return [
        it.experiments, lambda: it.experiment("1"), lambda: it.create_experiment("a", "b"),
        lambda: it.describe_experiment("1", "b"), lambda: it.runs(RunSearch(["1"])), lambda: it.run("r"),
        lambda: it.histories(["r"], "rmse"), lambda: it.artifacts("r"), it.models, lambda: it.model("m"), it.version,
    ]  # fmt: skip


SERVICES: dict[str, tuple[str, Callable[[str, httpx.BaseTransport], Calls]]] = {
    "openmetadata": (LINEAGE, lambda url, transport: lineage(OpenMetadata, url, transport)),
    "marquez": (LINEAGE, lambda url, transport: lineage(Marquez, url, transport)),
    "airflow": (AIRFLOW, airflow),
    "mlflow": (MLFLOW, mlflow),
}


def made_up(draw: random.Random, keys: list[str], depth: int = 0) -> Any:
    """A JSON value, of the service's own words."""
    kind = draw.random()
    if depth and (depth > 4 or kind < 0.3):
        return draw.choice(VALUES)
    if depth and kind < 0.6:
        return [made_up(draw, keys, depth + 1) for _ in range(draw.randrange(3))]
    few = len(keys) // 2 if depth == 0 else 8
    return {key: made_up(draw, keys, depth + 1) for key in draw.sample(keys, draw.randrange(1, few))}


@pytest.mark.parametrize("name", SERVICES)
def test_answers_of_another_form(name: str) -> None:
    words, calls = SERVICES[name]
    draw = random.Random(7)
    answered = told = 0
    for number in range(40):
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=made_up(draw, words.split())))
        for call in calls(f"http://{name}-{number}.test", transport):
            try:
                call()
                answered += 1
            except OloError as error:
                told += 1
                assert error.message
    assert answered
    assert told
