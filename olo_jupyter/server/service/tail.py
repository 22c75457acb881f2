"""The newest events of the store, read once a replica for all browsers that hang on it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from olo_jupyter.errors import OloError
from olo_jupyter.server.mount import Threads
from olo_jupyter.store.outbox import Event, Outbox

INTERVAL = 0.25
"""Seconds between two looks at the store."""
_KEPT = 2_000
_PAGE = 500
_log = logging.getLogger(__name__)


class Tail:
    """Follows the outbox.

    Args:
        threads: Where the reading is done, in an area of its own.
        changed: Called before anybody gets to know of new events.
    """

    def __init__(self, outbox: Outbox, threads: Threads, changed: Callable[[], None]) -> None:
        self._outbox = outbox
        self._threads, self._changed = threads, changed
        self._recent: deque[Event] = deque(maxlen=_KEPT)
        self._more = asyncio.Event()
        self.oldest = 0
        self.newest: int | None = None
        """The number of the last event that was read; None before the store was reached."""

    async def run(self) -> None:
        """Follow, for ever."""
        while True:
            try:
                if self.newest is None:
                    self.oldest, self.newest = await self._threads.run("events", self._outbox.span)
                found = await self._read(self.newest or 0)
            except OloError as error:
                _log.warning("Events can't be read: %s", error)
                await asyncio.sleep(1)
                continue
            if found:
                self._changed()
                self._recent.extend(found)
                self.newest = found[-1].number
                more, self._more = self._more, asyncio.Event()
                more.set()
            if len(found) < _PAGE:
                await asyncio.sleep(INTERVAL)

    async def after(self, number: int, seconds: float) -> list[Event]:
        """The events after one, oldest first; waits for some, at most so long.

        Raises:
            OloError: They can't be read.
        """
        if self.newest is None or number >= self.newest:
            try:
                await asyncio.wait_for(self._more.wait(), seconds)
            except TimeoutError:
                return []
        if self._recent and number >= self._recent[0].number - 1:
            return [event for event in self._recent if event.number > number]
        return await self._read(number)

    async def _read(self, number: int) -> list[Event]:
        return await self._threads.run("events", lambda: self._outbox.after(number, _PAGE))
