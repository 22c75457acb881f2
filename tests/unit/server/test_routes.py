"""The routes as a browser meets them: with a token, and without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.iostream import StreamClosedError

from olo_jupyter.server.jupyter import OloHandler

AREAS = [
    "catalogs",
    "catalogs/dev/namespaces",
    "catalogs/dev/namespaces/silver/tables",
    "catalogs/dev/namespaces/silver/tables/flights",
    "jobs",
    "jobs/daily",
    "runs",
    "runs/r1",
]


@pytest.fixture
def get(jp_fetch: Any) -> Any:
    """GET a route: its status and its JSON."""

    async def fetch(*path: str, **options: Any) -> tuple[int, Any]:
        try:
            response = await jp_fetch("olo", "api", *path, **options)
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body)
        return response.code, json.loads(response.body)

    return fetch


@pytest.mark.parametrize("area", AREAS)
async def test_no_token_no_answer(get: Any, area: str) -> None:
    status, body = await get(*area.split("/"), headers={"Authorization": ""})
    assert status == 403
    assert set(body) == {"code", "message", "hint"}


@pytest.mark.parametrize(
    ("resource", "area"), [("olo-catalog", "catalogs"), ("olo-jobs", "jobs"), ("olo-runs", "runs")]
)
async def test_each_area_is_authorized_by_its_own_resource(
    get: Any, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, resource: str, area: str
) -> None:
    async def not_this_one(_self: Any, _handler: Any, _user: Any, action: str, asked: str) -> bool:
        return (action, asked) != ("read", resource)

    monkeypatch.setattr(type(jp_serverapp.authorizer), "is_authorized", not_this_one)
    statuses = {name: (await get(name))[0] for name in ("catalogs", "jobs", "runs")}
    assert statuses == {name: 403 if name == area else 200 for name in statuses}


@pytest.mark.parametrize(("error", "logged"), [(StreamClosedError(), 0), (RuntimeError("a fault of ours"), 1)])
async def test_a_browser_that_went_away_is_no_error_of_the_server(
    get: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, logged: int
) -> None:
    async def gone(*_: Any) -> None:
        raise error  # as finish() does where nobody listens any more

    monkeypatch.setattr(OloHandler, "_reply", gone)
    assert (await get("jobs"))[0] == 500
    assert caplog.text.count("Uncaught exception GET") == logged


async def test_catalogs_default_first(get: Any) -> None:
    status, body = await get("catalogs")
    assert status == 200
    assert [(catalog["name"], catalog["access"], catalog["sandbox"]) for catalog in body["catalogs"]] == [
        ("dev", "direct", False),
        ("ana_sandbox", "direct", True),
        ("governed", "trino", False),
    ]


async def test_tables_with_their_names_as_sql(get: Any) -> None:
    assert await get("catalogs", "dev", "namespaces") == (200, {"namespaces": ["silver"]})
    status, body = await get("catalogs", "dev", "namespaces", "silver", "tables")
    assert status == 200
    assert [table["sql_name"] for table in body["tables"]] == ["dev.silver.flights", 'dev.silver."two words"']


async def test_a_table_has_trino_types_and_exact_snapshot_ids(get: Any, flights: Any) -> None:
    status, body = await get("catalogs", "dev", "namespaces", "silver", "tables", "flights")
    assert status == 200
    assert [(column["name"], column["type"]) for column in body["columns"]] == [
        ("carrier", "varchar"),
        ("delay", "bigint"),
    ]
    newest_first = [str(entry.snapshot_id) for entry in reversed(flights.metadata.snapshot_log)]
    assert [snapshot["id"] for snapshot in body["snapshots"]] == newest_first
    assert body["snapshot_count"] == 2
    assert [snapshot["rows"] for snapshot in body["snapshots"]] == [4, 2]
    assert {ref["name"]: (ref["kind"], ref["snapshot"]) for ref in body["refs"]} == {
        "main": ("branch", newest_first[0]),
        "q1-close": ("tag", newest_first[1]),
    }


async def test_percent_encoded_names(http_server_client: Any, jp_base_url: str, jp_auth_header: Any) -> None:
    tables = f"{jp_base_url}olo/api/catalogs/dev/namespaces/silver/tables"
    reply = await http_server_client.fetch(f"{tables}/two%20words", headers=jp_auth_header)
    assert json.loads(reply.body)["name"] == "two words"
    reply = await http_server_client.fetch(f"{tables}/a%2Fb%22", headers=jp_auth_header, raise_error=False)
    body = json.loads(reply.body)
    assert (reply.code, body["code"]) == (404, "table-not-found")
    assert 'a/b""' in body["message"]


@pytest.mark.parametrize(
    ("path", "status", "code", "word"),
    [
        ("catalogs/dvv/namespaces", 404, "catalog-not-found", "dev"),
        ("catalogs/dev/namespaces/sliver/tables", 404, "schema-not-found", "silver"),
        ("catalogs/dev/namespaces/silver/tables/flihgts", 404, "table-not-found", "flights"),
        ("catalogs/governed/namespaces", 422, "engine-not-configured", "engines: {trino"),
        ("jobs/dialy", 404, "job-not-found", "daily"),
        ("runs/none", 404, "run-not-found", "olo runs"),
    ],
)
async def test_what_is_not_there_says_what_is(get: Any, path: str, status: int, code: str, word: str) -> None:
    got, body = await get(*path.split("/"))
    assert (got, body["code"]) == (status, code)
    assert word in body["hint"]


async def test_a_broken_configuration_is_told_and_can_be_mended(get: Any, project: Path) -> None:
    good = (project / "olo.yml").read_text(encoding="utf-8")
    (project / "olo.yml").write_text("catalogs: [", encoding="utf-8")
    status, body = await get("catalogs")
    assert (status, body["code"]) == (500, "config")
    assert "olo.yml" in body["message"]
    (project / "olo.yml").write_text(good, encoding="utf-8")
    assert (await get("catalogs"))[0] == 200


@pytest.mark.parametrize(
    ("path", "params", "code", "word"),
    [
        ("runs", {"jub": "x"}, "bad-parameter", "job"),
        ("jobs", {"job": "x"}, "bad-parameter", "job"),
        ("jobs/daily/more", {}, "not-found", "/jobs/daily/more"),
        ("jobs/dai\0ly", {}, "bad-parameter", "NUL"),
    ],
)
async def test_what_was_asked_wrongly_is_told(get: Any, path: str, params: Any, code: str, word: str) -> None:
    status, body = await get(*path.split("/"), params=params)
    assert (status, body["code"]) == (404 if code == "not-found" else 400, code)
    assert word in body["message"] + body["hint"]


async def test_looking_is_no_activity(get: Any, jp_serverapp: Any) -> None:
    before = jp_serverapp.web_app.last_activity()
    assert (await get("catalogs"))[0] == 200
    assert jp_serverapp.web_app.last_activity() == before
