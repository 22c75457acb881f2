"""Keycloak from its distribution on Maven Central: sign-in by OpenID Connect for JupyterHub, on loopback.

The realm is the one that jupyterhub_config ships, with people and a client secret of this start.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.services.cache import installed
from tests.services.java import java
from tests.services.maven import copy_artifact
from tests.services.process import Process, finished, free_port, http_answers

VERSION = "26.7.3"
_BUILD = ("build", "--db=dev-file", "--health-enabled=true")
REALM_FILE = Path(__file__).parents[2] / "jupyterhub_config" / "keycloak" / "realm.json"
PEOPLE: Mapping[str, str] = {
    "olo-ana": "olo-data-engineer",
    "olo-ben": "olo-analyst",
    "olo-vera": "olo-viewer",
    "olo-root": "olo-platform-admin",
}
"""Who there is, and the group of each."""
_ADMIN = "olo-tests"
"""The client that may move people between groups."""


@dataclass
class Keycloak:
    """A running Keycloak with the realm ``olo``: its client ``jupyterhub`` and :data:`PEOPLE`."""

    port: int
    hub_port: int
    client_secret: str
    passwords: Mapping[str, str]
    process: Process
    admin_secret: str

    @property
    def issuer(self) -> str:
        """The realm's address."""
        return f"http://127.0.0.1:{self.port}/realms/olo"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"OLO_OIDC_ISSUER": self.issuer, **{f"password of {who}": word for who, word in self.passwords.items()}}

    def move(self, person: str, *groups: str) -> None:
        """Put somebody into these groups, and out of all others, as an administrator of the realm does."""
        given = {"grant_type": "client_credentials", "client_id": _ADMIN, "client_secret": self.admin_secret}
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30) as http:
            token = http.post("/realms/olo/protocol/openid-connect/token", data=given).raise_for_status().json()
            http.headers["Authorization"] = f"Bearer {token['access_token']}"
            http.base_url = f"http://127.0.0.1:{self.port}/admin/realms/olo/"
            (user,) = http.get("users", params={"username": person, "exact": "true"}).raise_for_status().json()
            known = {one["name"]: one["id"] for one in http.get("groups").raise_for_status().json()}
            place = f"users/{user['id']}/groups"
            for one in http.get(place).raise_for_status().json():
                http.delete(f"{place}/{one['id']}").raise_for_status()
            for name in groups:
                http.put(f"{place}/{known[name]}").raise_for_status()

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def install() -> Path:
    """The folder of the built distribution, made at the first call (177 MB, about 2 minutes)."""
    return installed(f"keycloak-{VERSION}", " ".join([*_BUILD, "with its database"]), _build)


def start(folder: Path, *, token_seconds: int = 300, realm: Mapping[str, Any] | None = None) -> Keycloak:
    """Start a Keycloak whose files are all in ``folder``; a Hub may use it at ``hub_port``.

    Args:
        token_seconds: How long an access token holds.
        realm: Another realm than the one with :data:`PEOPLE`; its name is ``olo``, too.

    Raises:
        ServiceError: It didn't come up in time.
    """
    home, source = folder / "keycloak", install()
    shutil.copytree(source, home, symlinks=True, copy_function=os.link, ignore=shutil.ignore_patterns("data"))
    shutil.copytree(source / "data", home / "data")
    hub_port = free_port()
    secret, passwords = secrets.token_urlsafe(24), {name: secrets.token_urlsafe(12) for name in PEOPLE}
    place = home / "data" / "import" / "olo-realm.json"
    place.parent.mkdir(parents=True)
    place.touch(mode=0o600)
    admin_secret = secrets.token_urlsafe(24)
    own = _realm(f"http://127.0.0.1:{hub_port}", secret, passwords, token_seconds, admin_secret)
    place.write_text(json.dumps(realm or own))
    port, process = _run(home, folder / "keycloak.log", "--import-realm", realm="olo")
    return Keycloak(port, hub_port, secret, passwords, process, admin_secret)


def _run(home: Path, log: Path, *more: str, realm: str) -> tuple[int, Process]:
    port, management = free_port(), free_port()
    command = [
        str(home / "bin" / "kc.sh"), "start", "--optimized", "--http-enabled=true", "--http-host=127.0.0.1",
        f"--http-port={port}", f"--http-management-port={management}", f"--hostname=http://127.0.0.1:{port}",
        "--cache=local", *more,
    ]  # fmt: skip
    process = Process(command, log, environ=_environment())
    address = f"http://127.0.0.1:{port}/realms/{realm}/.well-known/openid-configuration"
    process.wait_until(http_answers(address), 400, "Keycloak")
    return port, process


def _environment() -> dict[str, str]:
    home = java(17).parent.parent
    heap, quick = "-Xms64m -Xmx384m", "-XX:TieredStopAtLevel=1"
    return {"JAVA_HOME": str(home), "JAVA_OPTS_KC_HEAP": heap, "JAVA_OPTS_APPEND": quick, "KC_LOG_LEVEL": "info"}


def _realm(
    hub: str, secret: str, passwords: Mapping[str, str], token_seconds: int, admin_secret: str
) -> dict[str, Any]:
    realm: dict[str, Any] = json.loads(REALM_FILE.read_text())
    (client,) = realm["clients"]
    client.update(secret=secret, redirectUris=[f"{hub}/hub/oauth_callback"])
    client["attributes"]["post.logout.redirect.uris"] = f"{hub}/*"
    realm["accessTokenLifespan"] = token_seconds
    realm["users"] = [
        {
            "username": name,
            "enabled": True,
            "email": f"{name}@example.org",
            "emailVerified": True,
            "firstName": name.removeprefix("olo-").capitalize(),
            "lastName": "Example",
            "groups": [f"/{PEOPLE[name]}"],
            "credentials": [{"type": "password", "value": word, "temporary": False}],
        }
        for name, word in passwords.items()
    ]
    realm["clients"].append(
        {
            "clientId": _ADMIN,
            "enabled": True,
            "publicClient": False,
            "secret": admin_secret,
            "standardFlowEnabled": False,
            "serviceAccountsEnabled": True,
        }
    )
    rights = ["manage-users", "view-users", "query-users", "query-groups"]
    realm["users"].append(
        {
            "username": f"service-account-{_ADMIN}",
            "enabled": True,
            "serviceAccountClientId": _ADMIN,
            "clientRoles": {"realm-management": rights},
        }
    )
    return realm


def _build(target: Path) -> None:
    archive = copy_artifact(f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip", target)
    with zipfile.ZipFile(archive) as files:
        files.extractall(target)
    archive.unlink()
    (unpacked,) = target.iterdir()
    for part in unpacked.iterdir():
        part.rename(target / part.name)
    unpacked.rmdir()
    for program in (target / "bin").glob("*.sh"):
        program.chmod(0o755)
    finished([str(target / "bin" / "kc.sh"), *_BUILD], target, _environment())
    # Its database with tables and the master realm: two thirds of the time of a start.
    _, process = _run(target, target / "first.log", realm="master")
    process.stop()
