"""How much one person, or one address that nobody knows, may ask."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_KNOWN = 10_000


class Rate:
    """So many requests a minute for each name, a third of them at once.

    Args:
        per_minute: What is allowed.
        clock: Seconds, for tests.

    Example:
        >>> rate = Rate(6, clock=lambda: 0.0)
        >>> [rate.wait("ana") for _ in range(3)]
        [0.0, 0.0, 10.0]
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._most = max(1.0, per_minute / 3)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take one; 0, or the seconds until one is there again."""
        now = self._clock()
        left, at = self._left.pop(name, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        enough = left >= 1
        self._left[name] = (left - 1 if enough else left, now)
        if len(self._left) > _KNOWN:
            self._left.popitem(last=False)
        return 0.0 if enough else (1 - left) / self._per_second
