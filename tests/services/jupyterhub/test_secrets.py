"""What a person may read, with programs or in a browser, holds no secret but their own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.services.debian import chromium
from tests.services.jupyterhub.hub import Hub
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.processes import refresh_token, service_token

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
        "her refresh token": refresh_token(hub, "olo-ana"),
        **{f"the token of {name}": service_token(name) for name in ("olo-culler", "olo-tokens")},
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


def walk(one: Person, folder: Path) -> dict[str, Any]:
    """What a person's browser shows: the panel, a job that it tries to run, the Hub's pages."""
    environ = {**os.environ, "PASSWORD": one.hub.keycloak.passwords[one.name], "CHROMIUM_PATH": chromium()}
    command = [
        "node",
        str(Path(__file__).with_name("walk.mjs")),
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
        **{f"the refresh token of {one.name}": refresh_token(hub, one.name) for one in (ana, ben, vera)},
        **{f"the token of {one.name}": one.token for one in (ana, ben, vera)},
        **{f"the token of {name}": service_token(name) for name in ("olo-culler", "olo-tokens", "olo")},
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
