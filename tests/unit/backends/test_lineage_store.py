"""The product's own lineage store: events in any order, twice, cut in parts give the same graph."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from olo_jobs.activity import Activity
from olo_jupyter.backends.lineage.base import LineageError, NodeName, Search
from olo_jupyter.backends.lineage.file import LineageFile
from olo_jupyter.backends.lineage.intake import Intake
from olo_jupyter.backends.lineage.names import renaming
from olo_jupyter.backends.lineage.store import LineageStore
from olo_jupyter.config import Settings
from olo_jupyter.engine_settings import EngineSettings, TrinoSettings
from olo_jupyter.store.audit import Audit, Entry
from olo_jupyter.store.database import Database
from olo_jupyter.store.lineage_tables import LINEAGE
from tests.migrations import differences
from tests.openlineage import at, dataset, event, facet, made_of, run_id

ASSERTIONS = facet(
    assertions=[
        {"assertion": "not_null", "column": "b", "success": False},
        {"assertion": "unique", "success": True},
        {"assertion": "recent", "success": False, "severity": "warn"},
    ]
)
WRONG = facet(assertions=[{"assertion": "a", "success": "yes"}])
SHOP = [
    event("START", 0, "load", "r1", ["raw"], ["bronze"]),
    event(
        "COMPLETE", 5, "load", "r1", [],
        [
            dataset(
                "bronze", schema=facet(fields=[{"name": "a", "type": "int"}]), version=facet(datasetVersion="77"),
                columnLineage=made_of({"a": [("raw", "x")]}), outputFacets={"outputStatistics": facet(rowCount=3)},
            )
        ],
    ),
    event("START", 6, "clean", "r2", ["bronze"]),
    event(
        "COMPLETE", 7, "clean", "r2", ["bronze"],
        [dataset("silver", columnLineage=made_of({"b": [("bronze", "a")]}))],
    ),
    event(
        "START", 8, "daily.gold", "r3", ["silver"], ["gold"],
        parent=facet(run={"runId": run_id("r0")}, job={"namespace": "shop", "name": "daily"}),
    ),
    event("FAIL", 9, "daily.gold", "r3", errorMessage=facet(message="boom", programmingLanguage="PYTHON")),
    event("COMPLETE", 10, "test", "r4", [dataset("silver", inputFacets={"dataQualityAssertions": ASSERTIONS})]),
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LineageStore]:
    made = LineageStore(Database(f"sqlite:///{tmp_path / 'lineage.db'}"))
    yield made
    made.close()


def content(store: LineageStore) -> dict[str, list[Any]]:
    return store.database.read(
        lambda connection: {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str) for table in LINEAGE
        }
    )


def test_the_graph_around_a_table(store: LineageStore) -> None:
    receipt = store.add(SHOP)
    assert (receipt.received, receipt.stored, receipt.refused) == (7, 7, ())
    graph = store.graph("dataset:lake:silver", depth=2)
    shown = {node.name: (node.distance, node.run.state if node.run else None) for node in graph.nodes}
    assert shown == {
        "silver": (0, "success"), "clean": (1, "success"), "daily.gold": (1, "failed"), "test": (1, "success"),
        "bronze": (2, "success"), "gold": (2, None),
    }  # fmt: skip
    bronze = next(node for node in graph.nodes if node.name == "bronze")
    assert (bronze.version, bronze.rows, [(c.name, c.type) for c in bronze.columns]) == ("77", 3, [("a", "int")])
    assert (bronze.upstream, bronze.downstream) == (1, 1), "load isn't shown, but the node can be expanded"
    silver = graph.nodes[0]
    assert silver.tests is not None
    assert (silver.tests.passed, silver.tests.failed, silver.tests.warned) == (1, 1, 1)
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("dataset:lake:bronze", "job:shop:clean"),
        ("dataset:lake:silver", "job:shop:daily.gold"),
        ("dataset:lake:silver", "job:shop:test"),
        ("job:shop:clean", "dataset:lake:silver"),
        ("job:shop:daily.gold", "dataset:lake:gold"),
    ]
    assert [test.assertion for test in store.tests("dataset:lake:silver")] == ["not_null", "recent", "unique"]


def test_directions_bounds_and_parts_of_a_job(store: LineageStore) -> None:
    store.add(SHOP)
    up = store.graph("dataset:lake:silver", depth=9, direction="upstream")
    assert [node.name for node in up.nodes] == ["silver", "clean", "bronze", "load", "raw"]
    down = store.graph("dataset:lake:silver", depth=9, direction="downstream")
    assert [node.name for node in down.nodes] == ["silver", "daily.gold", "test", "gold"]
    few = store.graph("dataset:lake:silver", depth=9, limit=3)
    assert len(few.nodes) == 3
    assert few.truncated
    whole = store.graph("dataset:lake:silver", depth=9, limit=9)
    assert not whole.truncated
    daily = store.graph("job:shop:daily", depth=1)
    assert {node.name for node in daily.nodes} == {"daily", "daily.gold", "silver", "gold"}
    assert next(node for node in daily.nodes if node.name == "daily.gold").parent == "job:shop:daily"


def test_columns_up_and_down(store: LineageStore) -> None:
    store.add(SHOP)
    links = store.columns("dataset:lake:bronze", column="a").edges
    assert [(link.source.node, link.source.column, link.target.node, link.target.column) for link in links] == [
        ("dataset:lake:raw", "x", "dataset:lake:bronze", "a"),
        ("dataset:lake:bronze", "a", "dataset:lake:silver", "b"),
    ]
    assert not store.columns("dataset:lake:bronze", column="no such").edges


def test_how_a_column_is_made(store: LineageStore) -> None:
    ways = [{"type": "INDIRECT", "subtype": "FILTER"}, {"type": "DIRECT", "subtype": "IDENTITY", "masking": True}]
    lineage = made_of({"b": [("bronze", "a")]}, transformations=ways)
    lineage["dataset"] = [
        {
            "namespace": "lake",
            "name": "bronze",
            "field": "day",
            "transformations": [{"type": "INDIRECT", "subtype": "SORT"}],
        }
    ]
    store.add([event("COMPLETE", 1, "clean", "r1", ["bronze"], [dataset("silver", columnLineage=lineage)])])
    shown = {(link.source.column, link.target.column): (link.kind, link.how, link.masking)
             for link in store.columns("dataset:lake:silver").edges}  # fmt: skip
    assert shown == {("a", "b"): ("DIRECT", "FILTER, IDENTITY", True), ("day", ""): ("INDIRECT", "SORT", False)}


def test_what_a_job_no_longer_reads_is_history(store: LineageStore) -> None:
    store.add(SHOP)
    store.add([event("START", 20, "load", "r9", ["raw2"]), event("FAIL", 21, "load", "r9")])
    assert {"raw", "raw2"} <= {node.name for node in store.graph("job:shop:load").nodes}, "a failed run settles nothing"
    store.add([event("COMPLETE", 30, "load", "r10", ["raw2"], ["bronze"])])
    assert {node.name for node in store.graph("job:shop:load").nodes} == {"load", "raw2", "bronze"}
    assert not [
        link for link in store.columns("dataset:lake:bronze").edges if link.target.node == "dataset:lake:bronze"
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([*SHOP, *SHOP[2:5]]), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_any_order_gives_the_same_rows(tmp_path: Path, order: list[Any], cuts: list[int]) -> None:
    for name in ("one.db", "other.db"):
        for file in tmp_path.glob(f"{name}*"):
            file.unlink()
    one = LineageStore(Database(f"sqlite:///{tmp_path / 'one.db'}"))
    other = LineageStore(Database(f"sqlite:///{tmp_path / 'other.db'}"))
    try:
        one.add(SHOP)
        for cut in cuts:
            other.add(order[:cut])
            order = order[cut:]
        other.add(order)
        other.add(SHOP[::-1])
        assert content(one) == content(other)
    finally:
        one.close()
        other.close()


def test_a_late_start_doesnt_make_a_run_run_again(store: LineageStore) -> None:
    store.add([event("COMPLETE", 5, "load", "r1"), event("START", 6, "load", "r1"), event("START", 1, "load", "r1")])
    (run,) = store.runs("job:shop:load")
    assert (run.state, run.started.isoformat() if run.started else "") == ("success", at(1))


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"run": {"runId": "no uuid"}}, "$.run.runId"),
        ({"eventTime": "2026-01-01T00:00:00"}, "$.eventTime"),
        ({"eventTime": "2999-01-01T00:00:00Z"}, "$.eventTime"),
        ({"eventTime": 17}, "$.eventTime"),
        ({"eventType": "started"}, "$.eventType"),
        ({"job": {"namespace": "shop"}}, "$.job.name"),
        ({"job": {"namespace": "shop", "name": "a\0b"}}, "$.job.name"),
        ({"job": {"namespace": "shop", "name": "\ud800"}}, "$.job.name"),
        ({"job": {"namespace": "shop", "name": "x" * 5000}}, "$.job.name"),
        ({"inputs": [{"name": "raw"}]}, "$.inputs[0].namespace"),
        ({"inputs": "raw"}, "$.inputs"),
        ({"outputs": [dataset("x", owner={"a": 1})]}, "$.outputs[0].facets.owner._producer"),
        ({"outputs": [dataset("x", columnLineage=facet(fields={"a": {"inputFields": [{"name": "b"}]}}))]},
         "$.outputs[0].facets.columnLineage.fields.a.inputFields[0].namespace"),
        ({"inputs": [dataset("x", inputFacets={"dataQualityAssertions": WRONG})]},
         "$.inputs[0].inputFacets.dataQualityAssertions.assertions[0].success"),
        ({"dataset": dataset("x")}, "$"),
    ],
)  # fmt: skip
def test_garbage_is_refused_by_place(store: LineageStore, broken: dict[str, Any], place: str) -> None:
    receipt = store.add([SHOP[0], {**SHOP[1], **broken}, SHOP[2]])
    assert receipt.stored == 2
    assert [(one.index, one.place) for one in receipt.refused] == [(1, place)]


@pytest.mark.parametrize("value", [None, [], "text", 7, {}])
def test_what_is_no_event_at_all(store: LineageStore, value: Any) -> None:
    assert store.add([value]).stored == 0


def test_names_with_anything_in_them(store: LineageStore) -> None:
    odd = ["a:b", "50%", "<script>alert(1)</script>", "日本 語", "it's; DROP TABLE x", "🛫" * 250]
    store.add([event("COMPLETE", number, name, name, [], [dataset(name, name)]) for number, name in enumerate(odd)])
    for name in odd:
        node = NodeName("dataset", name, name)
        assert NodeName.of(node.id) == node
        assert store.graph(node.id).nodes[0].name == name
        found = store.search(Search(name, "dataset"))
        assert [match.id for match in found.matches] == [node.id]
    assert store.search(Search("_")).total == 0, "no wildcard"


def test_search_pages_filters_and_counts(store: LineageStore) -> None:
    store.add(SHOP)
    assert [match.name for match in store.search(Search("L")).matches] == [
        "load",
        "clean",
        "daily",
        "daily.gold",
        "gold",
        "silver",
    ]
    page = store.search(Search("l", limit=2, offset=1))
    assert ([match.name for match in page.matches], page.total) == (["clean", "daily"], 6)
    assert [match.name for match in store.search(Search(state="failed")).matches] == ["daily.gold"]
    assert [(one.name, one.jobs, one.datasets) for one in store.namespaces()] == [("lake", 0, 4), ("shop", 5, 0)]


def test_nobody_told_of_it(store: LineageStore) -> None:
    with pytest.raises(LineageError, match="no lineage of the dataset x in lake") as caught:
        store.graph("dataset:lake:x")
    assert caught.value.code == "lineage-node-not-found"
    with pytest.raises(LineageError) as caught:
        store.graph("table lake.x")
    assert caught.value.code == "lineage-bad-node"


def test_jobs_and_datasets_by_design(store: LineageStore) -> None:
    design = {
        key: value
        for key, value in event("START", 1, "load", "r", ["raw"], ["bronze"]).items()
        if key not in ("run", "eventType")
    }
    store.add([design])
    assert {node.name for node in store.graph("job:shop:load").nodes} == {"load", "raw", "bronze"}
    assert store.runs("job:shop:load") == []
    told = {
        "eventTime": at(2),
        "producer": "p",
        "schemaURL": "s",
        "dataset": dataset("bronze", documentation=facet(description="Raw.")),
    }
    store.add([told])
    assert store.graph("dataset:lake:bronze").nodes[0].description == "Raw."


def test_one_table_is_one_node_whoever_tells(tmp_path: Path) -> None:
    trino = TrinoSettings(host="trino.example.org", port=8080, catalogs={"lake": "iceberg"})
    project = Settings(root=tmp_path, user="ana", state=tmp_path, engines=EngineSettings(trino=trino))
    store = LineageStore(
        Database(f"sqlite:///{tmp_path / 'l.db'}"), renaming(project, {"s3://bucket/warehouse": "lake"})
    )
    symlink = facet(identifiers=[{"namespace": "s3://bucket/warehouse", "name": "silver.flights", "type": "TABLE"}])
    path = dataset("warehouse/silver/flights", "s3://bucket", symlinks=symlink)
    lineage = facet(fields={"b": {"inputFields": [{"namespace": "s3://bucket", "name": path["name"], "field": "a"}]}})
    store.add(
        [
            event("COMPLETE", 1, "ours", "r1", ["silver.flights"]),
            event("COMPLETE", 2, "dbt", "r2", [dataset("iceberg.silver.flights", "trino://trino.example.org:8080")]),
            event("COMPLETE", 3, "spark", "r3", [path], [dataset("gold.delays", columnLineage=lineage)]),
        ]
    )
    assert {node.name for node in store.graph("dataset:lake:silver.flights").nodes} == {
        "silver.flights",
        "ours",
        "dbt",
        "spark",
    }
    (link,) = store.columns("dataset:lake:silver.flights").edges
    assert link.source.node == "dataset:lake:silver.flights"
    store.close()


def test_a_file_is_read_on_where_it_was_left(
    tmp_path: Path, store: LineageStore, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "events.jsonl"
    Intake(path, store, "lineage").take()  # nothing there yet
    lines = [json.dumps(one) + "\n" for one in SHOP]
    path.write_text(lines[0] + "no json\n" + '{"run": 1}\n' + lines[1] + lines[2][:40])
    with caplog.at_level(logging.WARNING):
        Intake(path, store, "lineage").take()
    assert store.events() == 2, "a line that isn't whole yet is left for later"
    assert len(caplog.records) == 2
    with path.open("a") as file:
        file.write(lines[2][40:] + lines[3])
    Intake(path, store, "lineage").take()
    assert store.events() == 4
    path.unlink()
    path.write_text(lines[4])
    Intake(path, store, "lineage").take()
    assert store.events() == 5, "a file made anew is read from its beginning"


def test_our_events_are_valid_and_complete(tmp_path: Path, store: LineageStore) -> None:
    path = tmp_path / "events.jsonl"
    file = LineageFile(path, "shop")
    activity = Activity(
        reads={"lake.bronze.a": 5}, writes={"lake.silver.b": 7}, rows={"lake.silver.b": 3},
        columns={"lake.silver.b": [("x", "long")]}, sources={"lake.silver.b": {"x": [("lake.bronze.a", "y")]}},
    )  # fmt: skip
    file.emit("START", job="daily", run_id=run_id("1"))
    file.emit("COMPLETE", job="daily.load", run_id=run_id("2"), parent=("daily", run_id("1")), activity=activity)
    file.emit("FAIL", job="daily", run_id=run_id("1"), error="boom")
    told = [json.loads(line) for line in path.read_text().splitlines()]
    assert store.add(told).stored == 3
    silver = store.graph("dataset:lake:silver.b").nodes[0]
    assert (silver.version, silver.rows, [one.name for one in silver.columns]) == ("7", 3, ["x"])
    (link,) = store.columns("dataset:lake:silver.b").edges
    assert (link.source.node, link.source.column) == ("dataset:lake:bronze.a", "y")
    assert store.runs("job:shop:daily")[0].message == "boom"


OTHERS = ("olo_audit", "olo_events", "olo_memory", "olo_workspace_members", "olo_workspace_applied")


@pytest.mark.parametrize("version", ["of its own", "in the service's store"])
def test_a_store_of_an_earlier_version_keeps_its_events(store: LineageStore, tmp_path: Path, version: str) -> None:
    store.add(SHOP)
    before, graph = content(store), store.graph("dataset:lake:silver", depth=2)

    def as_it_was(connection: Connection) -> None:
        """When lineage made its tables itself, in a file that had no others, or in the service's database."""
        if version == "of its own":
            for name in ("olo_version", *OTHERS):
                connection.execute(text(f"DROP TABLE {name}"))
        else:
            connection.execute(text("UPDATE olo_version SET version_num = '0002'"))
        connection.execute(text("DROP INDEX lineage_runs_told"))

    store.database.write(as_it_was)
    store.close()
    opened = LineageStore(Database(f"sqlite:///{tmp_path / 'lineage.db'}"))
    assert opened.add(SHOP).stored == 0, "they are known"
    assert content(opened) == before
    assert opened.graph("dataset:lake:silver", depth=2) == graph
    assert opened.database.read(differences) == []
    Audit(opened.database).append(Entry("ana", "tag", "table/dev.gold.delays"))
    opened.close()


def test_a_reader_sees_one_state(store: LineageStore) -> None:
    store.add(SHOP[:1])

    def twice(connection: Connection) -> tuple[int, int]:
        first = len(connection.execute(select(LINEAGE[0])).all())
        store.add(SHOP)
        return first, len(connection.execute(select(LINEAGE[0])).all())

    assert store.database.read(twice) == (1, 1)
    assert store.events() == 7
