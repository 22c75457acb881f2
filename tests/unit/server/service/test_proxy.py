"""A person's server beside the shared service: requests go there as that person, events come back."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore
from olo_jupyter.server.events import RUN_CHANGED
from olo_jupyter.server.proxy import Proxy
from olo_jupyter.server.roles import RIGHTS, ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.service_settings import ServiceSettings
from tests.issuer import Issuer
from tests.shop import lay_out
from tests.unit.server.service.conftest import serving


@pytest.fixture
def shared(tmp_path: Path, project: Path, issuer: Issuer) -> Iterator[tuple[str, Path]]:
    """A service on a project of its own: its one run is ``shared``."""
    root = lay_out(tmp_path / "shared")
    RunStore(root.parent / "state" / "runs.db").save(RunRecord(id="shared", job="x", target="prod", state="running"))
    with serving(root, issuer) as url:
        yield url, root


@pytest.fixture
def jp_environ(
    jp_environ: Any,
    shared: tuple[str, Path],
    tmp_path: Path,
    token: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The server's surroundings: a replica that isn't there, one that is, and a file with ana's token."""
    file = tmp_path / "token"
    file.write_text(token("viewer"))
    monkeypatch.setenv("OLO_SERVICE_URL", f"http://127.0.0.1:9, {shared[0]}/")
    monkeypatch.setenv("OLO_SERVICE_TOKEN_FILE", str(file))
    return jp_environ


@pytest.fixture
def get(jp_fetch: Any) -> Any:
    async def fetch(*path: str, **options: Any) -> tuple[int, Any, Any]:
        try:
            response = await jp_fetch("olo", "api", *path, **options)
        except HTTPClientError as error:
            assert error.response is not None
            response = error.response
        return response.code, json.loads(response.body), response

    return fetch


async def test_requests_go_to_the_service_and_local_ones_stay(get: Any) -> None:
    status, body, response = await get("runs")
    assert (status, [run["id"] for run in body["runs"]]) == (200, ["shared"])
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    status, body, _ = await get("catalogs")
    assert status == 200
    assert {catalog["name"] for catalog in body["catalogs"]} == {"dev", "ana_sandbox", "governed"}


async def test_no_token_reaches_the_browser(get: Any, tmp_path: Path) -> None:
    secret = (tmp_path / "token").read_text()
    for path in (["runs"], ["jobs", "none"], ["catalogs"]):
        _, body, response = await get(*path)
        assert secret not in json.dumps(body) + str(list(response.headers.get_all()))


async def test_the_roles_hold_for_the_own_server_s_routes_too(
    get: Any, tmp_path: Path, token: Callable[..., str], jp_serverapp: Any
) -> None:
    """Every local route by every role: what the table in docs/security.md says."""
    rights = jp_serverapp.web_app.settings["olo_rights"]
    for role in ROLES:
        (tmp_path / "token").write_text(token(role))
        rights._until = 0.0
        for route in [one for one in ROUTES if one.local]:
            path = re.sub(r"\{\w+\}", "none", route.path).strip("/").split("/")
            body = {} if route.method in ("GET", "DELETE") else {"body": "{}"}
            headers = {"Content-Type": "application/json"} if body else {}
            status, answer, _ = await get(*path, method=route.method, headers=headers, **body)
            allowed = (route.area, route.action) in RIGHTS[role]
            refused = status == 403 and answer["message"].startswith("You may not")
            assert refused is not allowed, f"{role}: {route.method} {route.path} {answer}"


async def test_without_the_service_one_reads_and_changes_nothing(get: Any, jp_serverapp: Any) -> None:
    rights = jp_serverapp.web_app.settings["olo_rights"]
    rights._proxy._urls = ["http://127.0.0.1:9"]
    assert (await get("catalogs"))[0] == 200
    body, headers = "{}", {"Content-Type": "application/json"}
    place = ("catalogs", "dev", "namespaces", "silver", "tables", "flights", "rollback")
    status, answer, _ = await get(*place, method="POST", body=body, headers=headers)
    assert (status, answer["code"]) == (503, "service-unavailable")


async def test_what_the_service_refuses_is_refused(get: Any, tmp_path: Path, issuer: Issuer) -> None:
    (tmp_path / "token").write_text(issuer.token("eve", "nobody"))
    status, body, _ = await get("runs")
    assert (status, body["code"]) == (403, "forbidden")
    (tmp_path / "token").write_text("expired")
    status, body, _ = await get("runs")
    assert (status, body["code"]) == (403, "not-signed-in")
    (tmp_path / "token").unlink()
    status, body, _ = await get("runs")
    assert (status, body["code"]) == (503, "service-token")


async def test_the_service_s_events_reach_the_browser_once(
    jp_serverapp: Any, jp_ws_fetch: Any, shared: tuple[str, Path], project: Path
) -> None:
    (extension,) = jp_serverapp.extension_manager.extension_apps["olo_jupyter"]
    await extension._start_jupyter_server_extension(jp_serverapp)
    await asyncio.sleep(1.5)
    socket = await jp_ws_fetch("api", "events", "subscribe")
    RunStore(project.parent / "state" / "runs.db").save(RunRecord(id="own", job="x", target="", state="success"))
    store = RunStore(shared[1].parent / "state" / "runs.db")
    store.save(RunRecord(id="shared", job="x", target="prod", state="success"))
    event: dict[str, Any] = {}
    while event.get("schema_id") != RUN_CHANGED:  # signs of life and of health come in between
        event = json.loads(await asyncio.wait_for(socket.read_message(), 60))
    assert (event["schema_id"], event["run"]["id"], event["run"]["state"]) == (RUN_CHANGED, "shared", "success")
    socket.close()
    await extension.stop_extension()


async def test_a_service_that_is_away_is_said_and_the_rest_goes_on(get: Any, jp_serverapp: Any) -> None:
    jp_serverapp.web_app.settings["olo_proxy"] = Proxy(
        ServiceSettings(url="http://127.0.0.1:9"), {"OLO_SERVICE_TOKEN": "x"}
    )
    status, body, _ = await get("runs")
    assert (status, body["code"]) == (503, "service-unavailable")
    assert (await get("catalogs"))[0] == 200
