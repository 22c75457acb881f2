"""Secrets that are planted everywhere come out nowhere: not in answers, errors, events, figures, logs, the audit."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.server.openapi import document
from olo_jupyter.server.roles import ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API
from tests.authority import serving as upstream
from tests.contract.iceberg_rest import CREDENTIAL, Catalog, Reply
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

SECRET = "pl4nted-s3cret"
PLANTED = (SECRET, CREDENTIAL[1])
OLO_YML = """
  rest:
    type: rest
    properties: {{uri: "{rest}", credential: "{credential}", "s3.secret-access-key": "{secret}-s3"}}
  dead:
    type: rest
    properties: {{uri: "http://127.0.0.1:9/", credential: "id:{secret}-credential", token: "{secret}-token"}}
engines:
  trino: {{host: 127.0.0.1, port: 9, user: ana, auth: {{type: basic, password: {{env: PLANTED_TRINO}}}}}}
orchestrators:
  airflow: {{url: "{echo}", username: ana, targets: [dev], password_env: PLANTED_AIRFLOW}}
backends:
  mlflow: {{url: "{echo}", token: {{env: PLANTED_MLFLOW}}}}
  lineage: {{type: store, database: {{env: PLANTED_LINEAGE}}}}
git: {{url: "{echo}", host: github, app: {{id: "1", private_key: {{env: PLANTED_KEY}}}}}}
service: {{database: {{env: PLANTED_DATABASE}}, requests_per_minute: 100000}}
"""
VARIABLES = (
    "TRINO", "AIRFLOW", "MLFLOW", "KEY", "HUB_API_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "AWS_SECRET",
)  # fmt: skip


def echo(method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
    """An upstream that repeats in its errors what it was asked with, as some do; it gives a token to whoever asks."""
    if path == "/auth/token":
        return 201, {}, json.dumps({"access_token": f"{SECRET}-given"}).encode()
    said = f"no right: {headers.get('authorization', '')} {body.decode(errors='replace')[:200]}"
    return 400, {}, json.dumps({"message": said, "detail": said, "error_code": "INVALID_STATE"}).encode()


@pytest.fixture
def planted(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project with a secret in every place that may hold one."""
    for name in VARIABLES:
        monkeypatch.setenv(f"PLANTED_{name}", f"{SECRET}-{name.lower()}")
    for name in ("JUPYTERHUB_API_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, f"{SECRET}-{name.lower()}")
    for name in ("DATABASE", "LINEAGE"):
        monkeypatch.setenv(f"PLANTED_{name}", f"sqlite:///{project.parent}/{SECRET}-{name.lower()}/olo.db")
    found = sorted((project.parent / "lake" / "dev").rglob("*.metadata.json"))[-1]
    rest = Catalog(json.loads(found.read_text()), ["flights"])
    rest.vended = {"s3.secret-access-key": f"{SECRET}-vended", "s3.session-token": f"{SECRET}-vended-token"}
    with upstream(rest) as rest_url, upstream(echo) as echo_url:
        with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
            olo_yml.write(OLO_YML.format(rest=rest_url, echo=echo_url, credential=":".join(CREDENTIAL), secret=SECRET))
        (project / "targets").mkdir(exist_ok=True)
        (project / "targets" / "dev.yml").write_text("catalog: dev\nsources: dev\n", encoding="utf-8")
        yield project


@pytest.fixture
def service(planted: Path, issuer: Issuer) -> Iterator[str]:
    # The routes of a person's own server too: here they are asked through the service.
    from dataclasses import replace

    with serving(planted, issuer, [replace(route, local=False) for route in ROUTES]) as url:
        yield url


NAMES = ("daily", "rest", "dev", "silver")


def test_planted_secrets(
    ask: Callable[..., httpx.Response], service: str, token: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []

    def note(response: httpx.Response) -> None:
        said.append(response.text + str(response.headers))

    for route in ROUTES:
        for value in NAMES:
            path = API + re.sub(r"\{\w+\}", value, route.path)
            options: dict[str, Any] = {}
            if route.body is not None:
                options["json"] = {"password": f"{SECRET}-sent", "name": f"{SECRET}-sent"}
            note(ask(route.method, path, params={"password": f"{SECRET}-asked"}, **options))
            if route.body is None:
                note(ask(route.method, path))
                if "target" in getattr(route.query, "model_fields", {}):
                    note(ask(route.method, path, params={"target": "dev"}))
        for role in ROLES:
            path = API + route.path.replace("{catalog}", "rest").replace("{namespace}", "silver")
            path = re.sub(r"\{\w+\}", "flights", path)
            body = {"target": "dev", "parameters": {}} if route.body is not None else None
            note(ask(route.method, path, role, **({"json": body} if body else {})))
    said += [httpx.get(f"{service}{path}").text for path in ("/ready", "/metrics", "/health")]
    said.append(json.dumps(ask("GET", f"{API}/audit").json()))
    said.append(json.dumps(document()))
    headers = {"Authorization": f"Bearer {token('platform-admin')}"}
    last = {**headers, "Last-Event-ID": "0"}
    with httpx.stream("GET", f"{service}{API}/events", headers=last, timeout=60) as events:
        for _, line in zip(range(30), events.iter_lines(), strict=False):
            said.append(line)
            if line.startswith(":"):
                break
    logged = [record for record in caplog.records if not record.name.startswith("http")]  # of this test's own client
    said += [caplog.handler.format(record) for record in logged]
    everything = "\n".join(said)
    assert len(said) > (len(NAMES) + len(ROLES)) * len(ROUTES)
    assert "•••" in everything, "an upstream repeated a secret, and it was taken out"
    for word in PLANTED:
        assert word not in everything, re.findall(f".{{200}}{word}.{{40}}", everything, re.DOTALL)[:3]
    assert token("platform-admin")[-40:] not in everything


def test_a_store_that_fails_says_nothing_of_where_it_is(
    project: Path, issuer: Issuer, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLO_SERVICE_DATABASE", f"postgresql://olo:{SECRET}@127.0.0.1:9/{SECRET}")
    with serving(project, issuer) as url:
        sent = {"Authorization": f"Bearer {token('platform-admin')}"}
        for path in ("/ready", f"{API}/events"):
            response = httpx.get(url + path, headers=sent, timeout=30)
            assert response.status_code == 503
            assert SECRET not in response.text
            assert "127.0.0.1" not in response.text
        assert httpx.get(f"{url}{API}/jobs", headers=sent).status_code == 200
