"""Replicas of the shared service in processes of their own, and who follows their events."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx

from olo_jupyter.server.proxy import Proxy
from olo_jupyter.service_settings import ServiceSettings
from tests.services.process import free_port

LIMIT = 90.0
"""Seconds after which something that must come has failed to, whatever else this machine does."""


class Replica:
    """One `olo serve` in a process of its own."""

    def __init__(self, root: Path, store: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._root, self._store = root, store
        self.log = root.parent / f"replica-{self.port}.log"
        self.start()

    def start(self) -> None:
        environ = {**os.environ, "OLO_SERVICE_DATABASE": self._store, "OLO_PROJECT": str(self._root)}
        command = [sys.executable, "-m", "olo_jupyter.cli", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)
        wait_for(lambda: self.get("/ready") == 200)

    def get(self, path: str, **options: Any) -> int:
        try:
            return httpx.get(f"{self.url}{path}", timeout=5, **options).status_code
        except httpx.HTTPError:
            return 0

    def leads(self) -> bool:
        return "olo_leads 1.0" in httpx.get(f"{self.url}/metrics", timeout=30).text

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


class Browser:
    """A person's server that follows the replicas' events, and keeps them."""

    def __init__(self, replicas: list[Replica], token: str) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.loop = asyncio.new_event_loop()
        settings = ServiceSettings(url=",".join(replica.url for replica in replicas))
        self.proxy = Proxy(settings, {"OLO_SERVICE_TOKEN": token})

        async def follow() -> None:
            async for kind, data in self.proxy.events():
                self.seen.append((kind, data))

        self.task = self.loop.create_task(follow())
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        wait_for(lambda: self.proxy.last != "")

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self.task)
        except asyncio.CancelledError:
            self.loop.run_until_complete(self.proxy.close())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(10)

    def states(self, run: str) -> list[str]:
        return [data["run"]["state"] for kind, data in list(self.seen) if "run" in data and data["run"]["id"] == run]


def wait_for(done: Callable[[], bool], seconds: float = LIMIT) -> None:
    """Wait until it is so.

    Raises:
        AssertionError: It isn't, after so many seconds.
    """
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)
