"""OpenMetadata by its published API: what its descriptions call EntityLineage, EntityReference, OpenLineageResponse."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx2 as httpx
import pytest

from olo_jupyter.backends.lineage.base import LineageError, NodeName, Search
from olo_jupyter.backends.lineage.openmetadata import OpenMetadata
from tests.openlineage import event

SERVICE = "trino"
_NEEDED = {"eventTime", "producer", "schemaURL", "run", "job"}
_KNOWN = {*_NEEDED, "eventType", "inputs", "outputs"}


def _reference(name: str, kind: str = "table") -> dict[str, Any]:
    full = f"{SERVICE}.lake.silver.{name}" if kind == "table" else f"openlineage.{name}"
    return {"id": str(uuid5(NAMESPACE_URL, full)), "type": kind, "name": name, "fullyQualifiedName": full}


def _edge(source: str, target: str, pipeline: str = "", columns: bool = False) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if pipeline:
        details["pipeline"] = _reference(pipeline, "pipeline")
    if columns:
        of, to = (f"{SERVICE}.lake.silver.{name}" for name in (source, target))
        details["columnsLineage"] = [{"fromColumns": [f"{of}.a"], "toColumn": f"{to}.b"}]
    return {"fromEntity": _reference(source)["id"], "toEntity": _reference(target)["id"], "lineageDetails": details}


class Server:
    """bronze → (clean) → silver → gold."""

    def __init__(self) -> None:
        self.asked: list[httpx.URL] = []
        self.posted: list[Any] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        path = request.url.path.removeprefix("/api/v1/")
        if path == "openlineage/lineage/batch":
            events = json.loads(request.content)["events"]
            # As its description of a batch: events of runs, with these keys and no others, else all of it is refused.
            if any(not _NEEDED <= set(one) <= _KNOWN for one in events):
                return httpx.Response(400, json={"code": 400, "message": "Unrecognized field"})
            self.posted += events
            failed = [{"index": 1, "reason": "no such table", "retriable": False}] if len(events) > 1 else []
            summary = {"received": len(events), "successful": 1, "failed": len(failed), "skipped": 0}
            status = "partial_success" if failed else "success"
            return httpx.Response(200, json={"status": status, "summary": summary, "failedEvents": failed})
        if path == "lineage/table/name/trino.lake.silver.silver":
            told: dict[str, Any] = {"entity": _reference("silver"), "nodes": [_reference("bronze"), _reference("gold")]}
            up, down = (request.url.params[f"{way}Depth"] != "0" for way in ("upstream", "downstream"))
            told["upstreamEdges"] = [_edge("bronze", "silver", "clean", columns=True)] if up else []
            told["downstreamEdges"] = [_edge("silver", "gold")] if down else []
            return httpx.Response(200, json=told)
        if path == "search/query":
            kind = "table" if request.url.params["index"] == "table_search_index" else "pipeline"
            names = ["silver"] if kind == "table" else []
            hits = [{"_source": {**_reference(name, kind), "updatedAt": 1767225600000}} for name in names]
            return httpx.Response(200, json={"hits": {"total": {"value": len(hits)}, "hits": hits}})
        if path == "system/version":
            return httpx.Response(200, json={"version": "1.12.0"})
        return httpx.Response(404, json={"code": 404, "message": "table instance for x not found"})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def backend(server: Server) -> OpenMetadata:
    return OpenMetadata("http://om.test", transport=httpx.MockTransport(server.handle))


def node(name: str) -> str:
    return NodeName("dataset", SERVICE, f"lake.silver.{name}").id


def test_events_are_posted_and_what_became_of_them_is_told(backend: OpenMetadata, server: Server) -> None:
    good = [event("COMPLETE", 1, job, job, ["a"], ["b"]) for job in ("one", "two")]
    bad = {**event("START", 0, "x", "x"), "run": {"runId": "no uuid"}}
    receipt = backend.add([bad, *good])
    assert (receipt.received, receipt.stored) == (3, 1)
    assert [(one.index, one.place) for one in receipt.refused] == [(0, "$.run.runId"), (2, "$")]
    assert server.posted == good


def test_what_it_does_not_take_takes_nothing_else_with_it(backend: OpenMetadata, server: Server) -> None:
    run = event("COMPLETE", 1, "one", "one", ["a"], ["b"])
    of_job = {key: value for key, value in run.items() if key not in ("run", "eventType")}
    receipt = backend.add([of_job, {**run, "extension": {"of": "ours"}}])
    assert [(one.index, one.message) for one in receipt.refused] == [(0, "OpenMetadata takes events of runs only")]
    assert server.posted == [run]


def test_tables_with_the_pipelines_between_them(backend: OpenMetadata) -> None:
    graph = backend.graph(node("silver"), depth=2)
    assert [(one.kind, one.name, one.distance) for one in graph.nodes] == [
        ("dataset", "lake.silver.silver", 0),
        ("dataset", "lake.silver.gold", 1),
        ("job", "clean", 1),
        ("dataset", "lake.silver.bronze", 2),
    ]
    assert len(graph.edges) == 3 and not graph.truncated
    up = backend.graph(node("silver"), depth=2, direction="upstream")
    assert [one.name for one in up.nodes] == ["lake.silver.silver", "clean", "lake.silver.bronze"]


def test_more_than_it_answers_is_said(backend: OpenMetadata, server: Server) -> None:
    assert backend.graph(node("silver"), depth=9).truncated
    assert server.asked[-1].params["upstreamDepth"] == "3"


def test_columns_search_version(backend: OpenMetadata) -> None:
    for column in ("", "b"):
        (link,) = backend.columns(node("silver"), column=column).edges
        assert (link.source.node, link.source.column) == (node("bronze"), "a")
    assert backend.columns(node("silver"), column="other").edges == []
    found = backend.search(Search("silv"))
    assert [(one.kind, one.name, one.updated is not None) for one in found.matches] == [
        ("dataset", "lake.silver.silver", True)
    ]
    assert backend.version() == "OpenMetadata 1.12.0"


def test_what_it_can_t_tell_is_refused_by_name(backend: OpenMetadata) -> None:
    job = NodeName("job", "openlineage", "clean").id
    asks = (
        lambda: backend.runs(job), lambda: backend.tests(node("silver")), backend.namespaces,
        lambda: backend.graph(job), lambda: backend.search(Search(state="failed")),
    )  # fmt: skip
    for ask in asks:
        with pytest.raises(LineageError) as caught:
            ask()
        assert caught.value.code == "lineage-not-supported"
    with pytest.raises(LineageError) as caught:
        backend.graph(node("none"))
    assert caught.value.code == "lineage-node-not-found"


@pytest.mark.parametrize(
    "told",
    [
        {"summary": "all well"}, {"summary": {"successful": 2}}, {"summary": {"successful": "1"}},
        {"summary": {"successful": 0}, "failedEvents": [{"index": 7, "reason": ""}]},
        {"summary": {"successful": 0}, "failedEvents": [{"reason": ""}]},
    ],
)  # fmt: skip
def test_a_receipt_that_is_none_is_a_typed_error(told: dict[str, Any]) -> None:
    answer = httpx.MockTransport(lambda _: httpx.Response(200, json={"status": "success", **told}))
    with pytest.raises(LineageError) as caught:
        OpenMetadata("http://om.test", transport=answer).add([event("COMPLETE", 1, "one", "one", ["a"], ["b"])])
    assert caught.value.code == "lineage-protocol"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(200, text="<html>Sign in</html>"), "lineage-protocol"),
        (httpx.Response(200, json={"entity": 7}), "lineage-protocol"),
        (httpx.Response(200, json={"entity": _reference("x"), "nodes": [1]}), "lineage-protocol"),
        (httpx.Response(401), "lineage-unauthorized"),
        (httpx.Response(503), "lineage-unavailable"),
        (httpx.ConnectError("refused"), "lineage-unavailable"),
    ],
)
def test_one_that_misbehaves_is_a_typed_error(answer: httpx.Response | Exception, code: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    backend = OpenMetadata("http://om.test", transport=httpx.MockTransport(handle))
    with pytest.raises(LineageError) as caught:
        backend.graph(node("silver"))
    assert caught.value.code == code
