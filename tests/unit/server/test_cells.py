"""The routes of SQL cells."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def post(jp_fetch: Any) -> Any:
    """POST a statement to a route: the answer."""

    async def send(path: str, text: str) -> Any:
        options = {"body": json.dumps({"text": text}), "headers": {"Content-Type": "application/json"}}
        response = await jp_fetch("olo", "api", "sql", path, method="POST", **options)
        return json.loads(response.body)

    return send


async def test_a_statement_is_laid_out(post: Any) -> None:
    assert await post("format", "SELECT 1  AS Ab") == {"text": "select 1 as Ab\n", "problem": None}


async def test_one_that_cannot_be_read_comes_back_with_the_place(post: Any) -> None:
    answer = await post("format", "SELECT 1 FRM x y")
    assert answer["text"] == "SELECT 1 FRM x y"
    assert (answer["problem"]["code"], answer["problem"]["line"], answer["problem"]["column"]) == (
        "syntax-error",
        1,
        14,
    )


async def test_tables_come_with_their_places_snapshots_and_refs(post: Any) -> None:
    text = (
        "SELECT '😀', {{ c | ident }} FROM silver.flights FOR VERSION AS OF 7 AS f, dev.silver.flights, silver.nothere"
    )
    tables = (await post("tables", text))["tables"]
    assert [table["sql_name"] for table in tables] == ["dev.silver.flights", "dev.silver.flights", "dev.silver.nothere"]
    first, second, third = tables
    assert text[: first["end"]].endswith("silver.flights") and text[slice(*first["period"])] == "FOR VERSION AS OF 7"
    assert second["period"] is None and len(second["snapshots"]) == second["snapshot_count"] == 2
    assert all(snapshot["id"].isdecimal() for snapshot in second["snapshots"])
    assert {ref["name"]: ref["kind"] for ref in second["refs"]} == {"main": "branch", "q1-close": "tag"}
    assert third["snapshots"] == [] and "nothere" in third["failure"]


async def test_the_queries_of_with_are_no_tables(post: Any) -> None:
    assert (await post("tables", "WITH a AS (SELECT 1) SELECT * FROM a"))["tables"] == []
    assert (await post("tables", "SELECT FROM"))["problem"]["code"] == "syntax-error"
