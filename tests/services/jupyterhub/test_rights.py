"""What is whose, and what a role lets people do: in the Hub, on their servers, by the shared service."""

from __future__ import annotations

import json
import time

import httpx2 as httpx

from tests.services.jupyterhub.hub import Hub
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.times import REFRESH, REMEMBERED

QUERY = """
import os; os.chdir(os.environ["OLO_PROJECT"])
from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.session import Session
print(Session(load_settings()).sql({!r}).to_arrow().column(0)[0].as_py())
"""
REFUSED = """
import os; os.chdir(os.environ["OLO_PROJECT"])
from olo_jupyter.config import load_settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.session import Session
try:
    Session(load_settings()).sql({!r})
    print("written")
except OloError as error:
    print(error.message)
"""


SCOPES = (
    "import os, json, urllib.request as u\n"
    "r = u.Request(os.environ['JUPYTERHUB_API_URL'] + '/user',"
    " headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\n"
    "print(json.dumps(json.load(u.urlopen(r))['scopes']))"
)


def test_a_person_reads_what_is_shared_and_writes_their_sandbox_only(ana: Person) -> None:
    rows = "SELECT count(*) AS n FROM dev.silver.flights"
    assert ana.run(QUERY.format(rows)).strip() == "5000"
    assert ana.run(QUERY.format("CREATE TABLE olo_ana_sandbox.gold.mine AS SELECT 1 AS x")) == "1\n"
    refused = ana.run(REFUSED.format("CREATE TABLE dev.gold.mine AS SELECT 1 AS x"))
    assert "readonly" in refused or "read-only" in refused or "ermission" in refused, refused


def test_each_sees_only_what_is_theirs(hub: Hub, ana: Person, ben: Person) -> None:
    assert ben.server("GET", "/api/contents", owner="olo-ana").status_code in (403, 404)
    assert ben.api("GET", "/users/olo-ana").status_code in (403, 404)
    assert ben.api("DELETE", "/users/olo-ana/server").status_code in (403, 404)
    assert ben.api("GET", "/users").status_code == 403
    said = ben.run(f"import os\ntry: print(os.listdir({str(hub.homes / 'olo-ana')!r}))\nexcept OSError as e: print(e)")
    assert "Permission denied" in said
    names = {one["name"] for one in ben.server("GET", "/olo/api/catalogs").json()["catalogs"]}
    assert "olo_ben_sandbox" in names
    assert "olo_ana_sandbox" not in names


def test_a_role_gives_its_scopes_to_the_person_s_server_and_no_more(ana: Person, ben: Person, vera: Person) -> None:
    scopes = {one.name: set(json.loads(one.run(SCOPES))) for one in (ana, ben, vera)}
    assert "custom:olo:jobs:trigger" in scopes["olo-ben"]
    assert "custom:olo:jobs:deploy" in scopes["olo-ana"] - scopes["olo-ben"]
    assert {one for one in scopes["olo-vera"] if one.startswith("custom:olo:")} == {
        f"custom:olo:{area}:read"
        for area in ("catalog", "jobs", "runs", "lineage", "experiments", "health", "workspaces")
    }
    for held in scopes.values():
        assert not [one for one in held if one.startswith(("admin", "users:", "tokens"))
                    and not one.startswith("users:activity!user=")]  # fmt: skip


def test_a_group_s_rights_come_and_go_with_it_without_a_new_sign_in(hub: Hub, vera: Person) -> None:
    """A group at Keycloak gives a role, a role scopes of the Hub: to servers that start. What is taken is gone."""
    pause, tag = "/olo/api/jobs/daily_delays/pause", "/olo/api/catalogs/dev/namespaces/silver/tables/flights/refs"

    def held() -> tuple[bool, bool, bool]:
        """Whether she may: by her server's scopes, by the shared service, by her own server; as it is asked now."""
        scopes = json.loads(vera.run(SCOPES))
        service = vera.server("POST", pause, json={"target": "dev", "paused": True})  # which this machine can't
        own = vera.server("POST", tag, json={"name": "no such name", "kind": "tag"})
        refused = [one.json()["message"].startswith("You may not") for one in (service, own)]
        return "custom:olo:jobs:trigger" in scopes, not refused[0], not refused[1]

    def becomes(wanted: tuple[bool, bool, bool]) -> float:
        begun = time.monotonic()
        while (found := held()) != wanted:
            assert time.monotonic() - begun < 2 * (REFRESH + REMEMBERED), found
            time.sleep(1)
        return time.monotonic() - begun

    none, all_of_it = (False, False, False), (True, True, True)
    assert held() == none
    try:
        hub.keycloak.move("olo-vera", "olo-analyst")
        vera.stop()  # a server has the scopes of its start, and never more
        vera.start()
        becomes(all_of_it)
        hub.keycloak.move("olo-vera", "olo-viewer")
        taken = becomes(none)
        print(f"what was taken was gone after {taken:.0f} s")
        assert taken <= REFRESH + REMEMBERED + 15
    finally:
        hub.keycloak.move("olo-vera", "olo-viewer")


def test_a_viewer_sees_jobs_and_can_t_trigger_one(ben: Person, vera: Person) -> None:
    for one in (ben, vera):
        jobs = one.server("GET", "/olo/api/jobs")
        assert jobs.status_code == 200, jobs.text
        assert "daily_delays" in jobs.text
    start = {"target": "dev", "parameters": {}}
    refused = vera.server("POST", "/olo/api/jobs/daily_delays/runs", json=start)
    assert refused.status_code == 403, refused.text
    # Around her own server, too: its token is all that she has.
    straight = httpx.post(
        f"{vera.hub.environ['OLO_HUB_SERVICE_URL']}/olo/api/jobs/daily_delays/runs",
        headers={"Authorization": f"token {vera.token}"},
        json=start,
    )
    assert straight.status_code == 403, straight.text
    tag = {"name": "mine", "kind": "tag"}
    place = "/olo/api/catalogs/dev/namespaces/silver/tables/flights/refs"
    for one, allowed in ((vera, False), (ben, True)):
        said = one.server("POST", place, json=tag)
        assert said.json().get("message", "").startswith("You may not") is not allowed, said.text
    assert ben.server("GET", "/olo/api/audit").status_code in (403, 404), "the audit is for administrators"


def test_an_analyst_triggers_a_job_through_the_service(ben: Person) -> None:
    started = ben.server("POST", "/olo/api/jobs/daily_delays/runs", json={"target": "dev", "parameters": {}})
    assert started.status_code == 200, started.text
    place = f"/olo/api/runs/{started.json()['id']}?target=dev"
    end = time.monotonic() + 60
    while (run := ben.server("GET", place).json())["state"] in ("queued", "running"):
        assert time.monotonic() < end, run
        time.sleep(0.5)
    assert run["state"] == "success", run
    assert run["user"] == "olo-ben", "it is hers or his who started it, not the service's"
    shown = next(one for one in ben.server("GET", "/olo/api/runs?target=dev").json()["runs"] if one["id"] == run["id"])
    assert shown["user"] == "olo-ben"
