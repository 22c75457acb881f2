"""The service by itself: who gets in, what it refuses, what it says of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.issuer import Issuer


def test_a_route_and_its_headers(ask: Callable[..., httpx.Response]) -> None:
    response = ask("GET", "/olo/api/jobs", "viewer")
    assert response.status_code == 200
    assert [job["name"] for job in response.json()["jobs"]] == ["daily"]
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer x", "token a.b.c", "Bearer " + "x" * 5000])
def test_no_good_token(service: str, header: str) -> None:
    response = httpx.get(f"{service}/olo/api/jobs", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json()["code"]) == (401, "not-signed-in")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "other"},
        {"iss": "https://elsewhere.example.org"},
        {"exp": int(time.time()) - 100},
        {"nbf": int(time.time()) + 100_000},
        {"preferred_username": None},
        {"preferred_username": "ana\nben"},
        {"preferred_username": "ana\0"},
        {"exp": None},
    ],
)
def test_tokens_that_are_not_for_us(service: str, token: Callable[..., str], claims: dict[str, Any]) -> None:
    sent = {"Authorization": f"Bearer {token('viewer', **claims)}"}
    assert httpx.get(f"{service}/olo/api/jobs", headers=sent).status_code == 401


def test_a_token_by_another_key(service: str, issuer: Issuer) -> None:
    forged = issuer.token("ana", "group-platform-admin", key=generate_private_key(65537, 2048))
    sent = {"Authorization": f"Bearer {forged}"}
    assert httpx.get(f"{service}/olo/api/jobs", headers=sent).status_code == 401


def test_no_role_no_right(service: str, issuer: Issuer) -> None:
    sent = {"Authorization": f"Bearer {issuer.token('eve', 'platform-admin', 'others')}"}
    response = httpx.get(f"{service}/olo/api/jobs", headers=sent)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


def test_a_token_in_the_address_is_none(service: str, token: Callable[..., str]) -> None:
    assert httpx.get(f"{service}/olo/api/jobs", params={"token": token("viewer")}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/olo/api/nothing", 404),
        ("GET", "/", 404),
        ("DELETE", "/olo/api/jobs", 405),
        ("PATCH", "/olo/api/jobs", 405),
        ("GET", "/olo/api/jobs/none", 404),
        ("GET", "/olo/api/jobs/a%00b", 400),
        ("GET", "/olo/api/jobs?x=%ff", 400),
    ],
)
def test_what_is_asked_wrongly(ask: Callable[..., httpx.Response], method: str, path: str, status: int) -> None:
    response = ask(method, path)
    assert response.status_code == status
    assert set(response.json()) == {"code", "message", "hint"}


def test_the_catalogs_are_not_read_with_the_service_s_rights(ask: Callable[..., httpx.Response]) -> None:
    assert ask("GET", "/olo/api/catalogs").status_code == 404


def test_strangers_are_slowed_down(service: str) -> None:
    with httpx.Client(base_url=service) as client:
        statuses = [client.get("/olo/api/jobs").status_code for _ in range(40)]
        assert statuses[0] == 401
        assert statuses[-1] == 429
        assert client.get("/health").status_code == 200


def test_health_readiness_figures(ask: Callable[..., httpx.Response], service: str, project: Path) -> None:
    assert ask("GET", "/olo/api/jobs", "viewer").status_code == 200
    assert httpx.get(f"{service}/health", timeout=30).json() == {"status": "alive"}
    assert httpx.get(f"{service}/ready", timeout=30).json() == {"status": "ready"}
    measured = httpx.get(f"{service}/metrics", timeout=30).text
    assert 'olo_service_answers_total{action="read",area="jobs",status="200"} 1.0' in measured
    assert 'olo_requests_total{action="read",area="jobs",code=""}' in measured
    assert "olo_project_readable 1.0" in measured
    (project / "olo.yml").write_text("catalogs: [", encoding="utf-8")
    response = httpx.get(f"{service}/ready", timeout=30)
    assert (response.status_code, response.json()) == (503, {"status": "not ready", "because": "config"})
