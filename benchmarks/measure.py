"""Fair timing: two ways in turn (A B A B …) after a warm-up, so that a drift of the machine hits both."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable
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
    """A line of the results. ``met`` None means that there is no goal; ``why`` tells of a goal that isn't met."""

    what: str
    ours: str
    theirs: str
    figure: str
    goal: str
    met: bool | None
    why: str = ""


def together(who: str, taken: Iterable[float], right: int, count: int) -> Figure:
    """What ``count`` who asked at the same time got: how many a right answer, and in how many seconds."""
    times = sorted(taken)
    spread = (
        f"p95 {times[round(len(times) * 0.95) - 1]:.2f} s, median {statistics.median(times):.2f} s" if times else "none"
    )
    return Figure(f"{count} {who}", f"{right} of {count} right", "", spread, "none lost", right == count)


def paired(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> Pair:
    """Time both, ``runs`` times each, after one warm-up of each."""
    pair = interleaved((_timed(ours), _timed(theirs)), runs)
    return Pair(pair[0], pair[1])


def interleaved(ways: Iterable[Callable[[], float]], runs: int) -> list[tuple[float, ...]]:
    """Run ``ways`` in turn, ``runs`` times each after one warm-up; each gives the seconds that it took itself."""
    ways = list(ways)
    for way in ways:
        way()
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(runs):
        for way, kept in zip(ways, times, strict=True):
            kept.append(way())
    return [tuple(kept) for kept in times]


def geometric_mean(values: Iterable[float]) -> float:
    """The mean of ratios.

    Example:
        >>> geometric_mean([0.5, 2.0])
        1.0
    """
    logarithms = [math.log(value) for value in values]
    return math.exp(sum(logarithms) / len(logarithms))


def seconds(values: Iterable[float]) -> str:
    """The median, readable."""
    median = statistics.median(values)
    return f"{median * 1000:.1f} ms" if median < 1 else f"{median:.2f} s"


def _timed(way: Callable[[], object]) -> Callable[[], float]:
    def timed() -> float:
        started = time.perf_counter()
        way()
        return time.perf_counter() - started

    return timed
