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

from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API
from tests.issuer import Issuer
from tests.unit.server.service.conftest import serving

SECRET = "pl4nted-s3cret"
OLO_YML = f"""
  rest:
    type: rest
    properties: {{uri: "http://127.0.0.1:9/", credential: "id:{SECRET}-credential", token: "{SECRET}-token",
      "s3.secret-access-key": "{SECRET}-s3"}}
engines:
  trino: {{host: 127.0.0.1, port: 9, user: ana, auth: {{type: basic, password: {{env: PLANTED}}}}}}
orchestrators:
  airflow: {{url: "http://127.0.0.1:9", username: ana, targets: [prod], password_env: PLANTED}}
service: {{database: {{env: PLANTED_DATABASE}}, requests_per_minute: 100000}}
"""


@pytest.fixture
def planted(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with a secret in every place that may hold one."""
    monkeypatch.setenv("PLANTED", f"{SECRET}-environment")
    database = f"sqlite:///{project.parent}/{SECRET}-folder/olo.db"
    monkeypatch.setenv("PLANTED_DATABASE", database)
    with (project / "olo.yml").open("a", encoding="utf-8") as olo_yml:
        olo_yml.write(OLO_YML)
    return project


@pytest.fixture
def service(planted: Path, issuer: Issuer) -> Iterator[str]:
    # The routes of a person's own server too: here they are asked through the service.
    from dataclasses import replace

    with serving(planted, issuer, [replace(route, local=False) for route in ROUTES]) as url:
        yield url


def test_planted_secrets(
    ask: Callable[..., httpx.Response], service: str, token: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for route in ROUTES:
        for value in ("daily", "rest", "dev"):
            path = re.sub(r"\{\w+\}", value, route.path)
            options: dict[str, Any] = {}
            if route.body is not None:
                options["json"] = {"password": f"{SECRET}-sent", "name": f"{SECRET}-sent"}
            response = ask(route.method, API + path, params={"password": f"{SECRET}-asked"}, **options)
            said.append(response.text + str(response.headers))
            if route.body is None:
                response = ask(route.method, API + path)
                said.append(response.text + str(response.headers))
    said += [httpx.get(f"{service}{path}").text for path in ("/ready", "/metrics", "/health")]
    said.append(json.dumps(ask("GET", f"{API}/audit").json()))
    logged = [record for record in caplog.records if not record.name.startswith("http")]  # of this test's own client
    said += [caplog.handler.format(record) for record in logged]
    everything = "\n".join(said)
    assert len(said) > 3 * len(ROUTES)
    assert SECRET not in everything, re.findall(f".{{200}}{SECRET}.{{40}}", everything, re.DOTALL)[:3]
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
