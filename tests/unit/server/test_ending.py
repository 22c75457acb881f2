"""A person's server that is stopped while it answers ends by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import anyio.to_thread
import httpx2 as httpx
import pytest

from olo_jupyter.server.ending import settle
from tests.services.process import free_port, http_answers, until

SLOW = """
import time
import anyio.to_thread
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

class Slow(AsyncLargeFileManager):
    async def get(self, path, *args, **more):
        if path == "slow.txt":
            open("begun", "w").close()
            await anyio.to_thread.run_sync(time.sleep, 2)
        return await super().get(path, *args, **more)

c.ServerApp.contents_manager_class = Slow
c.ServerApp.jpserver_extensions = {"olo_jupyter": True}
c.ServerApp.allow_root = True
c.ServerApp.open_browser = False
c.IdentityProvider.token = "t"
"""


def test_what_a_thread_does_is_waited_for_and_not_for_ever() -> None:
    go_on, loop = threading.Event(), asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()  # as Jupyter Server's: no task is the loop's own
    request = asyncio.run_coroutine_threadsafe(anyio.to_thread.run_sync(go_on.wait), loop)
    until(lambda: any(thread.name == "AnyIO worker thread" for thread in threading.enumerate()))
    begun = time.monotonic()
    asyncio.run_coroutine_threadsafe(settle(0.3), loop).result(20)
    assert time.monotonic() - begun >= 0.3
    threading.Timer(0.3, go_on.set).start()
    asyncio.run_coroutine_threadsafe(settle(60), loop).result(30)
    assert request.done()
    loop.call_soon_threadsafe(loop.stop)


@pytest.mark.slow
def test_a_server_that_is_stopped_while_it_reads_a_file_for_somebody(tmp_path: Path) -> None:
    (tmp_path / "slow.txt").write_text("there")
    config = tmp_path / "config.py"
    config.write_text(SLOW)
    port = free_port()
    command = [sys.executable, "-m", "jupyter_server", f"--config={config}", "--ip=127.0.0.1", f"--port={port}"]
    environ = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path), "OLO_STATE": str(tmp_path / "state")}
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=output, stderr=subprocess.STDOUT)
    signed = {"Authorization": "token t"}
    answers: list[httpx.Response] = []
    url = f"http://127.0.0.1:{port}/api/contents/slow.txt"
    try:
        until(http_answers(f"http://127.0.0.1:{port}/api"), 60)
        asked = threading.Thread(target=lambda: answers.append(httpx.get(url, headers=signed, timeout=30)))
        asked.start()
        until((tmp_path / "begun").exists)
        server.send_signal(signal.SIGTERM)
        assert server.wait(40) == 0, log.read_text()
        asked.join(10)
    finally:
        server.kill()
        server.wait()
    assert answers[0].json()["content"] == "there"
