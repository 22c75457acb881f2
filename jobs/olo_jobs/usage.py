"""What a try of a task used, told as the key of an XCom.

Airflow's API lists the keys of many runs at once and gives values one by one: figures in the key cost one request for
a hundred tasks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PREFIX = "olo_usage"
_KEY = re.compile(rf"{PREFIX}:(\d+(?:\.\d+)?):(\d+):(\d+)")


@dataclass(frozen=True)
class Usage:
    """CPU time of its processes and of the engine's server, the most memory at once, what statements read."""

    cpu_seconds: float
    memory_bytes: int
    bytes_scanned: int


def usage_key(usage: Usage) -> str:
    """The key that tells it.

    Example:
        >>> usage_key(Usage(1.25, 4096, 0))
        'olo_usage:1.250:4096:0'
    """
    return f"{PREFIX}:{usage.cpu_seconds:.3f}:{usage.memory_bytes}:{usage.bytes_scanned}"


def read_usage_key(key: str) -> Usage | None:
    """What a key tells; None for one that is no such key.

    Example:
        >>> read_usage_key("olo_usage:1.250:4096:0")
        Usage(cpu_seconds=1.25, memory_bytes=4096, bytes_scanned=0)
        >>> read_usage_key("return_value") is None
        True
    """
    found = _KEY.fullmatch(key)
    return Usage(float(found[1]), int(found[2]), int(found[3])) if found else None
