"""How the services are: looked at in the background, now and then, however many people watch."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from olo_jupyter.backends.upstream.circuit import circuit_of
from olo_jupyter.errors import OloError
from olo_jupyter.server.models.health import CircuitState, ServiceHealth, ServiceState
from olo_jupyter.server.services import Service

WELL = 20.0
"""Seconds between two looks at a service that is well."""
UNWELL = 5.0
"""Seconds between two looks at one that isn't: so it is seen within ten when it is back."""
SLOW = 2.0
"""Seconds from which an answer is slow."""
_THREADS = 4
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    state: ServiceState = "unknown"
    version: str = ""
    latency: float | None = None
    message: str = ""
    hint: str = ""
    checked: datetime | None = None
    since: datetime | None = None
    due: float = 0.0


class Watch:
    """Looks at services. Safe to use from several threads.

    Args:
        services: What to look at.
        clock: For tests.
    """

    def __init__(self, services: Sequence[Service], clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = list(services), clock
        self._seen = {(one.kind, one.name): _Seen() for one in self._services}
        self._out: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="olo-watch")

    def refresh(self, patience: float = 0.0) -> None:
        """Begin looks that are due.

        Args:
            patience: Seconds to wait for what they find.
        """
        futures = []
        with self._lock:
            for one in self._services:
                place = (one.kind, one.name)
                if place not in self._out and self._clock() >= self._seen[place].due:
                    self._out.add(place)
                    futures.append(self._threads.submit(self._look, one))
        if futures and patience:
            wait(futures, timeout=patience)

    def services(self) -> list[ServiceHealth]:
        """What is known now; those that are down come first, then those that are unwell."""
        with self._lock:
            seen = dict(self._seen)
        shown = [_shown(one, seen[one.kind, one.name]) for one in self._services]
        rank = {"down": 0, "degraded": 1, "unknown": 2, "up": 3}
        return sorted(shown, key=lambda one: rank[one.state])

    def states(self) -> dict[str, ServiceState]:
        """The states of services that were looked at, by kind and name."""
        with self._lock:
            return {f"{kind}/{name}": seen.state for (kind, name), seen in self._seen.items() if seen.checked}

    def close(self) -> None:
        """Begin no more looks."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look(self, service: Service) -> None:
        begun = time.perf_counter()
        try:
            found = service.look()
        except OloError as error:
            seen = _Seen("down", message=error.message, hint=error.hint)
        except Exception:  # noqa: BLE001 - one service's adapter must not end the looks at the others; the log tells
            _log.exception("The look at %s failed", service.name)
            seen = _Seen("down", message="The look at it failed; the server's log says why.")
        else:
            took = time.perf_counter() - begun
            slow = f"It took {took:.1f} s to answer." if took > SLOW else ""
            trouble = found.unwell or slow
            seen = _Seen("degraded" if trouble else "up", found.version, round(took * 1000, 1), trouble)
        now = datetime.now(UTC)
        place = (service.kind, service.name)
        with self._lock:
            before = self._seen[place]
            since = before.since if before.state == seen.state else now
            due = self._clock() + (WELL if seen.state == "up" else UNWELL)
            version = seen.version or before.version
            self._seen[place] = replace(seen, version=version, checked=now, since=since, due=due)
            self._out.discard(place)


def _shown(service: Service, seen: _Seen) -> ServiceHealth:
    circuit: CircuitState = circuit_of(service.address).state if service.address else ""
    return ServiceHealth(
        name=service.name, kind=service.kind, type=service.type, state=seen.state, version=seen.version,
        latency=seen.latency, circuit=circuit, message=seen.message, hint=seen.hint, checked=seen.checked,
        since=seen.since, url=service.pages,
    )  # fmt: skip
