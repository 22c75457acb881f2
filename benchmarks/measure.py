"""Fair timing: two ways in turn (A B A B …) after a warm-up, so that a drift of the machine hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Seconds of two ways, run by run."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median over the pairs of ours / theirs."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def difference(self) -> float:
        """Median over the pairs of ours − theirs, in seconds."""
        return statistics.median(a - b for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True)
class Figure:
    """A line of the results. ``met`` None means that there is no goal."""

    what: str
    ours: str
    theirs: str
    figure: str
    goal: str
    met: bool | None


def paired(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> Pair:
    """Time both, ``runs`` times each, after one warm-up of each."""
    ours()
    theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for way, kept in zip((ours, theirs), times, strict=True):
            started = time.perf_counter()
            way()
            kept.append(time.perf_counter() - started)
    return Pair(tuple(times[0]), tuple(times[1]))


def seconds(values: tuple[float, ...]) -> str:
    """The median, readable."""
    median = statistics.median(values)
    return f"{median * 1000:.1f} ms" if median < 1 else f"{median:.2f} s"
