"""A circuit breaker: a service that failed several times in a row is left in peace for a few seconds.

So a panel whose service is down says so at once instead of after a time-out, and the service isn't stormed when it
comes back. After the rest one call tries; the others wait for what it finds (Nygard, Release It!, 2018, "Circuit
Breaker").
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

State = Literal["closed", "open", "half-open"]
FAILURES = 2
"""Calls that fail in a row (each after its own tries) until it opens."""
REST = 5.0
"""Seconds that it stays open; with the time limit of the trial, a service that is back is used within ten."""


class CircuitOpen(Exception):
    """The service isn't asked now.

    Args:
        seconds: Until it is tried again.
        failure: Why it opened.
    """

    def __init__(self, seconds: float, failure: str) -> None:
        super().__init__(failure)
        self.seconds, self.failure = seconds, failure


class Circuit:
    """The breaker of one service. Safe to use from several threads.

    Args:
        failures: Failing calls in a row that open it.
        rest: Seconds until it is tried again.
        clock: For tests.

    Example:
        >>> circuit = Circuit(failures=1)
        >>> with circuit.call() as outcome:
        ...     outcome.failed("timed out")
        >>> circuit.state
        'open'
    """

    def __init__(
        self, failures: int = FAILURES, rest: float = REST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._rest, self._clock = failures, rest, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened: float | None = None
        self._trying = False
        self._failure = ""

    @property
    def state(self) -> State:
        """closed: asked as always; open: not asked; half-open: the next call, or the one that is out, tries."""
        with self._lock:
            if self._opened is None:
                return "closed"
            return "half-open" if self._trying or self._left() <= 0 else "open"

    @contextmanager
    def call(self) -> Iterator[Outcome]:
        """Ask the service. What isn't marked as failed counts as answered, refusals included.

        Raises:
            CircuitOpen: It isn't asked now.
        """
        with self._lock:
            if self._opened is not None:
                if self._trying or self._left() > 0:
                    raise CircuitOpen(max(self._left(), 0.1), self._failure)
                self._trying = True
        outcome = Outcome()
        told = False
        try:
            yield outcome
            told = True
        except Exception:
            told = True
            raise
        finally:
            with self._lock:
                self._trying = False
                if outcome.failure:
                    self._failures, self._failure = self._failures + 1, outcome.failure
                    if self._failures >= self._limit:
                        self._opened = self._clock()
                elif told:  # an interrupt tells nothing
                    self._failures, self._opened = 0, None

    def _left(self) -> float:
        return self._rest - (self._clock() - (self._opened or 0.0))


class Outcome:
    """How a call ended."""

    failure = ""

    def failed(self, why: str) -> None:
        """The service didn't answer, or says that it can't."""
        self.failure = why or "it failed"


_CIRCUITS: dict[str, Circuit] = {}
_LOCK = threading.Lock()


def circuit_of(address: str) -> Circuit:
    """The circuit of a service, one in this process however many clients of it there are."""
    with _LOCK:
        return _CIRCUITS.setdefault(address.rstrip("/"), Circuit())
