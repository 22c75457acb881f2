"""A person's server as the way to the shared service: it passes requests on as that person, and events back.

The token is the server's own, of that person. No header of the browser goes along, none of the service's comes back.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2 as httpx

from olo_jupyter.backends.upstream.authority import authority_hint, certificates
from olo_jupyter.errors import OloError
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.events import CATALOG_CHANGED, JOBS_CHANGED
from olo_jupyter.server.routes.route import API, Route
from olo_jupyter.service_settings import ServiceSettings

HERE, LOST = "olo-here", "olo-lost"
"""Events of the stream itself: where it begins; that some before it are gone, so that pages must be read again."""
_LARGEST = 16_000_000
_LONGEST_LINE = 4_000_000
_SILENCE = 30.0
"""Seconds without a sign of life after which a stream is begun again."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Passed:
    """The service's answer, to be given on."""

    status: int
    body: bytes
    retry_after: str = ""


class Proxy:
    """The shared service as one person sees it.

    Args:
        settings: Where its replicas are.
        environ: Holds the person's token: ``JUPYTERHUB_API_TOKEN`` in a server of a Hub; ``OLO_SERVICE_TOKEN``, or the
            file that ``OLO_SERVICE_TOKEN_FILE`` names, elsewhere. Read at each request: it may be renewed.
    """

    def __init__(self, settings: ServiceSettings, environ: Mapping[str, str] = os.environ) -> None:
        self._urls = list(settings.urls)
        self._environ = environ
        self._seconds = settings.seconds + 5
        self.last = ""
        """Number of the last event that came; '' before the first stream has begun."""
        self._http = httpx.AsyncClient(
            verify=certificates(settings.ca_file),
            follow_redirects=False,  # a redirect would carry the token to another host
            timeout=httpx.Timeout(self._seconds, connect=5),
            trust_env=False,
        )

    async def forward(self, route: Route, asked: Asked) -> Passed:
        """Ask the service. A replica that isn't there is passed over; nothing is sent twice that arrived.

        Raises:
            OloError: service-unavailable: none answers. service-protocol: what answers isn't the service.
        """
        path = address(route, asked.path)
        query = httpx.QueryParams([(name, value) for name, values in asked.query.items() for value in values])
        headers = {**self._authorization(), "Accept": "application/json"}
        if asked.body:
            headers["Content-Type"] = "application/json"
        hint = ""
        for url in list(self._urls):
            request = self._http.build_request(
                route.method, f"{url}{path}", params=query, content=asked.body or None, headers=headers
            )
            try:
                return await self._sent(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                hint = hint or authority_hint(str(error), "service.ca_file")
                self._pass_over(url)
            except httpx.HTTPError as error:
                self._pass_over(url)
                if route.method != "GET":
                    raise _unavailable(error, "It may have been done: look before you do it again.") from error
        hint = hint or "The panels follow when it is back."
        raise OloError("The shared service doesn't answer.", code="service-unavailable", hint=hint)

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The service's events, for ever: after a break it goes on from the last one it has."""
        pause = 0.5
        while True:
            url = self._urls[0]
            try:
                async for number, kind, data in self._stream(url, self.last):
                    self.last, pause = number, 0.5
                    if kind == LOST:
                        yield CATALOG_CHANGED, {"catalog": ""}
                        yield JOBS_CHANGED, {}
                    elif kind != HERE:
                        yield kind, data
            except (httpx.HTTPError, OloError, ValueError) as error:
                _log.info("The service's events broke off: %s", type(error).__name__)
                pause = min(pause * 2, 5.0)
            self._pass_over(url)
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - so that not all come at once

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _sent(self, request: httpx.Request) -> Passed:
        response = await self._http.send(request, stream=True)
        try:
            if response.is_redirect:
                raise OloError(
                    "The shared service sends elsewhere.", code="service-protocol", hint="Check its address."
                )
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise OloError("The shared service's answer is too large.", code="service-protocol")
        finally:
            await response.aclose()
        if not response.headers.get("Content-Type", "").startswith("application/json") or not _is_object(body):
            if response.status_code in (502, 503, 504):  # of what stands before it
                raise httpx.RemoteProtocolError("no replica behind the proxy")
            raise OloError(
                "What answers is not the shared service.", code="service-protocol", hint="Check its address."
            )
        return Passed(response.status_code, body, response.headers.get("Retry-After", ""))

    async def _stream(self, url: str, last: str) -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
        headers = {**self._authorization(), "Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
        timeout = httpx.Timeout(_SILENCE, connect=5)
        async with self._http.stream("GET", f"{url}{API}/events", headers=headers, timeout=timeout) as response:
            if response.status_code != 200 or not response.headers.get("Content-Type", "").startswith(
                "text/event-stream"
            ):
                raise OloError(f"Events answer {response.status_code}.", code="service-protocol")
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                if len(line) > _LONGEST_LINE:
                    raise OloError("An event is too large.", code="service-protocol")
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields and "id" in fields:
                    yield fields["id"], fields["event"], json.loads(fields.get("data", "{}"))
                    fields = {}

    def _authorization(self) -> dict[str, str]:
        file = self._environ.get("OLO_SERVICE_TOKEN_FILE")
        try:
            written = Path(file).read_text(encoding="utf-8").strip() if file else ""
        except (OSError, UnicodeDecodeError) as error:
            raise OloError(
                "The file with your token can't be read.", code="service-token", hint="OLO_SERVICE_TOKEN_FILE names it."
            ) from error
        token = written or self._environ.get("OLO_SERVICE_TOKEN") or self._environ.get("JUPYTERHUB_API_TOKEN", "")
        if not token:
            raise OloError(
                "There is no token for the shared service.", code="service-token", hint="Set OLO_SERVICE_TOKEN_FILE."
            )
        return {"Authorization": f"Bearer {token}"}

    def _pass_over(self, url: str) -> None:
        """Ask the other replicas first from now on."""
        if len(self._urls) > 1 and self._urls[0] == url:
            self._urls = [*self._urls[1:], url]


def address(route: Route, path: Mapping[str, str]) -> str:
    """A route's path with its names percent-encoded.

    Example:
        >>> from olo_jupyter.server.models.base import Answer
        >>> route = Route("GET", "/jobs/{name}", "jobs", "read", lambda context, name: Answer(), Answer)
        >>> address(route, {"name": "a/b c"})
        '/olo/api/jobs/a%2Fb%20c'

    Raises:
        OloError: bad-parameter: a name that is a path of its own.
    """
    if any(value in (".", "..") for value in path.values()):
        raise OloError("'.' and '..' are no names.", code="bad-parameter")
    return API + route.path.format_map({name: quote(value, safe="") for name, value in path.items()})


async def pass_on(proxy: Proxy, emit: Callable[[str, dict[str, Any]], None]) -> None:
    """Tell this server's browsers the service's events, for ever."""
    async for schema_id, data in proxy.events():
        try:
            emit(schema_id, data)
        except Exception:  # noqa: BLE001 - an event of a later service than this server must not end the others
            _log.warning("An event of kind %s isn't known here.", schema_id)


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _unavailable(error: Exception, hint: str) -> OloError:
    _log.info("The service broke off: %s", type(error).__name__)
    return OloError("The shared service broke off.", code="service-unavailable", hint=hint)
