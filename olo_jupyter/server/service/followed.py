"""Orchestrators far away, followed by the replica that leads: one look for all replicas and all their browsers.

Which targets somebody looks at, and up to when their changes were told, is in the store: so the next leader goes on
where the last one ended, and two that both think they lead never tell the same twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from olo_jupyter import measures
from olo_jupyter.errors import OloError
from olo_jupyter.server.following import INTERVAL, LONGEST_PAUSE, Told, rest
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.store.database import StoreError
from olo_jupyter.store.outbox import Memory, Outbox

_ROW = "follow/"
_KEEP_EVERY = 10.0
"""Seconds after which it is noted how far the looks are, though nothing changed."""
_log = logging.getLogger(__name__)


class Followed:
    """The targets that somebody looked at. Safe to use from several threads.

    Args:
        leads: Whether this replica leads.
    """

    def __init__(self, workspace: Workspace, outbox: Outbox, leads: Callable[[], bool]) -> None:
        self._workspace, self._outbox, self._leads = workspace, outbox, leads
        self._asked: set[str] = set()
        self._threads: dict[str, threading.Thread] = {}
        self._stop = threading.Event()

    def ask(self, target: str) -> None:
        """Somebody looks at a target: it is followed from now on, by whoever leads.

        Where that can't be noted, what is looked at is shown all the same, and the next one who looks notes it.
        """
        if target in self._asked:
            return
        row = f"{_ROW}{target}"
        try:
            if self._outbox.memory(row) is None:
                self._outbox.publish([], memory=Memory(row, None, ""))
        except StoreError as error:
            if error.code != "memory-moved":  # else another replica noted it meanwhile
                _log.warning("Nobody can be asked to follow %s: %s", target, error)
                return
        self._asked.add(target)

    def begin(self) -> None:
        """On the replica that leads: look at each target that somebody asked for, in a thread of its own.

        Raises:
            StoreError: The targets can't be read.
        """
        for row in self._outbox.memories(_ROW):
            thread = self._threads.get(row)
            if thread is None or not thread.is_alive():
                self._threads[row] = threading.Thread(target=self._follow, args=(row,), name=f"olo-{row}", daemon=True)
                self._threads[row].start()

    def stop(self) -> None:
        """Begin no more looks."""
        self._stop.set()

    def _follow(self, row: str) -> None:
        target, told, pause = row.removeprefix(_ROW), Told(), INTERVAL
        after: str | None = None
        kept, kept_at = "", 0.0
        while self._leads() and not self._stop.wait(pause):
            begun = time.monotonic()
            try:
                if after is None:
                    after = kept = self._outbox.memory(row) or ""
                with measures.look(target):
                    changes = self._workspace.open().following.orchestrator(target).changes(after)
                events = told.news(changes)
                if events or time.monotonic() - kept_at > _KEEP_EVERY:
                    self._outbox.publish(events, memory=Memory(row, kept, changes.after))
                    kept, kept_at = changes.after, time.monotonic()
                self._workspace.open().following.count(target, changes)
                after, pause = changes.after, rest(begun)
            except StoreError as error:
                # Another one may lead by now; what wasn't kept is found again.
                _log.warning("What changed in %s can't be told: %s", target, error)
                after, told = None, Told()
            except OloError as error:
                if pause <= INTERVAL:
                    _log.warning("Can't follow %s: %s", target, error)
                pause = min(2 * max(pause, INTERVAL), LONGEST_PAUSE)
