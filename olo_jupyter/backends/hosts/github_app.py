"""A GitHub App signs in: its private key signs a JSON web token, which GitHub gives a token of one hour for.

Source: GitHub's "Generating an installation access token for a GitHub App" and "Generating a JSON Web Token (JWT)".
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.hosts.github import headers
from olo_jupyter.backends.hosts.transport import HostClient

_EARLY = 300.0
"""Seconds before its end in which a token is asked for again: a push may take minutes."""
_CLOCKS_DIFFER, _LIFETIME = 60, 540
"""Seconds that GitHub's clock may be behind, and that the signed token lives (GitHub takes ten minutes at most)."""


class _Installation(Answer):
    id: int


class _Token(Answer):
    token: str
    expires_at: datetime


_known: dict[tuple[str, str, str, int | None], _Token] = {}
_lock = threading.Lock()


def installation_token(
    api: str,
    path: str,
    app: str,
    private_key: str,
    installation: int | None = None,
    *,
    ca_file: Path | None = None,
    transport: httpx.BaseTransport | None = None,
) -> str:
    """A token of the app's installation, for this repository alone; kept in memory until shortly before it ends.

    Args:
        api: Address of the REST API, e.g. ``https://api.github.com``.
        path: ``owner/name``.
        app: The app's client id (or its number).
        private_key: PEM, as GitHub gives it.
        installation: Number of the installation; None: the one that the repository has.
        transport: For tests of faults.

    Raises:
        HostError: host-invalid: the key is none, or PyJWT isn't installed; else what GitHub says.
    """
    place = (api, path, app, installation)
    with _lock:
        known = _known.get(place)
        if known is None or known.expires_at.timestamp() - _EARLY < time.time():
            known = _known[place] = _asked(api, path, app, private_key, installation, ca_file, transport)
        return known.token


def _asked(
    api: str,
    path: str,
    app: str,
    private_key: str,
    installation: int | None,
    ca_file: Path | None,
    transport: httpx.BaseTransport | None,
) -> _Token:
    signed = _signed(app, private_key)
    client = HostClient(api, httpx.URL(api).host, headers(signed), ca_file=ca_file, transport=transport)
    try:
        number = installation
        if number is None:
            number = read(_Installation, client.get(f"repos/{path}/installation")).id
        name = path.split("/")[-1]
        body = {"repositories": [name]}
        return read(_Token, client.send("POST", f"app/installations/{number}/access_tokens", body))
    except HostError as error:
        if error.code == "host-not-found":
            raise HostError(
                f"The GitHub App {app} isn't installed for {path}.",
                code="host-not-found",
                hint="Install it there, or look at git.app in olo.yml.",
            ) from error
        raise
    finally:
        client.close()


def _signed(app: str, private_key: str) -> str:
    try:
        import jwt
    except ImportError as error:
        raise HostError(
            "Signing in as a GitHub App needs PyJWT.",
            code="host-invalid",
            hint="pip install 'olo-jupyter[github-app]'",
        ) from error
    now = int(datetime.now(UTC).timestamp())
    claims = {"iat": now - _CLOCKS_DIFFER, "exp": now + _LIFETIME, "iss": app}
    try:
        return jwt.encode(claims, private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:  # the message might quote the key: it isn't told
        raise HostError(
            "git.app.private_key is no RSA private key in PEM.",
            code="host-invalid",
            hint="GitHub gives it once, as a .pem file, in the app's settings.",
        ) from error
