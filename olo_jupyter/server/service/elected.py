"""The poller of all replicas: each could, one is elected and does; the next one goes on where it ended."""

from __future__ import annotations

import asyncio
import logging
import time

from olo_jupyter import measures
from olo_jupyter.errors import OloError
from olo_jupyter.server.mount import Threads
from olo_jupyter.server.poller import Poller
from olo_jupyter.server.service.followed import Followed
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.store.database import StoreError
from olo_jupyter.store.leader import Leader
from olo_jupyter.store.outbox import Memory, Outbox

_POLLER = 1
_MEMORY = "poller"
_FORGET_EVERY = 600.0
_log = logging.getLogger(__name__)


class ElectedPoller:
    """Looks for changes while this replica leads, and publishes them to the outbox.

    Args:
        poller: What looks; the first look after an election compares with what the one before saw.
        workspace: What is looked at; targets on other machines are followed by the leading replica, too.
        interval: Seconds between two looks.
    """

    def __init__(
        self, poller: Poller, outbox: Outbox, leader: Leader, threads: Threads, workspace: Workspace,
        interval: float = 1.0,
    ) -> None:  # fmt: skip
        self._poller = poller
        self.followed = Followed(workspace, outbox, lambda: self.leads)
        self._outbox = outbox
        self._leader = leader
        self._threads = threads
        self._interval = interval
        self._remembered: str | None = None
        self._forgot = time.monotonic()
        self.leads = False

    async def run(self) -> None:
        """Follow, for ever; ends when it is cancelled, and lets another one lead."""
        try:
            while True:
                try:
                    await self._threads.run("poller", self.look)
                except (OSError, OloError, ValueError) as error:
                    _log.warning("The poller can't look: %s", error)
                await asyncio.sleep(self._interval)
        finally:
            self.leads = False
            self.followed.stop()
            self._leader.resign()

    def look(self) -> None:
        """One look, where this replica leads.

        Raises:
            StoreError: What changed can't be kept; the next look finds it again.
        """
        leads = self._leader.lead()
        if leads and not self.leads:
            _log.info("This replica polls.")
            self._remembered = self._outbox.memory(_MEMORY)
            self._poller.recall(self._remembered)
        self.leads = leads
        if not leads:
            return
        self.followed.begin()
        with measures.look("project"):
            changes = self._poller.look()
        now = self._poller.remember()
        if changes or now != self._remembered:
            try:
                self._outbox.publish(changes, memory=Memory(_MEMORY, self._remembered, now))
            except StoreError:
                self.leads = False  # the next look begins from what is remembered
                raise
            self._remembered = now
        if time.monotonic() - self._forgot > _FORGET_EVERY:
            self._forgot = time.monotonic()
            self._outbox.forget()
