"""A small service of the Hub: a person's server asks, with its own token, for that person's fresh access token.

The refresh token stays in the Hub's encrypted auth state. Asking the Hub as the person's server makes the Hub renew the
auth state where it is old; the service then reads it. Only servers have the scope to ask; a browser's tokens have not.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import Application, HTTPError, RequestHandler

from olo_jupyter.hub.expiry import expires_at
from olo_jupyter.hub.rights import TOKENS

_SCOPE = f"access:services!service={TOKENS}"


class TokenHandler(RequestHandler):
    """GET /token: access_token, expires_at (seconds since 1970)."""

    def initialize(self, hub: str, own: str) -> None:
        """The Hub's API, and the service's own token for it."""
        self._hub, self._own = hub, own

    async def get(self) -> None:
        """Answer the owner of the token that came."""
        kind, _, token = self.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() not in ("token", "bearer") or not token:
            raise HTTPError(401)
        person = await self._ask("/user", token)
        if person.get("kind") != "user" or not _may(person.get("scopes", [])):
            raise HTTPError(403)
        model = await self._ask(f"/users/{quote(person['name'], safe='')}", self._own)
        access = ((model.get("auth_state") or {}).get("access_token")) or ""
        if not access:
            raise HTTPError(403)
        self.set_header("Cache-Control", "no-store")
        await self.finish({"access_token": access, "expires_at": expires_at(access, time.time())})

    async def _ask(self, path: str, token: str) -> dict[str, Any]:
        request = HTTPRequest(
            f"{self._hub}{path}",
            headers={"Authorization": f"token {token}"},
            request_timeout=20,
            follow_redirects=False,
        )
        try:
            response = await AsyncHTTPClient().fetch(request)
        except HTTPClientError as error:
            raise HTTPError(error.code if error.code in (401, 403) else 502) from None
        except OSError:
            raise HTTPError(502) from None
        found: dict[str, Any] = json.loads(response.body)
        return found

    def write_error(self, status_code: int, **_: Any) -> None:
        """The status alone."""
        self.finish({"status": status_code})


def _may(scopes: list[str]) -> bool:
    return _SCOPE in scopes or "access:services" in scopes


async def main() -> None:
    """Serve until the Hub stops this process."""
    hub, own = os.environ["JUPYTERHUB_API_URL"].rstrip("/"), os.environ["JUPYTERHUB_API_TOKEN"]
    application = Application([(r"/token", TokenHandler, {"hub": hub, "own": own})])
    address = os.environ.get("OLO_HUB_TOKENS_ADDRESS", "127.0.0.1")
    application.listen(int(os.environ["OLO_HUB_TOKENS_PORT"]), address)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
