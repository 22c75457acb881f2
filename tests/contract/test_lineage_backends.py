"""What every lineage backend does: the own store, Marquez by its published API, and a real Marquez at MARQUEZ_URL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from olo_jupyter.backends.lineage.base import LineageBackend, LineageError, NodeName, Search
from olo_jupyter.backends.lineage.marquez import Marquez
from olo_jupyter.backends.lineage.store import LineageStore
from olo_jupyter.store.database import Database
from tests.contract import marquez as published
from tests.openlineage import dataset, event, facet, made_of, run_id

BACKENDS = ["store", "marquez"] + (["real marquez"] if os.environ.get("MARQUEZ_URL") else [])


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LineageBackend]:
    made: LineageBackend
    if request.param == "store":
        made = LineageStore(Database(f"sqlite:///{tmp_path / 'lineage.db'}"))
    elif request.param == "marquez":
        made = Marquez("http://marquez.test", transport=httpx.MockTransport(published.Marquez().handle))
    else:
        made = Marquez(os.environ["MARQUEZ_URL"])
    yield made
    made.close()


@pytest.fixture
def shop() -> str:
    """A namespace of this test's own: a real Marquez is kept between runs."""
    return f"shop-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def told(backend: LineageBackend, shop: str) -> LineageBackend:
    """raw → load → bronze → clean → silver → gold (failed), with columns and tests."""
    landed = facet(fields=[{"name": "a", "type": "bigint"}])
    results = facet(assertions=[{"assertion": "not_null", "column": "b", "success": False}])
    columns = facet(fields=[{"name": "b", "type": "bigint", "description": "The delay."}])
    lineage = made_of({"b": [("bronze", "a")]})
    for made in lineage["fields"].values():
        for source in made["inputFields"]:
            source["namespace"] = shop

    def one(name: str, **facets: object) -> dict[str, object]:
        return dataset(name, shop, **facets)

    events = [
        event("START", 0, "load", f"{shop}1", [one("raw")], [one("bronze")], namespace=shop),
        event("COMPLETE", 5, "load", f"{shop}1", [one("raw")], [one("bronze", schema=landed)], namespace=shop),
        event("START", 6, "clean", f"{shop}2", [one("bronze")], namespace=shop),
        event(
            "COMPLETE", 7, "clean", f"{shop}2", [one("bronze")],
            [one("silver", schema=columns, columnLineage=lineage, dataQualityAssertions=results)], namespace=shop,
        ),
        event("START", 8, "gold", f"{shop}3", [one("silver")], namespace=shop),
        event(
            "FAIL", 9, "gold", f"{shop}3", [one("silver")], [], namespace=shop,
            errorMessage=facet(message="boom", programmingLanguage="PYTHON"),
        ),
    ]  # fmt: skip
    receipt = backend.add(events)
    assert (receipt.received, receipt.stored, tuple(receipt.refused)) == (6, 6, ())
    return backend


def node(kind: str, shop: str, name: str) -> str:
    return NodeName("job" if kind == "job" else "dataset", shop, name).id


def test_depth_and_direction(told: LineageBackend, shop: str) -> None:
    silver = node("dataset", shop, "silver")
    shown = {depth: {one.name for one in told.graph(silver, depth=depth).nodes} for depth in (0, 1, 2, 4)}
    assert shown == {
        0: {"silver"},
        1: {"silver", "clean", "gold"},
        2: {"silver", "clean", "gold", "bronze"},
        4: {"silver", "clean", "gold", "bronze", "load", "raw"},
    }
    up = told.graph(silver, depth=9, direction="upstream")
    assert [one.name for one in up.nodes] == ["silver", "clean", "bronze", "load", "raw"]
    down = told.graph(silver, depth=9, direction="downstream")
    assert [one.name for one in down.nodes] == ["silver", "gold"]
    assert [(edge.source, edge.target) for edge in down.edges] == [(silver, node("job", shop, "gold"))]


def test_what_is_known_of_nodes(told: LineageBackend, shop: str) -> None:
    nodes = {one.name: one for one in told.graph(node("dataset", shop, "silver"), depth=1).nodes}
    silver = nodes["silver"]
    assert [(one.name, one.type, one.description) for one in silver.columns] == [("b", "bigint", "The delay.")]
    assert silver.tests is not None
    assert (silver.tests.passed, silver.tests.failed) == (0, 1)
    assert (silver.upstream, silver.downstream) == (1, 1)
    states = {name: one.run.state for name, one in nodes.items() if one.kind == "job" and one.run}
    assert states == {"clean": "success", "gold": "failed"}
    assert nodes["clean"].upstream == 1, "bronze isn't shown: the node can be expanded"


def test_runs_and_tests(told: LineageBackend, shop: str) -> None:
    (run,) = told.runs(node("job", shop, "gold"))
    assert (run.id, run.state, run.message) == (run_id(f"{shop}3"), "failed", "boom")
    (result,) = told.tests(node("dataset", shop, "silver"))
    assert (result.assertion, result.column, result.success) == ("not_null", "b", False)


def test_columns(told: LineageBackend, shop: str) -> None:
    for asked, column in (("silver", ""), ("silver", "b"), ("bronze", "")):
        (link,) = told.columns(node("dataset", shop, asked), column=column).edges
        assert (link.source.node, link.source.column) == (node("dataset", shop, "bronze"), "a")
        assert (link.target.node, link.target.column) == (node("dataset", shop, "silver"), "b")


def test_search_and_namespaces(told: LineageBackend, shop: str) -> None:
    found = told.search(Search("L", namespace=shop))
    assert [one.name for one in found.matches] == ["load", "clean", "gold", "silver"]
    assert [one.name for one in told.search(Search("l", "dataset", namespace=shop)).matches] == ["silver"]
    page = told.search(Search("l", namespace=shop, limit=2, offset=1))
    assert [one.name for one in page.matches] == ["clean", "gold"]
    assert not told.search(Search("l_ad", namespace=shop)).matches, "an underscore is itself"
    (counted,) = [one for one in told.namespaces() if one.name == shop]
    assert (counted.jobs, counted.datasets) == (3, 3)


def test_posting_again_changes_nothing(told: LineageBackend, shop: str) -> None:
    before = told.graph(node("dataset", shop, "silver"), depth=4)
    told.add(
        [event("COMPLETE", 5, "load", f"{shop}1", [dataset("raw", shop)], [dataset("bronze", shop)], namespace=shop)]
    )
    after = told.graph(node("dataset", shop, "silver"), depth=4)
    assert [one.id for one in after.nodes] == [one.id for one in before.nodes]
    assert after.edges == before.edges


def test_what_is_refused(told: LineageBackend, shop: str) -> None:
    receipt = told.add([{**event("START", 0, "load", "x", namespace=shop), "run": {"runId": "no uuid"}}])
    assert [(one.index, one.place) for one in receipt.refused] == [(0, "$.run.runId")]
    for ask in (told.graph, told.columns, told.tests):
        with pytest.raises(LineageError) as caught:
            ask(node("dataset", shop, "no such"))
        assert caught.value.code == "lineage-node-not-found"
    with pytest.raises(LineageError) as caught:
        told.graph("nonsense")
    assert caught.value.code == "lineage-bad-node"


def test_it_tells_what_it_is(backend: LineageBackend) -> None:
    assert backend.version().split()[0] in ("SQLite", "PostgreSQL", "Marquez")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(200, text="<html>Sign in</html>"), "lineage-protocol"),
        (httpx.Response(200, json={"graph": "none"}), "lineage-protocol"),
        (httpx.Response(200, json={"graph": [1]}), "lineage-protocol"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example.org"}), "lineage-protocol"),
        (httpx.Response(401), "lineage-unauthorized"),
        (httpx.Response(403), "lineage-forbidden"),
        (httpx.Response(500), "lineage-unavailable"),
        (httpx.Response(503), "lineage-unavailable"),
        (httpx.ReadTimeout("no answer in time"), "lineage-unavailable"),
        (httpx.RemoteProtocolError("cut"), "lineage-unavailable"),
    ],
)
def test_a_marquez_that_misbehaves_is_a_typed_error(answer: httpx.Response | Exception, code: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = Marquez(
        "http://marquez.test", headers={"Authorization": "Bearer planted-token"},
        transport=httpx.MockTransport(handle), sleep=lambda _: None,
    )  # fmt: skip
    with pytest.raises(LineageError) as caught:
        client.graph("dataset:lake:silver")
    assert caught.value.code == code
    assert "planted-token" not in str(caught.value.as_json())


@pytest.mark.parametrize(
    ("namespace", "name", "asked"),
    [
        ("s3://bucket", "silver.flights", True),
        ("trino://host:8443", "lake.silver.flights", True),
        ("lake", "2026.flights", True),
        ("s3://bucket", "2026.flights", False),
        ("arn:aws:glue:eu", "flights", False),
        ("lake", "flights#1", False),
    ],
)
def test_a_name_that_marquez_would_read_as_another_is_refused(namespace: str, name: str, asked: bool) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.params["nodeId"])
        return httpx.Response(404, json={"code": 404, "message": "not found"})

    marquez = Marquez("http://marquez.test", transport=httpx.MockTransport(handle))
    with pytest.raises(LineageError) as caught:
        marquez.graph(NodeName("dataset", namespace, name).id)
    assert caught.value.code == ("lineage-node-not-found" if asked else "lineage-not-supported")
    assert seen == ([f"dataset:{namespace}:{name}"] if asked else [])
