"""Reads that everybody gets the same answer to: asked of an upstream once, however many look at the same time.

Fifty people who have a panel open read again at the same event; the upstream sees what it would see of one.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from olo_jupyter.server.dispatch import Asked, Reply
from olo_jupyter.server.routes.route import Route

SECONDS = 2.0
"""How long an answer holds; less than what lies between two looks for changes."""
_KEPT = 500
_AREAS = frozenset({"jobs", "runs", "experiments", "lineage"})
"""What is read with one account, so that nothing depends on who asks."""


class Alike:
    """The last answers of a server. For use in its event loop.

    Args:
        seconds: How long an answer holds.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._answers: OrderedDict[tuple[object, ...], tuple[float, asyncio.Task[Reply]]] = OrderedDict()

    async def answer(self, route: Route, asked: Asked, work: Callable[[], Awaitable[Reply]]) -> Reply:
        """The answer to a read: one that is under way or new enough, else what ``work`` gives. Rights are not checked.

        Raises:
            OloError: As ``work``; not kept.
        """
        if route.method != "GET" or route.area not in _AREAS:
            return await work()
        query = tuple(sorted((name, tuple(values)) for name, values in asked.query.items()))
        key = (route.path, tuple(asked.path.items()), query)
        until, task = self._answers.get(key, (0.0, None))
        if task is None or (task.done() and time.monotonic() >= until):
            task = asyncio.ensure_future(work())
            self._answers[key] = (time.monotonic() + self._seconds, task)
            self._answers.move_to_end(key)
            task.add_done_callback(lambda done: self._ended(key, done))
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Something changed: who asks from now on gets an answer from after it."""
        self._answers.clear()

    def _ended(self, key: tuple[object, ...], task: asyncio.Task[Reply]) -> None:
        """An answer holds from its end on; a fault holds for nobody who comes later."""
        if self._answers.get(key, (0.0, None))[1] is not task:
            return
        if task.cancelled() or task.exception() is not None or task.result().status >= 400:
            del self._answers[key]
        else:
            self._answers[key] = (time.monotonic() + self._seconds, task)
