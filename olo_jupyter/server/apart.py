"""Tables are looked at in a process apart: a person's server stays small, and a statement that takes all memory ends
that process only. It is started when somebody looks at a table, and ended when nobody has for a while.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from olo_jupyter import measures
from olo_jupyter.errors import OloError
from olo_jupyter.server.context import User
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.routes.route import Route
from olo_jupyter.server.worker import LENGTH, packed

WAITING = 200
"""Requests that may wait."""
_PATIENCE = 5.0
"""Seconds that the process is given to end."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    """What the process answered: a status of HTTP and a JSON text."""

    status: int
    body: str


@dataclass
class _Worker:
    process: Process
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    listening: asyncio.Task[None] | None = None

    def begin_to_end(self) -> None:
        """Let it finish what it is at, and go."""
        if self.process.stdin is not None:
            self.process.stdin.close()


class Apart:
    """The process for tables of one server. For use in the event loop.

    Args:
        folder: Where the project is, as for :class:`olo_jupyter.server.workspace.Workspace`.
        server_root: The folder that the file browser shows.
        emit: Told the events of what the process changes.
        seconds: How long the process is kept after its last answer.
    """

    def __init__(
        self, folder: Path, server_root: Path, emit: Callable[[str, dict[str, Any]], None], seconds: float
    ) -> None:
        self._folder, self._root, self._emit, self._seconds = folder, server_root, emit, seconds
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._worker is None else self._worker.process.pid

    async def answer(self, route: Route, asked: Asked, user: User) -> Answered:
        """Have a request answered.

        Raises:
            OloError: busy: too many wait. tables-unavailable: the process ended, or can't be started.
        """
        began = time.perf_counter()
        worker = await self._running()
        if len(worker.waiting) >= WAITING:
            raise OloError(f"Too much waits in {route.area}.", code="busy", hint="Ask again in a moment.")
        number = next(self._numbers)
        future = worker.waiting[number] = asyncio.get_running_loop().create_future()
        self._stay()
        message = {
            "id": number, "method": route.method, "path": route.path, "names": dict(asked.path),
            "query": {name: list(values) for name, values in asked.query.items()},
            "body": asked.body.decode("utf-8", "surrogateescape"), "media_type": asked.media_type,
            "user": [user.name, user.display_name], "server_root": str(self._root),
        }  # fmt: skip
        code = "tables-unavailable"
        try:
            assert worker.process.stdin is not None
            try:
                worker.process.stdin.write(packed(message))
                await worker.process.stdin.drain()
            except ConnectionError:
                pass  # it is ending: who listens to it tells so
            told = await future
            code = str(told["code"])
            return Answered(int(told["status"]), str(told["body"]))
        finally:
            worker.waiting.pop(number, None)
            measures.answered(route.area, route.action, code, time.perf_counter() - began)
            if self._worker is worker and not worker.waiting:
                self._idle = asyncio.get_running_loop().call_later(self._seconds, self._rest)

    async def stop(self) -> None:
        """End the process; doing so again is no error."""
        self._stay()
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.begin_to_end()
        try:
            await asyncio.wait_for(worker.process.wait(), _PATIENCE)
        except TimeoutError:
            worker.process.kill()
            await worker.process.wait()
        if worker.listening is not None:
            await worker.listening

    async def _running(self) -> _Worker:
        async with self._starting:  # two first requests start one process
            if self._worker is None:
                command = [sys.executable, "-m", "olo_jupyter.server.worker", str(self._folder)]
                try:
                    # A session of its own: Ctrl-C in the server's terminal is the server's, which ends it.
                    process = await asyncio.create_subprocess_exec(
                        *command, stdin=PIPE, stdout=PIPE, start_new_session=True
                    )
                except OSError as error:
                    raise OloError(
                        "The process for tables can't be started.", code="tables-unavailable", hint=str(error.strerror)
                    ) from error
                self._worker = worker = _Worker(process)
                worker.listening = asyncio.create_task(self._listen(worker))
            return self._worker

    async def _listen(self, worker: _Worker) -> None:
        stream = worker.process.stdout
        assert stream is not None
        try:
            while True:
                (size,) = LENGTH.unpack(await stream.readexactly(LENGTH.size))
                message = json.loads(await stream.readexactly(size))
                if "event" in message:
                    self._emit(message["event"], message["data"])
                elif (future := worker.waiting.get(message["id"])) is not None and not future.done():
                    future.set_result(message)
        except asyncio.IncompleteReadError:
            code = await worker.process.wait()
        if self._worker is worker:
            self._worker = None
            _log.warning("The process for tables ended with %d; the next look at a table starts another.", code)
        for future in worker.waiting.values():
            if not future.done():
                hint = "It may have needed more memory than there is: ask for less, or again."
                message_ = "The process that works with tables ended before it had answered."
                future.set_exception(OloError(message_, code="tables-unavailable", hint=hint))

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _rest(self) -> None:
        worker = self._worker
        if worker is not None and not worker.waiting:
            self._worker = None
            worker.begin_to_end()
