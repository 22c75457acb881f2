"""Who gets in, what a first start makes, and the tokens that a server has."""

from __future__ import annotations

import json
import stat
import time

from tests.services.jupyterhub.hub import Hub
from tests.services.jupyterhub.person import Person
from tests.services.jupyterhub.times import TOKEN


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
