"""The server's pulse: by it a page notices that events were lost, as while its machine slept or the server restarted.

It goes over the event socket that is there anyway, to all pages at once, and counts as nobody's activity.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable
from typing import Any

from olo_jupyter.server.events import ALIVE

SECONDS = 15.0


async def beat(emit: Callable[[str, dict[str, Any]], None], seconds: float = SECONDS) -> None:
    """Tell every few seconds which server this is, how old, and how many times it told that before; never ends."""
    boot, began = secrets.token_hex(4), time.time()
    for count in itertools.count():
        emit(ALIVE, {"boot": boot, "count": count, "age": round(time.time() - began, 1)})
        await asyncio.sleep(seconds)
