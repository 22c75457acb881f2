"""Begin the service as its surroundings say: a Hub's environment variables, else the project's settings."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from olo_jupyter.config import Settings
from olo_jupyter.config_file import ConfigError
from olo_jupyter.errors import OloError
from olo_jupyter.server.roles import ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.service.app import Place, Server
from olo_jupyter.server.service.identity import HubIdentity, Identity, OidcIdentity
from olo_jupyter.server.workspace import Workspace

_LEVELS = ("debug", "info", "warning", "error")


def start(host: str, port: int | None, certificate: Path | None, key: Path | None, log_level: str) -> None:
    """Serve until a signal says to end.

    Raises:
        OloError: The settings don't say who checks tokens; the port can't be had; the store's address isn't one.
    """
    if log_level not in _LEVELS:
        raise OloError(f"There is no log level {log_level!r}.", code="bad-parameter", hint=f"One of {_LEVELS}.")
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for loud in ("httpx2", "httpcore2", "alembic", "sqlalchemy"):
        logging.getLogger(loud).setLevel(logging.WARNING)
    workspace = Workspace(Path.cwd())

    async def run() -> None:
        identity = identity_of(workspace.open().settings, os.environ)
        place = place_of(os.environ, host, port, certificate, key)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await Server(workspace, ROUTES, identity, place).serve(stop)

    asyncio.run(run())


def identity_of(settings: Settings, environ: Mapping[str, str]) -> Identity:
    """Who checks tokens: the Hub whose service this is, else the provider that olo.yml names.

    Raises:
        ConfigError: Neither is there, or olo.yml gives a group a role that isn't one.
    """
    if api := environ.get("JUPYTERHUB_API_URL"):
        access = frozenset(json.loads(environ.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES") or "[]"))
        return HubIdentity(api, access, _hub_certificates(environ))
    service = settings.service
    if service.oidc is None:
        raise ConfigError(
            "Nobody checks tokens: this is no service of a JupyterHub, and olo.yml has no service.oidc.",
            hint="Name the provider: service: {oidc: {issuer: …, audience: …}, groups: {GROUP: ROLE}}.",
        )
    for group, role in service.groups.items():
        if role not in ROLES:
            raise ConfigError(f"olo.yml: service.groups.{group}: {role!r} is no role.", hint=f"One of {list(ROLES)}.")
    return OidcIdentity(service.oidc, service.groups)


def place_of(
    environ: Mapping[str, str], host: str, port: int | None, certificate: Path | None, key: Path | None
) -> Place:
    """Where to listen: what the options say, else the Hub, else this machine's port 8083."""
    url = urlsplit(environ.get("JUPYTERHUB_SERVICE_URL", ""))
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX", "").rstrip("/")
    if certificate is None and (given := environ.get("JUPYTERHUB_SSL_CERTFILE")):
        certificate, key = Path(given), Path(environ["JUPYTERHUB_SSL_KEYFILE"])
    return Place(
        host=host or url.hostname or Place.host,
        port=port if port is not None else url.port or Place.port,
        prefix=prefix,
        certificate=certificate,
        key=key,
    )


def _hub_certificates(environ: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Of a Hub that encrypts between its own parts (internal_ssl): who it is, and who this is."""
    authority = environ.get("JUPYTERHUB_SSL_CLIENT_CA")
    if not authority:
        return True
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(environ["JUPYTERHUB_SSL_CERTFILE"], environ["JUPYTERHUB_SSL_KEYFILE"])
    return context
