"""A real JupyterHub with a real Keycloak, as jupyterhub_config sets them up: what is whose, and what leaks."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.services import keycloak as keycloaks
from tests.services.debian import chromium
from tests.services.hub import Hub, start
from tests.services.keycloak import Keycloak
from tests.services.person import Person
from tests.services.process import until

IDLE = 75
TOKEN = 25

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def keycloak(services_folder: Path) -> Iterator[Keycloak]:
    folder = services_folder / "keycloak-hub"
    folder.mkdir()
    service = keycloaks.start(folder, token_seconds=TOKEN)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def hub(services_folder: Path, keycloak: Keycloak) -> Iterator[Hub]:
    folder = services_folder / "hub"
    folder.mkdir()
    # For its card alone: tests/services/test_code_server.py starts a real one.
    program = folder / "code-server"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    service = start(
        folder, keycloak, OLO_HUB_IDLE_SECONDS=str(IDLE), OLO_HUB_CULL_EVERY="5", OLO_HUB_REFRESH_SECONDS="5",
        OLO_HUB_CODE_SERVER=str(program),
    )  # fmt: skip
    yield service
    assert service.stop() == 0, "the Hub had to be killed"


@pytest.fixture(scope="module")
def people(hub: Hub) -> dict[str, Person]:
    """Who is signed in."""
    return {}


def person(hub: Hub, people: dict[str, Person], name: str) -> Person:
    """Somebody who is signed in, with a server that runs, also where it was idle during another test."""
    if name not in people:
        found = Person(hub, name)
        page = found.sign_in()
        assert page.status_code == 200, f"{page.url}: {page.text[-500:]}"
        assert page.url.path.startswith(("/hub/", "/user/")), page.url
        people[name] = found
    people[name].start()
    return people[name]


@pytest.fixture
def ana(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-ana")


@pytest.fixture
def ben(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-ben")


@pytest.fixture
def vera(hub: Hub, people: dict[str, Person]) -> Person:
    return person(hub, people, "olo-vera")


def test_a_wrong_password_lets_nobody_in(hub: Hub) -> None:
    mallory = Person(hub, "olo-ana")
    page = mallory.sign_in("guess")
    assert page.url.port == hub.keycloak.port, "still at Keycloak"
    assert "Invalid username or password" in page.text
    assert mallory.api("GET", "/user").status_code == 403


def test_the_first_start_clones_the_project_and_makes_the_sandbox(hub: Hub, ana: Person) -> None:
    home = hub.homes / "olo-ana"
    assert (home / "flights" / ".git").is_dir()
    assert (home / "flights").owner() == "olo-ana"
    catalogs = {one["name"]: one for one in ana.server("GET", "/olo/api/catalogs").json()["catalogs"]}
    assert catalogs["olo_ana_sandbox"]["sandbox"]
    namespaces = ana.server("GET", "/olo/api/catalogs/olo_ana_sandbox/namespaces").json()
    assert namespaces == {"namespaces": ["gold"]}
    assert not stat.S_IMODE((home / "lakehouse" / "olo_ana_sandbox").stat().st_mode) & 0o077


def test_a_person_reads_what_is_shared_and_writes_their_sandbox_only(ana: Person) -> None:
    rows = "SELECT count(*) AS n FROM dev.silver.flights"
    assert ana.run(QUERY.format(rows)).strip() == "5000"
    assert ana.run(QUERY.format("CREATE TABLE olo_ana_sandbox.gold.mine AS SELECT 1 AS x")) == "1\n"
    refused = ana.run(REFUSED.format("CREATE TABLE dev.gold.mine AS SELECT 1 AS x"))
    assert "readonly" in refused or "read-only" in refused or "ermission" in refused, refused


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
    asked = (
        "import os, json, urllib.request as u\n"
        "r = u.Request(os.environ['JUPYTERHUB_API_URL'] + '/user',"
        " headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\n"
        "print(json.dumps(json.load(u.urlopen(r))['scopes']))"
    )
    scopes = {one.name: set(json.loads(one.run(asked))) for one in (ana, ben, vera)}
    assert "custom:olo:jobs:trigger" in scopes["olo-ben"]
    assert "custom:olo:jobs:deploy" in scopes["olo-ana"] - scopes["olo-ben"]
    assert {one for one in scopes["olo-vera"] if one.startswith("custom:olo:")} == {
        f"custom:olo:{area}:read"
        for area in ("catalog", "jobs", "runs", "lineage", "experiments", "health", "workspaces")
    }
    for held in scopes.values():
        assert not [one for one in held if one.startswith(("admin", "users:", "tokens"))
                    and not one.startswith("users:activity!user=")]  # fmt: skip


def test_a_server_gets_its_own_fresh_access_token_and_nothing_that_renews_it(ana: Person) -> None:
    read = (
        "from olo_jupyter.engine_settings import Secret\nimport base64, json, time\n"
        "token = Secret(hub='access_token').read('olo-ana').split('.')[1]\n"
        "claims = json.loads(base64.urlsafe_b64decode(token + '=' * (-len(token) % 4)))\n"
        "print(json.dumps([claims['preferred_username'], claims['jti'], claims['exp'] - time.time(), claims['typ']]))"
    )
    name, first, left, kind = json.loads(ana.run(read))
    assert (name, kind) == ("olo-ana", "Bearer")
    assert left > 0
    time.sleep(TOKEN + 2)
    name, second, left, _ = json.loads(ana.run(read))
    assert name == "olo-ana"
    assert second != first
    assert left > 0
    browser = ana.http.get(f"http://127.0.0.1:{_port(ana.hub, 'OLO_HUB_TOKENS_URL')}/token")
    assert browser.status_code == 401, "a browser's cookies give no token"


def _port(hub: Hub, name: str) -> str:
    return hub.environ[name].rpartition(":")[2]


SEARCH = """
import json, os, re, sys
wanted, top = json.load(sys.stdin)
found = set()
def look(where, data):
    found.update(f"{name} in {where}" for name, value in wanted.items() if value.encode() in data)
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid(): continue
    try:
        look("an environment", open(f"/proc/{pid}/environ", "rb").read())
        for line in open(f"/proc/{pid}/maps"):
            place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not place: continue
            start, end = (int(part, 16) for part in place.groups())
            with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                try:
                    memory.seek(start)
                    look("memory", memory.read(min(end - start, 200_000_000)))
                except (OSError, ValueError, OverflowError): pass
    except OSError: pass
for folder, _, files in os.walk(top):
    if folder == top + "/env": continue
    for file in files:
        try: look("a file", open(os.path.join(folder, file), "rb").read(5_000_000))
        except OSError: pass
print(json.dumps(sorted(found)))
"""


def test_what_a_person_can_read_holds_no_token_but_their_own(hub: Hub, ana: Person, ben: Person) -> None:
    # A token that ben hasn't yet shown to ana's server himself, as he did above.
    ben.token = ""
    ben.start()
    kernel = ana.server("POST", "/api/kernels", json={"name": "python3"}).json()["id"]
    with _git_host() as (address, given):
        ana.run(PUBLISH.format(address))
    signed = [base64.b64decode(each.partition(" ")[2]).decode() for each in given if each.startswith("Basic ")]
    assert signed, "git signed in"
    access = signed[-1].partition(":")[2]
    assert json.loads(base64.urlsafe_b64decode(access.split(".")[1] + "=="))["preferred_username"] == "olo-ana"
    own = "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])"
    mine = {"her server's token": ana.run(own).strip(), "her access token": access}
    others = {
        "the client's secret": hub.keycloak.client_secret,
        "the key of auth state": hub.environ["JUPYTERHUB_CRYPT_KEY"],
        "the secret of cookies": (hub.folder / "state" / "cookie_secret").read_text().strip(),
        "the token of ben's server": ben.run(own).strip(),
        "ben's token": ben.token,
        "ben's password": hub.keycloak.passwords["olo-ben"],
        "her refresh token": _refresh_token(hub, "olo-ana"),
        **{f"the token of {name}": _service_token(name) for name in ("olo-culler", "olo-tokens")},
    }
    # As the account that her kernels run under: what it may read, they may.
    command = ["setpriv", "--reuid=olo-ana", "--regid=olo-ana", "--init-groups", "--reset-env"]
    python = str(hub.folder / "env" / "bin" / "python")
    done = subprocess.run(
        [*command, python, "-c", SEARCH],
        input=json.dumps([{**mine, **others}, str(hub.folder)]),
        capture_output=True,
        text=True,
        timeout=200,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    ana.server("DELETE", f"/api/kernels/{kernel}")
    assert {"her server's token in an environment", "her server's token in memory"} <= set(found), "the search works"
    assert [one for one in found if one.split(" in ")[0] in others] == []
    assert not {"her access token in a file", "her access token in an environment"} & set(found)


PUBLISH = """
import os
os.chdir(os.environ["OLO_PROJECT"])
from pathlib import Path
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.engine_settings import Secret
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.promotion.git import Git
import subprocess, tempfile
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run(["git", "-C", folder, "remote", "add", "origin", "{}/team/flights.git"], check=True)
    there = Repository(Path(folder), GitSettings(host="gitea", token=Secret(hub="access_token")), "olo-ana")
    there.refresh("olo/olo-ana/")
    print(there.offline)
"""


@contextlib.contextmanager
def _git_host() -> Iterator[tuple[str, list[str]]]:
    """A Git host that lets nobody in, and what it was given to sign in with."""
    given: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "Authorization" in self.headers:
                given.append(self.headers["Authorization"])
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", given
    finally:
        server.shutdown()
        server.server_close()


def _refresh_token(hub: Hub, name: str) -> str:
    """What the Hub keeps encrypted, taken with its own key."""
    script = (
        "import asyncio, sys\nfrom jupyterhub import crypto, orm\n"
        f"db = orm.new_session_factory('sqlite:///{hub.folder}/state/jupyterhub.sqlite')()\n"
        f"user = orm.User.find(db, {name!r})\n"
        "async def read(): return await crypto.decrypt(user.encrypted_auth_state)\n"
        "print(asyncio.run(read())['refresh_token'])"
    )
    environ = {**os.environ, **hub.environ}
    python = str(hub.folder / "env" / "bin" / "python")
    done = subprocess.run([python, "-c", script], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _service_token(name: str) -> str:
    return next(_of_service(name))[1]["JUPYTERHUB_API_TOKEN"]


def _of_service(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The processes of one of the Hub's services, with their environments."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = dict(part.split("=", 1) for part in (process / "environ").read_text().split("\0") if "=" in part)
        except (OSError, ValueError):
            continue
        if environ.get("JUPYTERHUB_SERVICE_NAME") == name:
            yield int(process.name), environ


def test_the_shared_service_is_killed_and_is_back_while_the_rest_goes_on(hub: Hub, ana: Person) -> None:
    assert ana.server("GET", "/olo/api/jobs").status_code == 200
    before = len(hub.log.read_text(errors="replace"))
    (serve,) = [pid for pid, _ in _of_service("olo") if b"olo_jupyter.cli" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(serve, signal.SIGKILL)
    assert ana.server("GET", "/olo/api/catalogs").status_code == 200, "what is her server's own goes on"
    away = ana.server("GET", "/olo/api/jobs")
    assert away.status_code == 503 and away.json()["code"] == "service-unavailable", away.text
    begun = time.monotonic()
    until(lambda: ana.server("GET", "/olo/api/jobs").status_code == 200)
    print(f"back after {time.monotonic() - begun:.1f} s")
    said = hub.log.read_text(errors="replace")[before:]
    assert "olo serve ended with" in said
    assert "Traceback" not in said


def walk(one: Person, folder: Path) -> dict[str, Any]:
    """What a person's browser shows: the panel, a job that it tries to run, the Hub's pages."""
    environ = {**os.environ, "PASSWORD": one.hub.keycloak.passwords[one.name], "CHROMIUM_PATH": chromium()}
    command = [
        "node",
        str(Path(__file__).with_name("hub_walk.mjs")),
        one.hub.uri,
        one.name,
        "daily_delays",
        str(folder),
    ]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


def test_browsers_of_three_show_what_is_theirs_and_no_page_holds_a_secret(
    hub: Hub, ana: Person, ben: Person, vera: Person, tmp_path: Path
) -> None:
    secrets = {
        "the client's secret": hub.keycloak.client_secret,
        "the key of auth state": hub.environ["JUPYTERHUB_CRYPT_KEY"],
        "the secret of cookies": (hub.folder / "state" / "cookie_secret").read_text().strip(),
        **{f"the password of {one.name}": hub.keycloak.passwords[one.name] for one in (ana, ben, vera)},
        **{f"the refresh token of {one.name}": _refresh_token(hub, one.name) for one in (ana, ben, vera)},
        **{f"the token of {one.name}": one.token for one in (ana, ben, vera)},
        **{f"the token of {name}": _service_token(name) for name in ("olo-culler", "olo-tokens", "olo")},
    }
    for one in (ana, ben, vera):
        one.start()
        seen = walk(one, tmp_path)
        own = one.name.replace("-", "_")
        assert f"{own}_sandbox" in seen["shown"], seen["shown"]
        others = {name.replace("-", "_") for name in hub.keycloak.passwords} - {own}
        assert not [name for name in others if f"{name}_sandbox" in seen["shown"]]
        may = one is not vera
        assert ("You may not" in seen["tried"]) is not may, seen["tried"][-1500:]
        assert len(seen["pages"]) == 9
        for name, secret in secrets.items():
            assert not [page for page in seen["pages"] if secret in page], f"{name} on a page of {one.name}"


@pytest.mark.full  # it waits for the idle time to pass, twice
def test_an_idle_server_ends_while_its_page_and_panel_are_open_and_a_working_one_stays(
    hub: Hub, ana: Person, ben: Person, tmp_path: Path
) -> None:
    ana.start()
    environ = {**os.environ, "PASSWORD": hub.keycloak.passwords["olo-ana"], "CHROMIUM_PATH": chromium()}
    page = subprocess.Popen(
        ["node", str(Path(__file__).with_name("hub_page.mjs")), hub.uri, "olo-ana", str(tmp_path / "panel.png")],
        env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert page.stdout is not None
        opened = json.loads(page.stdout.readline() or json.dumps({"error": page.stderr and page.stderr.read()}))
        assert "error" not in opened, opened
        assert any("OLO" in card for card in opened["cards"]), "the launcher has a card for the panel"
        assert any(card.startswith("code-server") for card in opened["cards"])
        browser = opened["storage"]
        assert hub.keycloak.client_secret not in browser
        assert _refresh_token(hub, "olo-ana") not in browser
        # Works for longer than a server may be idle, and prints nothing.
        busy = ben.run(f"import time; time.sleep({IDLE + 30}); print('done')", seconds=IDLE + 150)
        assert busy.strip() == "done"
        assert ben.running()
        end = time.monotonic() + 60
        while ana.running():
            assert time.monotonic() < end, "her server still runs, though nobody did anything"
            time.sleep(1)
        out, _ = page.communicate(timeout=60)
        said = json.loads(out)
        assert said["requests"] > 5, f"the page asked for things all the time: {said}"
    finally:
        page.kill()


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
