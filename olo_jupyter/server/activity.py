"""Under a Hub: when a person's server was used last. What open pages ask by themselves is no use of it.

Jupyter Server takes each request of an open JupyterLab for activity, so that a forgotten tab keeps a server for ever,
and a kernel that works for hours without printing for idle. Here a server is in use while a kernel is busy, when
something was typed or clicked in a page (which the extension tells, at most once a minute), when a terminal had input
or output, and while a code-server has an open window. It replaces JupyterHub's own report, whose interval is set to 0.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
from jupyter_server.serverapp import ServerApp
from tornado.web import authenticated

from olo_jupyter.server.jupyter import OloHandler
from olo_jupyter.server.routes.route import API

INTERVAL = "OLO_HUB_ACTIVITY_INTERVAL"
"""The variable that says, in seconds, how often the Hub is told; without it nothing is."""
PRESENCE = "olo_presence"
_HEARTBEAT = Path(".local/share/code-server/heartbeat")
_log = logging.getLogger(__name__)


class PresenceHandler(OloHandler):
    """POST: somebody is at a page of this server."""

    auth_resource = "olo-health"

    @authenticated
    async def post(self) -> None:
        """Note the time."""
        self.settings[PRESENCE] = datetime.now(UTC)
        self.set_status(204)
        await self.finish()


HANDLERS: list[tuple[str, Any]] = [(f"{API}/presence", PresenceHandler)]


def last_activity(serverapp: ServerApp, home: Path, now: datetime) -> datetime:
    """When a server was used last (UTC); ``now`` while a kernel works."""
    settings = serverapp.web_app.settings
    times: list[datetime] = [settings["started"]]
    kernels: list[dict[str, Any]] = serverapp.kernel_manager.list_kernels()  # type: ignore[no-untyped-call]
    for kernel in kernels:
        if kernel["execution_state"] == "busy":
            return now
        times.append(datetime.fromisoformat(kernel["last_activity"]))
    times += [settings[key] for key in (PRESENCE, "terminal_last_activity") if settings.get(key)]
    heartbeat = home / _HEARTBEAT
    if heartbeat.exists():
        times.append(datetime.fromtimestamp(heartbeat.stat().st_mtime, UTC))
    return min(max(time if time.tzinfo else time.replace(tzinfo=UTC) for time in times), now)


async def report(serverapp: ServerApp, environ: Mapping[str, str] = os.environ) -> None:
    """Tell the Hub again and again, until cancelled; returns at once where there is no Hub to tell."""
    url, interval = environ.get("JUPYTERHUB_ACTIVITY_URL", ""), float(environ.get(INTERVAL) or 0)
    if not url or not interval:
        return
    headers = {"Authorization": f"token {environ['JUPYTERHUB_API_TOKEN']}"}
    name = environ.get("JUPYTERHUB_SERVER_NAME", "")
    async with httpx.AsyncClient(timeout=10, verify=_certificates(environ), follow_redirects=False) as http:
        while True:
            at = last_activity(serverapp, Path.home(), datetime.now(UTC)).isoformat()
            body = {"servers": {name: {"last_activity": at}}, "last_activity": at}
            try:
                response = await http.post(url, headers=headers, json=body)
                if response.status_code >= 400:
                    _log.warning("The Hub refused this server's activity: %d", response.status_code)
            except httpx.HTTPError as error:
                _log.warning("The Hub could not be told of this server's activity: %s", type(error).__name__)
            await asyncio.sleep(interval)


def _certificates(environ: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Of a Hub that encrypts between its own parts (internal_ssl)."""
    authority = environ.get("JUPYTERHUB_SSL_CLIENT_CA")
    if not authority:
        return True
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(environ["JUPYTERHUB_SSL_CERTFILE"], environ["JUPYTERHUB_SSL_KEYFILE"])
    return context
