"""Sign-in in the browser: a real Trino that trusts a real Keycloak, and a person who fills in its form."""

from __future__ import annotations

import html
import re
import secrets
import threading
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
from tests.services import keycloak, trino_secure
from tests.services.process import free_port
from tests.services.trino_secure import PASSWORD, USER, SecureTrino

SECONDS = 15
"""That a token holds."""


@pytest.fixture(scope="module")
def server(services_folder: Path) -> Iterator[SecureTrino]:
    port, secret = free_port(), secrets.token_urlsafe(24)
    places = {name: services_folder / f"oauth2-{name}" for name in ("keycloak", "trino")}
    for place in places.values():
        place.mkdir()
    signing = keycloak.start(places["keycloak"], realm=_realm(f"https://localhost:{port}/oauth2/callback", secret))
    try:
        prefix = "http-server.authentication.oauth2."
        sign_in = {
            "http-server.authentication.type": "OAUTH2",
            f"{prefix}issuer": signing.issuer,
            f"{prefix}client-id": "trino",
            f"{prefix}client-secret": secret,
            f"{prefix}principal-field": "preferred_username",
        }
        trino = trino_secure.start(places["trino"], sign_in=sign_in, https_port=port)
        try:
            yield trino
        finally:
            trino.stop()
    finally:
        signing.stop()


def _realm(callback: str, secret: str) -> dict[str, Any]:
    audience = {
        "name": "audience",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": "trino", "access.token.claim": "true"},
    }
    client = {
        "clientId": "trino",
        "secret": secret,
        "redirectUris": [callback],
        "standardFlowEnabled": True,
        "protocolMappers": [audience],
    }
    person = {
        "username": USER,
        "enabled": True,
        "email": "ana@example.org",
        "emailVerified": True,
        "firstName": "Ana",
        "lastName": "Example",
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }
    return {
        "realm": "olo",
        "enabled": True,
        "sslRequired": "none",
        "accessTokenLifespan": SECONDS,
        "clients": [client],
        "users": [person],
    }


@dataclass
class Person(webbrowser.BaseBrowser):
    """A browser with somebody before it who signs in."""

    ca_file: Path
    pages: list[str] = field(default_factory=list)

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        threading.Thread(target=self._sign_in, args=(url,)).start()
        return True

    def _sign_in(self, url: str) -> None:
        # Keycloak's cookies are for https, or for this machine: browsers know that, Python's cookie jar doesn't.
        jar = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        with httpx.Client(verify=str(self.ca_file), follow_redirects=True, timeout=60, cookies=jar) as http:
            page = http.get(url)
            form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
            assert form, page.text[:500]
            done = http.post(html.unescape(form.group(1)), data={"username": USER, "password": PASSWORD})
            self.pages.append(done.text)


def test_one_signs_in_in_the_browser_and_again_when_the_token_has_expired(
    server: SecureTrino, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(server.folder / "ca.pem")
    monkeypatch.setattr(webbrowser, "open_new", person.open)
    settings = TrinoSettings.model_validate(
        {"host": "localhost", "port": server.port, "ca_file": server.folder / "ca.pem", "auth": "oauth2"}
    )
    connection = Connection(settings, USER)

    def who() -> Any:
        return Statement(connection, Where("tpch", "tiny")).run("SELECT current_user").table.column(0).to_pylist()

    assert who() == [USER]
    assert who() == [USER] and len(person.pages) == 1  # the token is kept
    until = time.monotonic() + SECONDS + 3
    big = Statement(connection, Where("tpch", "tiny")).run("SELECT count(l_comment) FROM tpch.sf1.lineitem")
    assert big.table.num_rows == 1
    time.sleep(max(0.0, until - time.monotonic()))
    assert who() == [USER] and len(person.pages) == 2
    told = capsys.readouterr().out
    assert f"https://localhost:{server.port}/oauth2/token/initiate/" in told  # for a kernel that has no browser
    assert PASSWORD not in told
