"""Lineage as a browser and OpenLineage's own client meet it: posted over HTTP, shown as a graph."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport
from tornado.httpclient import HTTPClientError

from olo_jobs.activity import Activity
from olo_jupyter.backends.lineage.file import LineageFile
from tests.openlineage import dataset, event, run_id


@pytest.fixture
def ask(jp_fetch: Any) -> Any:
    """A route's status and JSON."""

    async def fetch(*path: str, **options: Any) -> tuple[int, Any]:
        try:
            response = await jp_fetch("olo", "api", *path, **options)
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body)
        return response.code, json.loads(response.body)

    return fetch


def posted(value: Any, **headers: str) -> dict[str, Any]:
    return {"method": "POST", "body": json.dumps(value), "headers": {"Content-Type": "application/json", **headers}}


async def test_events_in_graph_out(ask: Any) -> None:
    begun = event("START", 0, "load", "r1", [dataset("bronze.flights", "dev")])
    status, receipt = await ask("v1", "lineage", **posted(begun))
    assert (status, receipt["status"], receipt["stored"]) == (200, "success", 1)
    ended = event("COMPLETE", 5, "load", "r1", [], [dataset("silver.flights", "dev"), dataset("x.y", "elsewhere")])
    status, receipt = await ask("v1", "lineage", "batch", **posted([ended, begun, {"run": {}}]))
    assert status == 200
    assert receipt["summary"] == {"received": 3, "successful": 2, "failed": 1}
    assert (receipt["stored"], receipt["failed_events"][0]["index"]) == (1, 2)
    status, graph = await ask("lineage", "graph", params={"node": "dataset:dev:silver.flights", "depth": 2})
    assert status == 200
    tables = {node["name"]: node["table"] for node in graph["nodes"]}
    assert tables["silver.flights"] == {"catalog": "dev", "namespace": "silver", "name": "flights"}
    assert tables["x.y"] is None
    assert graph["nodes"][1]["run"]["id"] == run_id("r1")
    _, found = await ask("lineage", "search", params={"text": "FLIGHTS"})
    assert found["total"] == 2
    _, spaces = await ask("lineage", "namespaces")
    assert {space["name"] for space in spaces["namespaces"]} == {"dev", "elsewhere", "shop"}
    _, runs = await ask("lineage", "runs", params={"node": "job:shop:load"})
    assert [run["state"] for run in runs["runs"]] == ["success"]
    _, tests = await ask("lineage", "tests", params={"node": "dataset:dev:silver.flights"})
    assert tests == {"tests": []}


async def test_what_is_refused(ask: Any) -> None:
    status, failure = await ask("v1", "lineage", **posted({**event("START", 0, "load", "r1"), "eventTime": "soon"}))
    assert (status, failure["code"]) == (422, "lineage-invalid")
    assert failure["message"].startswith("$.eventTime: ")
    status, _ = await ask("v1", "lineage", "batch", **posted({"not": "a list"}))
    assert status == 400
    status, failure = await ask("lineage", "graph", params={"node": "dataset:dev:no.such"})
    assert (status, failure["code"]) == (404, "lineage-node-not-found")
    for wrong in ({"node": "nonsense"}, {"node": "job:a:b", "depth": -1}, {"node": "job:a:b", "direction": "sideways"}):
        status, _ = await ask("lineage", "graph", params=wrong)
        assert status in (400, 422)


async def test_the_runs_of_this_machine_are_taken_in(ask: Any, project: Path) -> None:
    events = LineageFile(project.parent / "state" / "lineage" / "events.jsonl", "shop")
    events.emit("START", job="daily", run_id=run_id("d"))
    activity = Activity(reads={"dev.bronze.a": 1}, writes={"dev.silver.b": 2}, rows={"dev.silver.b": 5})
    events.emit("COMPLETE", job="daily.load", run_id=run_id("t"), parent=("daily", run_id("d")), activity=activity)
    status, graph = await ask("lineage", "graph", params={"node": "job:shop:daily"})
    assert status == 200
    assert {node["name"] for node in graph["nodes"]} == {"daily", "daily.load", "bronze.a", "silver.b"}


async def test_openlineages_own_client_posts_to_it(ask: Any, jp_serverapp: Any, jp_base_url: str) -> None:
    for compression in (None, HttpCompression.GZIP):
        config = HttpConfig(
            url=f"http://127.0.0.1:{jp_serverapp.port}{jp_base_url}",  # ends with a slash: urljoin
            endpoint="olo/api/v1/lineage",
            auth=ApiKeyTokenProvider({"apiKey": jp_serverapp.identity_provider.token}),
            compression=compression,
        )
        client = OpenLineageClient(transport=HttpTransport(config))
        told = RunEvent(
            eventType=RunState.START,
            eventTime="2026-01-01T00:00:00Z",
            run=Run(runId=run_id(f"r{compression}")),
            job=Job(namespace="dbt", name="models"),
            producer="https://example.org",
        )
        await asyncio.to_thread(client.emit, told)
    _, runs = await ask("lineage", "runs", params={"node": "job:dbt:models"})
    assert len(runs["runs"]) == 2


async def test_a_compressed_body_has_the_limit_of_what_it_unpacks_to(ask: Any) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, failure = await ask("v1", "lineage", method="POST", body=bomb, headers=headers)
    assert (status, failure["code"]) == (413, "body-too-large")
    status, failure = await ask("v1", "lineage", method="POST", body=b"no gzip", headers=headers)
    assert (status, failure["code"]) == (400, "bad-parameter")
