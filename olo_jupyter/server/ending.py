"""The end of a server: what is under way for somebody is done first."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

SECONDS = 10.0
"""How long an end waits for it."""
_WORKER = "AnyIO worker thread"


async def settle(seconds: float = SECONDS) -> None:
    """Wait until Jupyter Server's threads are done with files, ``seconds`` at most.

    Jupyter Server stops its event loop in the middle of requests. AnyIO ends a thread with the request that it works
    for; one whose request is never gone on with waits for ever, and the process with it.
    """
    await ended(lambda: all(thread.name != _WORKER for thread in threading.enumerate()), seconds)


async def ended(is_done: Callable[[], bool], seconds: float) -> None:
    """Wait until something is done, ``seconds`` at most."""
    end = time.monotonic() + seconds
    while not is_done() and time.monotonic() < end:
        await asyncio.sleep(0.05)
