"""The routes in Jupyter Server: for the one whose server it is, who may do everything, or what their roles give."""

from __future__ import annotations

import asyncio
from http.client import responses
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, authenticated

from olo_jupyter.backends.registry import backend_for
from olo_jupyter.errors import OloError
from olo_jupyter.server.alike import Alike
from olo_jupyter.server.apart import Apart
from olo_jupyter.server.context import Context
from olo_jupyter.server.dispatch import Asked, Reply, answer, failed
from olo_jupyter.server.models.base import Failure
from olo_jupyter.server.mount import Threads, asked
from olo_jupyter.server.own_rights import owner
from olo_jupyter.server.proxy import Proxy
from olo_jupyter.server.routes.route import API, Action, Route

_JUPYTER_ACTION: dict[Action, str] = {
    "read": "read", "write": "write", "admin": "write", "trigger": "execute", "deploy": "execute",
}  # fmt: skip


class OloHandler(APIHandler):
    """The base: JSON errors in our form; what pages ask by themselves is no sign of a person."""

    _track_activity = False

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Errors of the framework and unexpected ones (whose traceback goes to the log) as code, message, hint."""
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
        """A browser that went away before its answer is no error."""
        if not isinstance(value, StreamClosedError):
            super().log_exception(typ, value, tb)

    async def perform(self, route: Route, parts: tuple[str, ...]) -> None:
        """Do a route's work in a thread of its area, or apart, and answer; beside a shared service, let that do it."""
        proxy: Proxy | None = self.settings["olo_proxy"]
        if proxy is not None and not route.local:
            await self._pass(proxy, route, parts)
            return
        loop = asyncio.get_running_loop()

        def emit(schema_id: str, data: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(self.settings["olo_emit"], schema_id, data)

        person = self.current_user
        context = Context(
            workspace=self.settings["olo_workspace"],
            user=owner(person.username, person.display_name or ""),
            server_root=Path(self.settings["server_root_dir"]).expanduser().resolve(),
            emit=emit,
        )
        threads: Threads = self.settings["olo_threads"]
        alike: Alike = self.settings["olo_alike"]
        try:
            if (own := self.settings["olo_rights"]) is not None:
                await own.check(route)
            request = asked(self, route, parts)
            apart: Apart | None = self.settings["olo_apart"]
            if route.apart and apart is not None:
                answered = await apart.answer(route, request, context.user)
                self.set_status(answered.status)
                await self.finish(answered.body)
                return

            async def work() -> Reply:
                return await threads.run(route.area, lambda: answer(route, context, request))

            if route.action != "read":
                try:
                    reply = await work()
                finally:
                    alike.forget()
            elif _is_far(route, context, request):
                reply = await alike.answer(route, request, work)
            else:
                reply = await work()
        except OloError as error:
            reply = failed(error)
        await self._reply(reply)

    async def _pass(self, proxy: Proxy, route: Route, parts: tuple[str, ...]) -> None:
        try:
            passed = await proxy.forward(route, asked(self, route, parts))
        except OloError as error:
            await self._reply(failed(error))
            return
        # 401 is this server's token, not the browser's: a page must not ask its user to sign in for it.
        self.set_status(403 if passed.status == 401 else passed.status)
        if passed.retry_after.isdecimal():
            self.set_header("Retry-After", passed.retry_after)
        await self.finish(passed.body)

    async def _reply(self, reply: Reply) -> None:
        self.set_status(reply.status)
        await self.finish(reply.model.model_dump_json())


def _is_far(route: Route, context: Context, request: Asked) -> bool:
    """Whether another machine is asked: then many pages are one question. Files of this one are read as they are.

    Raises:
        OloError: olo.yml isn't valid, or names a backend that nothing serves.
    """
    if route.area in ("jobs", "runs"):
        target = request.query.get("target", [""])[0]
        return bool(target) and not context.opened.following.is_local(target)
    if route.area == "lineage":
        return backend_for(context.opened.settings, "lineage").type != "store"
    return route.area == "experiments"


class NoRouteHandler(OloHandler):
    """Every other path below the API: 404 in our form."""

    @authenticated
    async def get(self) -> None:
        raise HTTPError(404, f"There is no route {self.request.path.rpartition(API)[2]}.")

    post = put = delete = patch = get


def make(methods: dict[str, Route]) -> type[RequestHandler]:
    """The handler class of one path."""
    return type("RouteHandler", (OloHandler,), {method.lower(): _method(route) for method, route in methods.items()})


def _method(route: Route) -> Any:
    async def method(self: OloHandler, *parts: str) -> None:
        await self.perform(route, parts)

    allowed: Any = authorized(action=_JUPYTER_ACTION[route.action], resource=f"olo-{route.area}")
    return authenticated(allowed(method))
