"""The service's handlers: the routes for who may use them, the stream of events, health."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.client import responses
from pathlib import Path
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from olo_jupyter.errors import OloError
from olo_jupyter.server.alike import Alike
from olo_jupyter.server.context import Context
from olo_jupyter.server.dispatch import Reply, answer, denied, failed
from olo_jupyter.server.events import area_of
from olo_jupyter.server.models.base import Failure
from olo_jupyter.server.mount import Threads, asked
from olo_jupyter.server.proxy import HERE, LOST
from olo_jupyter.server.routes.route import API, Route
from olo_jupyter.server.service.identity import Known, NotSignedIn, Person, bearer
from olo_jupyter.server.service.limits import Rate
from olo_jupyter.server.service.measure import Measures
from olo_jupyter.server.service.tail import Tail
from olo_jupyter.server.workspace import Workspace

_BEAT = 10.0
"""Seconds after which a silent stream shows that it lives, and its owner's rights are looked at again."""
_NOWHERE = Path("/dev/null/nowhere")
"""The service shows no files: no path counts from its folder."""


@dataclass(frozen=True)
class Service:
    """What the handlers share."""

    workspace: Workspace
    threads: Threads
    identity: Known
    tail: Tail
    by_person: Rate
    by_stranger: Rate
    seconds: float
    measures: Measures
    elect: Callable[[str], None]
    alike: Alike
    closing: asyncio.Event
    under_way: set[RequestHandler] = field(default_factory=set)
    """Requests that are being answered: the service's end waits for them."""


class ServiceHandler(RequestHandler):
    """The base: who asks, how often, errors in our form, nothing for a browser to show or keep."""

    service: Service

    def initialize(self, service: Service) -> None:
        """Tornado's way to hand over what handlers share."""
        self.service = service

    def set_default_headers(self) -> None:
        """No page of ours, or of another site, does anything with an answer."""
        self.clear_header("Server")
        self.set_header("Content-Type", "application/json")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def check_xsrf_cookie(self) -> None:
        """Nothing here reads a cookie: a token in a header is what no other site's page can add."""

    async def person(self) -> Person:
        """Who asks.

        Raises:
            NotSignedIn: Nobody that is known.
            OloError: too-many-requests, identity-unavailable.
        """
        address = self.request.remote_ip or ""
        try:
            person = await self.service.identity.person(bearer(self.request.headers.get("Authorization", "")))
        except NotSignedIn:
            self._slow_down(self.service.by_stranger, address)
            raise
        self._slow_down(self.service.by_person, person.user.name)
        return person

    def _slow_down(self, rate: Rate, name: str) -> None:
        if seconds := rate.wait(name):
            self.set_header("Retry-After", str(math.ceil(seconds)))
            raise OloError(
                "These are too many requests.", code="too-many-requests", hint=f"Wait {math.ceil(seconds)} s."
            )

    async def reply(self, reply: Reply) -> None:
        """Answer."""
        self.set_status(reply.status)
        if reply.status == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        await self.finish(reply.model.model_dump_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Errors of the framework and unexpected ones (whose traceback goes to the log) in our form."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        message = responses.get(status_code, "Unknown HTTP error")
        if isinstance(error, HTTPError):
            failure = Failure(code=message.lower().replace(" ", "-"), message=error.log_message or message)
        else:
            failure = Failure(
                code="internal", message="The server failed while it worked on this.", hint="Its log says why."
            )
        self.finish(failure.model_dump_json())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A browser that went away is no error."""
        if not isinstance(value, StreamClosedError):
            super().log_exception(typ, value, tb)


class NoRouteHandler(ServiceHandler):
    """Every other path: 404 in our form."""

    def prepare(self) -> None:
        raise HTTPError(404, "There is no such route.")


def make(methods: dict[str, Route]) -> type[RequestHandler]:
    """The handler class of one path."""
    members: dict[str, Any] = {method.lower(): _method(route) for method, route in methods.items()}

    def refuse(self: ServiceHandler, *_: str) -> None:
        self.set_header("Allow", ", ".join(sorted(methods)))
        raise HTTPError(405)

    for method in ("get", "post", "put", "delete", "patch", "head", "options"):
        members.setdefault(method, refuse)
    return type("RouteHandler", (ServiceHandler,), members)


def _method(route: Route) -> Any:
    async def method(self: ServiceHandler, *parts: str) -> None:
        self.service.under_way.add(self)
        try:
            try:
                reply = await _answered(self, route, parts)
            except OloError as error:
                reply = failed(error)
            self.service.measures.request(route, reply.status)
            await self.reply(reply)
        finally:
            self.service.under_way.discard(self)

    return method


async def _answered(handler: ServiceHandler, route: Route, parts: tuple[str, ...]) -> Reply:
    service = handler.service
    person = await handler.person()
    request = asked(handler, route, parts)

    def emit(schema_id: str, data: dict[str, Any]) -> None:
        from olo_jupyter.store.outbox import Outbox

        Outbox(context.opened.database).publish([(schema_id, data)])

    user = replace(person.user, rights=frozenset(map(":".join, person.rights)))
    context = Context(service.workspace, user, _NOWHERE, emit, service.elect)
    if (route.area, route.action) not in person.rights:
        return await service.threads.run("denied", lambda: denied(route, context, request), service.seconds)

    async def work() -> Reply:
        return await service.threads.run(route.area, lambda: answer(route, context, request), service.seconds)

    if route.action == "read":
        return await service.alike.answer(route, request, work)
    try:
        return await work()
    finally:
        service.alike.forget()


class EventsHandler(ServiceHandler):
    """GET: events as they come, as a stream of server-sent events. Last-Event-ID: go on after that one."""

    async def get(self) -> None:
        """Stream until one side ends it; the other side then goes on from the last event it has."""
        try:
            person = await self.person()
            last = self._last()
            if self.service.tail.newest is None:
                raise OloError("Events can't be read now.", code="store", hint="Try again in a moment.")
        except OloError as error:
            await self.reply(failed(error))
            return
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")
        self.service.measures.streams.inc()
        try:
            await self._stream(person, last)
        except (StreamClosedError, OloError):
            pass  # it begins again, and says what it has
        finally:
            self.service.measures.streams.dec()

    async def _stream(self, person: Person, last: int | None) -> None:
        tail, closing = self.service.tail, self.service.closing
        assert tail.newest is not None
        gone = last is not None and not tail.oldest - 1 <= last <= tail.newest
        number = tail.newest if last is None or gone else last
        await self._write(LOST if gone else HERE, "{}", number)
        token = bearer(self.request.headers.get("Authorization", ""))
        while not closing.is_set():
            found = await self._next(number)
            person = await self.service.identity.person(token)
            for event in found:
                number = event.number
                if (area_of(event.schema_id), "read") in person.rights:
                    await self._write(event.schema_id, json.dumps(event.data), number)
            if not found:
                self.write(": \n\n")
                await self.flush()

    async def _next(self, number: int) -> list[Any]:
        """The next events; nothing when it took a beat, or the service ends."""
        reading = asyncio.ensure_future(self.service.tail.after(number, _BEAT))
        ending = asyncio.ensure_future(self.service.closing.wait())
        await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not reading.done():
            reading.cancel()
            return []
        return reading.result()

    async def _write(self, kind: str, data: str, number: int) -> None:
        self.write(f"id: {number}\nevent: {kind}\ndata: {data}\n\n")
        await self.flush()

    def _last(self) -> int | None:
        text = self.request.headers.get("Last-Event-ID", "")
        if not text:
            return None
        if not text.isdecimal() or len(text) > 18:
            raise OloError("Last-Event-ID is no number.", code="bad-parameter")
        return int(text)


class AliveHandler(ServiceHandler):
    """GET: the process answers."""

    async def get(self) -> None:
        """Answer."""
        await self.finish({"status": "alive"})


class ReadyHandler(ServiceHandler):
    """GET: it can work: the project is valid, its store answers, it isn't ending."""

    async def get(self) -> None:
        """Answer 200 or 503, without details: anybody may ask."""
        try:
            if self.service.closing.is_set():
                raise OloError("It ends.", code="closing")
            await self.service.threads.run("ready", lambda: self.service.workspace.open().database.check(), 5)
        except OloError as error:
            self.set_status(503)
            await self.finish({"status": "not ready", "because": error.code})
            return
        await self.finish({"status": "ready"})


class MeasuresHandler(ServiceHandler):
    """GET: figures for Prometheus: counts and times by area, never a name."""

    async def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        await self.finish(self.service.measures.text())


EVENTS_PATH = f"{API}/events"
