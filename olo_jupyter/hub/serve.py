"""Keeps the shared service running under the Hub, which itself ends when a service of its ends while it starts.

An olo.yml with an error, or a database that isn't there yet, is no reason for nobody to sign in. Until the service is
up this answers in its place, and then tries again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Mapping
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

PAUSE, LONGEST = 2.0, 30.0
"""Seconds between two tries: at first, and at most."""
_WELL = 60.0
"""Seconds after which a service that ends had been well."""


class AwayHandler(RequestHandler):
    """Answers for a service that isn't up."""

    def initialize(self, root: str) -> None:
        """The path by which the Hub knows the service: it answers as it does when all is well, no such route."""
        self._root = root

    def check_xsrf_cookie(self) -> None:
        """There is nothing here to do."""

    def prepare(self) -> None:
        """Every request's answer."""
        self.set_status(404 if self.request.path == self._root else 503)
        self.set_header("Retry-After", "5")
        self.finish(
            {
                "code": "service-unavailable",
                "message": "The shared service is not running.",
                "hint": "An administrator finds the reason in the Hub's log.",
            }
        )


async def main() -> int:
    """Run the service until the Hub stops this process; its exit code."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pause = PAUSE
    while True:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "olo_jupyter.cli", "serve")
        status = await _until(stop, process)
        if stop.is_set():
            return status
        pause = PAUSE if time.monotonic() - began > _WELL else min(2 * pause, LONGEST)
        _say(f"olo serve ended with {status}; it is started again in {pause:g} s.")
        await _answer_meanwhile(os.environ, stop, pause)
        if stop.is_set():
            return 0


async def _until(stop: asyncio.Event, process: Process) -> int:
    """The exit code of a process, which ends by itself, or by ``stop``."""
    ended, stopped = asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())
    await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if process.returncode is None:
        process.terminate()
    return await ended


async def _answer_meanwhile(environ: Mapping[str, str], stop: asyncio.Event, seconds: float) -> None:
    url = urlsplit(environ.get("JUPYTERHUB_SERVICE_URL", ""))
    root = f"{environ.get('JUPYTERHUB_SERVICE_PREFIX', '').rstrip('/')}/"
    context = None
    if certificate := environ.get("JUPYTERHUB_SSL_CERTFILE"):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, environ["JUPYTERHUB_SSL_KEYFILE"])
    server = HTTPServer(Application([(r".*", AwayHandler, {"root": root})]), ssl_options=context)
    try:
        server.listen(url.port or 8083, url.hostname or "127.0.0.1")
    except OSError as error:
        _say(f"Nor can its port be had: {error.strerror}.")
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
    finally:
        server.stop()
        await server.close_all_connections()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
