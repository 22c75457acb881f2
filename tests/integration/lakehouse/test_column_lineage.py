"""A task's lineage event tells schema and column lineage of what it wrote; none where it can't be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from olo_jobs.load import parse_job
from olo_jupyter.jobs.runner import RunRequest, run_job
from olo_jupyter.lakehouse.column_lineage import column_sources
from olo_jupyter.project.targets import Target
from tests.shop import add_items, forget_environment, lay_out

ITEMS = {"dev.silver.items": [("id", "int"), ("name", "string")], "dev.silver.sold": [("item", "int"), ("n", "long")]}


@pytest.mark.parametrize(
    ("sql", "written", "expected"),
    [
        (
            "INSERT INTO gold.t WITH x AS (SELECT name, n * 2 AS d FROM silver.items JOIN silver.sold ON item = id)\n"
            "SELECT name, sum(d) AS s, count(*) AS c FROM x GROUP BY 1",
            ["name", "s", "c"],
            {"name": [("dev.silver.items", "name")], "s": [("dev.silver.sold", "n")], "c": []},
        ),
        (
            "CREATE TABLE t AS SELECT * FROM silver.items FOR VERSION AS OF 3",
            ["id", "name"],
            {"id": [("dev.silver.items", "id")], "name": [("dev.silver.items", "name")]},
        ),
        (
            "CREATE TABLE t AS SELECT id FROM silver.items UNION ALL SELECT item FROM dev.silver.sold",
            ["id"],
            {"id": [("dev.silver.items", "id"), ("dev.silver.sold", "item")]},
        ),
        ("CREATE TABLE t AS SELECT id FROM items_of_nobody", ["id"], None),
        ("DELETE FROM silver.items WHERE id = 1", ["id", "name"], None),
        ("CREATE TABLE t AS SELECT id, id FROM silver.items", ["a", "b"], None),
    ],
)
def test_sources_of_columns(sql: str, written: list[str], expected: object) -> None:
    assert column_sources(sql, [(name, "") for name in written], ITEMS) == expected


def test_an_event_has_schema_and_column_lineage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_environment(monkeypatch)
    monkeypatch.setenv("OLO_USER", "ana")
    root = lay_out(tmp_path)
    add_items(root)
    text = (
        "version: 1\nname: job\ntasks:\n"
        "  - {name: schema, sql: {text: CREATE SCHEMA gold}}\n"
        "  - name: write\n    depends_on: [schema]\n"
        "    sql: {text: 'CREATE TABLE gold.big AS SELECT id + 1 AS n, upper(name) AS label FROM silver.items'}\n"
    )
    target = Target("dev", catalog="dev", sources="dev")
    state = tmp_path / "state"
    record = run_job(RunRequest(parse_job(text), root, root, state, "shop", target, "ana"))
    assert record.state == "success", record
    events = [json.loads(line) for line in (state / "lineage/events.jsonl").read_text().splitlines()]
    (event,) = [one for one in events if one["job"]["name"] == "job.write" and one["eventType"] == "COMPLETE"]
    (output,) = event["outputs"]
    assert (output["namespace"], output["name"]) == ("dev", "gold.big")
    fields = [(field["name"], field["type"]) for field in output["facets"]["schema"]["fields"]]
    assert fields == [("n", "int"), ("label", "string")]
    lineage = output["facets"]["columnLineage"]["fields"]
    sources = {
        name: [(one["namespace"], one["name"], one["field"]) for one in told["inputFields"]]
        for name, told in lineage.items()
    }
    assert sources == {"n": [("dev", "silver.items", "id")], "label": [("dev", "silver.items", "name")]}
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 3
    for facet in ("schema", "columnLineage", "version"):
        assert output["facets"][facet]["_schemaURL"].startswith("https://openlineage.io/spec/facets/")
    assert {one["eventType"] for one in events} == {"START", "COMPLETE"}
