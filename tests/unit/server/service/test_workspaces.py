"""Workspaces in the service: their members' roles count, their pages say what is in them and where they drift."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.server.workspace import Workspace
from olo_jupyter.workspaces.members import MemberStore
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

FILE = """\
version: 1
name: flights
title: Flights <b>out</b>
repository: https://git.example.org/data/flights.git
catalogs: {dev: {namespaces: [silver, not_there]}}
experiments: [{name: delays}]
members:
  - {user: ana, role: workspace-admin}
  - {user: ben, role: analyst}
  - {group: readers, role: viewer}
links: {grafana: "https://grafana.example.org"}
"""


@pytest.fixture
def shared(project: Path) -> Path:
    """The project with a workspace, applied."""
    (project / "workspaces").mkdir()
    (project / "workspaces" / "flights.yml").write_text(FILE, encoding="utf-8")
    for words in (["init", "-q"], ["remote", "add", "origin", "git@git.example.org:data/flights.git"]):
        subprocess.run(["git", "-C", str(project), *words], check=True)
    opened = Workspace(project).open()
    store = MemberStore(opened.database)
    store.set_role("flights", "user", "ben", "analyst")
    store.set_role("flights", "group", "readers", "viewer")
    store.set_role("gone", "user", "cleo", "workspace-admin")
    store.set_applied("flights", "c0ffee", "ana")
    opened.close()
    return project


def test_a_member_may_do_what_the_role_says_and_no_more(shared: Path, issuer: Issuer) -> None:
    with serving(shared, issuer) as url, httpx.Client(base_url=url, timeout=20) as client:

        def status(name: str, method: str, path: str, *groups: str) -> int:
            headers = {"Authorization": f"Bearer {issuer.token(name, *groups)}"}
            body = {"target": "dev", "parameters": {}} if method == "POST" else None
            return client.request(method, f"/olo/api{path}", headers=headers, json=body).status_code

        start = "/jobs/no_such_job/runs"
        assert status("ben", "GET", "/jobs") == 200
        assert status("ben", "POST", start) == 404, "an analyst may trigger, and there is no such job"
        assert status("ben", "GET", "/audit") == 403
        assert status("vera", "GET", "/jobs") == 403, "nobody's member"
        assert status("vera", "GET", "/jobs", "readers") == 200
        assert status("vera", "POST", start, "readers") == 403
        assert status("cleo", "GET", "/jobs") == 403, "that workspace has no file any more"
        assert status("ana", "GET", "/audit") == 403, "a file that wasn't applied gives nothing"
        assert status("ben", "GET", "/audit", "group-workspace-admin") == 200, "the greater of both counts"


def test_the_list_and_the_drift(shared: Path, ask: Callable[..., httpx.Response]) -> None:
    (shared / "workspaces" / "broken.yml").write_text("version: 1\nname: broken\n", encoding="utf-8")
    found: list[dict[str, Any]] = ask("GET", "/olo/api/workspaces", "viewer").json()["workspaces"]
    broken, flights = found
    assert broken["name"] == "broken"
    assert "workspaces/broken.yml:1:1" in broken["problem"]
    assert flights["links"] == {"grafana": "https://grafana.example.org"}
    assert flights["members"][1] == {"kind": "user", "name": "ben", "role": "analyst"}
    assert (flights["applied"]["commit"], flights["applied"]["by"]) == ("c0ffee", "ana")
    assert flights["roles"] == []
    drift = ask("GET", "/olo/api/workspaces/flights/drift", "viewer")
    assert drift.status_code == 200, drift.text
    shown = [(one["action"], one["kind"], one["subject"]) for one in drift.json()["changes"]]
    assert shown == [
        ("create", "namespace", "dev.not_there"),
        ("create", "member", "user ana"),
        ("refuse", "experiment", "delays"),
    ]
    missing = ask("GET", "/olo/api/workspaces/nights/drift", "viewer")
    assert (missing.status_code, missing.json()["code"]) == (404, "workspace-not-found")
