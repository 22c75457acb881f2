"""TLS to every upstream with an authority of one's own: trusted by its setting alone, else an error that names it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from olo_jupyter.backends.hosts.discover import connect as connect_host
from olo_jupyter.backends.hosts.discover import kind_of, parse_remote
from olo_jupyter.backends.registry import backend_for
from olo_jupyter.config import Settings, load_settings
from olo_jupyter.errors import OloError
from olo_jupyter.hub.provider import discover
from olo_jupyter.jobs.orchestrator import connect
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
from olo_jupyter.server.proxy import Proxy
from olo_jupyter.server.service.identity import OidcIdentity
from olo_jupyter.server.services import services
from olo_jupyter.server.workspace import Opened
from olo_jupyter.service_settings import OidcSettings
from tests.authority import Authority, serving
from tests.issuer import AUDIENCE, Issuer


def _text(value: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, value.encode() if isinstance(value, str) else json.dumps(value).encode()


class Upstreams:
    """What each upstream answers to one short question, as its published API says."""

    def __init__(self, issuer: Issuer) -> None:
        self.url, self._issuer = "", issuer

    def __call__(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        place = path.partition("?")[0]
        if place == "/v1/statement":
            done = {"state": "FINISHED"}
            columns = [{"name": "n", "type": "integer", "typeSignature": {"rawType": "integer", "arguments": []}}]
            return _text({"id": "q1", "infoUri": self.url, "columns": columns, "data": [[1]], "stats": done})
        told: dict[str, object] = {
            "/api/v2/dags": {"dags": [], "total_entries": 0},
            "/api/v2/monitor/health": {"metadatabase": {"status": "healthy"}},
            "/api/v2/version": {"version": "3.3.2"},
            "/version": "3.9.0",
            "/api/v1/namespaces": {"namespaces": []},
            "/v1/config": {"defaults": {}, "overrides": {}},
            "/v1/namespaces": {"namespaces": [["silver"]]},
            "/api/v1/version": {"version": "1.26.0"},
            "/api/v1/repos/ana/flights/pulls/7": PULL,
            "/.well-known/openid-configuration": {
                "issuer": self.url, "jwks_uri": f"{self.url}/keys", "authorization_endpoint": f"{self.url}/a",
                "token_endpoint": f"{self.url}/t", "userinfo_endpoint": f"{self.url}/u",
            },
            "/keys": {"keys": [self._issuer.public_key()]},
            "/olo/api/jobs": {"jobs": []},
        }  # fmt: skip
        return _text(told[place]) if place in told else (404, {}, b"{}")


PULL = {
    "number": 7, "html_url": "https://git.example.org/ana/flights/pulls/7", "state": "open", "title": "t", "body": "",
    "draft": False, "merged": False, "labels": [],
    "head": {"ref": "olo/ana/delays", "sha": "1"}, "base": {"ref": "main"},
}  # fmt: skip


@dataclass
class World:
    """An upstream behind TLS, and a project whose olo.yml names it."""

    url: str
    folder: Path
    issuer: Issuer

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def settings(self, section: dict[str, Any]) -> Settings:
        (self.folder / "olo.yml").write_text(yaml.safe_dump(section), encoding="utf-8")
        return load_settings(self.folder, {"OLO_USER": "ana", "OLO_STATE": str(self.folder / "state")})


def _airflow(world: World, ca: dict[str, str]) -> object:
    one = {"type": "airflow", "url": world.url, "targets": ["prod"], "token_env": "PATH", **ca}
    return connect(world.settings({"orchestrators": {"flow": one}}), "prod").jobs()


def _backend(type: str, area: Any) -> Callable[[World, dict[str, str]], object]:
    def ask(world: World, ca: dict[str, str]) -> object:
        settings = world.settings({"backends": {"mine": {"type": type, "url": world.url, **ca}}})
        return backend_for(settings, area).connect(settings).version()

    return ask


def _catalog(world: World, ca: dict[str, str]) -> object:
    settings = world.settings({"catalogs": {"lake": {"type": "rest", "properties": {"uri": world.url}, **ca}}})
    return Catalogs(settings).namespaces("lake")


def _trino(world: World, ca: dict[str, str]) -> object:
    one = {"host": "127.0.0.1", "port": world.port, "http_scheme": "https", "encoding": [], **ca}
    trino = world.settings({"engines": {"trino": one}}).engines.trino
    assert trino is not None
    return Statement(Connection(trino, "ana"), Where("lake", "silver")).run("SELECT 1 AS n").table.to_pylist()


def _git(world: World, ca: dict[str, str]) -> object:
    git = world.settings({"git": {"url": world.url, **ca}}).git
    remote = parse_remote(f"{world.url}/ana/flights.git", git.url)
    assert remote is not None
    kind = kind_of(remote, git.ca_file)
    return connect_host(remote, kind, "a-token", ca_file=git.ca_file).get(7).number


def _git_asked(world: World, ca: dict[str, str]) -> object:
    """Where olo.yml names the kind, so that the first question is the host's own."""
    git = world.settings({"git": {"url": world.url, "host": "gitea", **ca}}).git
    remote = parse_remote(f"{world.url}/ana/flights.git", git.url)
    assert remote is not None
    return connect_host(remote, "gitea", "a-token", ca_file=git.ca_file).get(7).number


def _oidc(world: World, ca: dict[str, str]) -> object:
    settings = OidcSettings.model_validate({"issuer": world.url, "audience": AUDIENCE, **ca})
    token = world.issuer.token("ana", "admins", iss=world.url)
    return asyncio.run(OidcIdentity(settings, {"admins": "viewer"}).person(token)).user.name


def _hub_oidc(world: World, ca: dict[str, str]) -> object:
    return discover(world.url, Path(ca["ca_file"]) if ca else None, patience=0).issuer


def _service(world: World, ca: dict[str, str]) -> object:
    from olo_jupyter.server.dispatch import Asked
    from olo_jupyter.server.routes import ROUTES

    settings = world.settings({"service": {"url": world.url, **ca}}).service
    jobs = next(route for route in ROUTES if (route.method, route.path) == ("GET", "/jobs"))

    async def ask() -> object:
        proxy = Proxy(settings, {"OLO_SERVICE_TOKEN": "a-token"})
        try:
            return await proxy.forward(jobs, Asked({}, {}))
        finally:
            await proxy.close()

    return asyncio.run(ask())


CASES = {
    "airflow": (_airflow, "orchestrators.flow.ca_file"),
    "mlflow": (_backend("mlflow", "experiments"), "backends.mine.ca_file"),
    "marquez": (_backend("marquez", "lineage"), "backends.mine.ca_file"),
    "iceberg rest": (_catalog, "catalogs.lake.ca_file"),
    "trino": (_trino, "engines.trino.ca_file"),
    "git host, its kind": (_git, "git.ca_file"),
    "git host": (_git_asked, "git.ca_file"),
    "oidc of the service": (_oidc, "service.oidc.ca_file"),
    "oidc of the hub": (_hub_oidc, "OLO_HUB_CA_FILE"),
    "shared service": (_service, "service.ca_file"),
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def world(tmp_path: Path, authority: Authority, issuer: Issuer) -> Iterator[World]:
    upstreams = Upstreams(issuer)
    folder = tmp_path / "project"
    folder.mkdir()
    with serving(upstreams, authority.context()) as url:
        upstreams.url = url
        yield World(url, folder, issuer)


@pytest.mark.parametrize("name", CASES)
def test_the_own_authority_is_trusted_and_no_other(
    name: str, world: World, authority: Authority, tmp_path: Path
) -> None:
    ask, setting = CASES[name]
    assert ask(world, {"ca_file": str(authority.ca_file)}) is not None
    for ca in ({}, {"ca_file": str(Authority(tmp_path, "other").ca_file)}):
        with pytest.raises(OloError) as caught:
            ask(world, ca)
        said = f"{caught.value.message} {caught.value.hint}"
        assert setting in said, said
        assert "certificate" in said.lower()
        assert "a-token" not in said


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_that_holds_no_certificates(name: str, text: str | None, world: World, tmp_path: Path) -> None:
    path = tmp_path / "broken.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(OloError) as caught:
        CASES[name][0](world, {"ca_file": str(path)})
    assert "broken.pem" in caught.value.message, caught.value.message


def test_health_uses_the_same_authority(world: World, authority: Authority) -> None:
    one = {"type": "airflow", "url": world.url, "targets": ["prod"], "ca_file": str(authority.ca_file)}
    opened = Opened(world.settings({"orchestrators": {"flow": one}}))
    try:
        (found,) = [service for service in services(opened) if service.name == "flow"]
        assert found.look().version == "3.3.2"
    finally:
        opened.close()
