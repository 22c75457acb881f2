"""The service as one Tornado application, and its life: begin, serve, end without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from olo_jupyter.errors import OloError
from olo_jupyter.server.alike import Alike
from olo_jupyter.server.ending import ended
from olo_jupyter.server.mount import Threads, handlers
from olo_jupyter.server.poller import Poller
from olo_jupyter.server.routes.route import Route
from olo_jupyter.server.service.elected import ElectedPoller
from olo_jupyter.server.service.handlers import (
    EVENTS_PATH,
    AliveHandler,
    EventsHandler,
    MeasuresHandler,
    NoRouteHandler,
    ReadyHandler,
    Service,
    make,
)
from olo_jupyter.server.service.identity import Identity, Known
from olo_jupyter.server.service.limits import Rate
from olo_jupyter.server.service.measure import Measures
from olo_jupyter.server.service.members import Members
from olo_jupyter.server.service.tail import Tail
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.store.leader import Leader
from olo_jupyter.store.outbox import Outbox

STRANGERS_PER_MINUTE = 60
_HEADERS = 32_000
_GRACE = 10.0
"""Seconds that requests under way get when the service ends."""
_CUT = 2.0
"""Seconds that those which were cut off then get to notice it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where the service listens.

    Args:
        prefix: What comes before every path, ``/services/olo`` behind a Hub.
        certificate: The service's own, with its key, PEM.
    """

    host: str = "127.0.0.1"
    port: int = 8083
    prefix: str = ""
    certificate: Path | None = None
    key: Path | None = None


class Server:
    """One replica.

    Args:
        workspace: The project; its settings name the store and the limits.
        routes: What it serves; those of a person's own server (``local``) are left out.
        identity: Who checks tokens.
    """

    def __init__(self, workspace: Workspace, routes: Sequence[Route], identity: Identity, place: Place) -> None:
        settings = workspace.open().settings.service
        database = workspace.open().database
        self._threads = Threads()
        self._identity = Known(Members(identity, workspace))
        alike = Alike()
        self._tail = Tail(Outbox(database), self._threads, alike.forget)
        poller = Poller(workspace, lambda *_: None, self._threads.of("poller"))
        self.elected = ElectedPoller(poller, Outbox(database), Leader(database, 1), self._threads, workspace)
        self._service = Service(
            workspace=workspace,
            threads=self._threads,
            identity=self._identity,
            tail=self._tail,
            by_person=Rate(settings.requests_per_minute),
            by_stranger=Rate(STRANGERS_PER_MINUTE),
            seconds=settings.seconds,
            measures=Measures(workspace, self.elected.followed.ask),
            elect=self.elected.followed.ask,
            alike=alike,
            closing=asyncio.Event(),
        )
        self._service.measures.leads.set_function(lambda: float(self.elected.leads))
        served = [route for route in routes if not route.local]
        self._place = place
        self._largest = max([route.largest for route in served], default=0) + 1000
        self.application = _application(served, self._service, place.prefix)
        self.port = place.port

    async def serve(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``, then end: streams first, requests under way get some time.

        Raises:
            OloError: address-in-use: the port can't be had. certificate-invalid.
        """
        server = self._listen()
        tasks = [asyncio.create_task(self._tail.run()), asyncio.create_task(self.elected.run())]
        for task in tasks:
            task.add_done_callback(_log_failure)
        _log.info("olo serves on port %d", self.port)
        await stop.wait()
        _log.info("olo ends")
        self._service.closing.set()
        server.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await ended(lambda: not self._service.under_way, _GRACE)
        if self._service.under_way:
            _log.warning("%d requests were cut off.", len(self._service.under_way))
        # Tornado cuts every connection here, whatever is under way on it, and waits for what was cut.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), _CUT)
        self._threads.stop()
        await self._identity.close()

    def _listen(self) -> HTTPServer:
        place = self._place
        options: dict[str, Any] = {}
        if place.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            try:
                context.load_cert_chain(place.certificate, place.key)
            except (OSError, ssl.SSLError) as error:
                raise OloError(f"{place.certificate} can't be used: {error}.", code="certificate-invalid") from error
            options["ssl_options"] = context
        server = HTTPServer(
            self.application,
            max_body_size=self._largest,
            max_header_size=_HEADERS,
            body_timeout=30,
            idle_connection_timeout=75,
            **options,
        )
        try:
            sockets = bind_sockets(place.port, place.host)
        except OSError as error:
            raise OloError(
                f"Port {place.port} of {place.host} can't be had: {error.strerror}.", code="address-in-use",
                hint="Name another one: --port.",
            ) from error  # fmt: skip
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        return server


def _application(routes: Sequence[Route], service: Service, prefix: str) -> Application:
    shared = {"service": service}
    rules: list[tuple[str, Any, dict[str, Any]]] = [
        ("/health", AliveHandler, shared),
        ("/ready", ReadyHandler, shared),
        ("/metrics", MeasuresHandler, shared),
        (EVENTS_PATH, EventsHandler, shared),
        *((pattern, handler, shared) for pattern, handler in handlers(routes, make)),
    ]
    every = [*rules, *((f"{prefix}{pattern}", handler, given) for pattern, handler, given in rules if prefix)]
    return Application(
        every,
        default_handler_class=NoRouteHandler,
        default_handler_args=shared,
        log_function=_log_request,
    )


def _log_request(handler: Any) -> None:
    """The path without its query, which may hold what isn't for a log."""
    request = handler.request
    _log.info("%s %s %d %.0f ms", request.method, request.path, handler.get_status(), 1000 * request.request_time())


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("A part of the service stopped.", exc_info=error)
