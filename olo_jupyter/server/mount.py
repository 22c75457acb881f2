"""What both servers share: a handler a path, and threads for work that blocks, an area apart from the others."""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from tornado.web import RequestHandler

from olo_jupyter.errors import OloError
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.routes.route import Route

_THREADS = 4
_WAITING = 200
"""Requests of one area that may wait for its threads."""

Found = TypeVar("Found")


class Threads:
    """A few threads an area, made when first needed: one that waits for a slow upstream holds up its own area only."""

    def __init__(self) -> None:
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._asked: dict[str, int] = defaultdict(int)

    async def run(self, area: str, work: Callable[[], Found], seconds: float | None = None) -> Found:
        """Do work in a thread of an area.

        Args:
            seconds: How long to wait for it; what takes longer goes on without anybody.

        Raises:
            OloError: busy: too many wait already. timeout: it took too long.
        """
        if self._asked[area] >= _WAITING:
            raise OloError(f"Too much waits in {area}.", code="busy", hint="Ask again in a moment.")
        self._asked[area] += 1
        future = asyncio.get_running_loop().run_in_executor(self.of(area), work)
        future.add_done_callback(lambda _: self._done(area))
        try:
            return await asyncio.wait_for(asyncio.shield(future), seconds)
        except TimeoutError as error:
            hint = "What it began goes on; look again before you repeat it."
            raise OloError(f"It took longer than {seconds:g} s.", code="timeout", hint=hint) from error

    def _done(self, area: str) -> None:
        self._asked[area] -= 1

    def of(self, area: str) -> ThreadPoolExecutor:
        """The threads of an area; call it in the event loop."""
        if area not in self._pools:
            self._pools[area] = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"olo-{area}")
        return self._pools[area]

    def stop(self) -> None:
        """Begin nothing new; what runs ends by itself."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def handlers(
    routes: Sequence[Route], make: Callable[[dict[str, Route]], type[RequestHandler]]
) -> list[tuple[str, Any]]:
    """A handler class for each path; literal parts of a path win over names.

    Args:
        make: Makes the class for one path from its routes by method.
    """
    by_path: dict[str, dict[str, Route]] = defaultdict(dict)
    for route in routes:
        if route.method in by_path[route.path]:
            raise ValueError(f"{route.method} {route.path} is there twice")
        by_path[route.path][route.method] = route
    ordered = sorted(by_path.items(), key=lambda item: [part.startswith("{") for part in item[0].split("/")])
    return [(next(iter(methods.values())).pattern, make(methods)) for _, methods in ordered]


def asked(handler: RequestHandler, route: Route, parts: Sequence[str]) -> Asked:
    """The request that a handler is at.

    Raises:
        OloError: bad-parameter: a path or query that is no UTF-8 text, or holds a NUL.
    """
    query: dict[str, list[str]] = {}
    try:
        for name, values in handler.request.query_arguments.items():
            query[name] = [value.decode("utf-8") for value in values]
    except UnicodeDecodeError as error:
        raise OloError("The query is not UTF-8 text.", code="bad-parameter") from error
    texts = [*parts, *query, *(value for values in query.values() for value in values)]
    if any("\0" in text for text in texts):
        raise OloError("A name or value holds a NUL character.", code="bad-parameter")
    media_type = handler.request.headers.get("Content-Type", "")
    body = _plain(handler, route.largest)
    return Asked(dict(zip(route.names, parts, strict=True)), query, body, media_type)


def _plain(handler: RequestHandler, largest: int) -> bytes:
    """The body without its compression, and no more of it than what shows that it is too large."""
    body = handler.request.body
    if handler.request.headers.get("Content-Encoding", "").strip().lower() != "gzip":
        return body
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unpack.decompress(body, largest + 1)
    except zlib.error as error:
        raise OloError("The body is not gzip.", code="bad-parameter") from error
    if not unpack.eof and len(plain) <= largest:
        raise OloError("The compressed body is cut.", code="bad-parameter")
    return plain
