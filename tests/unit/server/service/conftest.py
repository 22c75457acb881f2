"""The shared service on a small project, in a thread, with an issuer of tokens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from olo_jupyter.server.roles import ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import Route
from olo_jupyter.server.service.app import Place, Server
from olo_jupyter.server.service.identity import OidcIdentity
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.service_settings import OidcSettings
from tests.issuer import AUDIENCE, Issuer

GROUPS = {f"group-{role}": role for role in ROLES}


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def token(issuer: Issuer) -> Callable[..., str]:
    """A token of a person in a role."""
    return lambda role, name="ana", **claims: issuer.token(name, f"group-{role}", **claims)


@contextmanager
def serving(project: Path, issuer: Issuer, routes: list[Route] | None = None) -> Iterator[str]:
    """The service's address while it runs."""
    identity = OidcIdentity(OidcSettings(issuer=issuer.url, audience=AUDIENCE), GROUPS)
    started, loop = threading.Event(), asyncio.new_event_loop()
    found: dict[str, Any] = {}

    async def run() -> None:
        found["stop"] = asyncio.Event()
        found["server"] = Server(Workspace(project), ROUTES if routes is None else routes, identity, Place(port=0))
        loop.call_later(0.05, started.set)
        await found["server"].serve(found["stop"])

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield f"http://127.0.0.1:{found['server'].port}"
    finally:
        loop.call_soon_threadsafe(found["stop"].set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()


@pytest.fixture
def service(project: Path, issuer: Issuer) -> Iterator[str]:
    with serving(project, issuer) as url:
        yield url


@pytest.fixture
def ask(service: str, token: Callable[..., str]) -> Iterator[Callable[..., httpx.Response]]:
    """Ask the service as somebody in a role."""
    with httpx.Client(base_url=service, timeout=20) as client:

        def ask(method: str, path: str, role: str = "platform-admin", **options: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token(role)}", **options.pop("headers", {})}
            return client.request(method, path, headers=headers, **options)

        yield ask
