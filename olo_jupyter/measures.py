"""What this process measures for Prometheus: requests, calls of upstreams, pollers. In the default registry.

Jupyter Server shows that registry at ``/metrics``, the shared service at its own; what a project's stores know (runs,
queries, promotions) is added there by ``olo_jupyter.server.collector``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_REQUESTS = Counter(
    "olo_requests", "Answered requests; code is the error's, '' where there was none.", ["area", "action", "code"]
)
_REQUEST_SECONDS = Histogram("olo_request_seconds", "Time to answer a request.", ["area", "action"], buckets=_SECONDS)
_UPSTREAM_SECONDS = Histogram(
    "olo_upstream_seconds",
    "Time of a call of an upstream; outcome is ok or unreachable.",
    ["upstream", "outcome"],
    buckets=_SECONDS,
)
_POLLER_LOOKED = Gauge("olo_poller_last_look_timestamp_seconds", "When a poller last looked and could.", ["poller"])
_POLLER_SECONDS = Histogram("olo_poller_look_seconds", "Time of one look of a poller.", ["poller"], buckets=_SECONDS)


def answered(area: str, action: str, code: str, seconds: float) -> None:
    """A request was answered; ``code`` is the error's, '' for none."""
    _REQUESTS.labels(area, action, code).inc()
    _REQUEST_SECONDS.labels(area, action).observe(seconds)


@contextmanager
def upstream(name: str) -> Iterator[None]:
    """Measure one call of the upstream ``name``; an exception means that it couldn't be reached.

    Example:
        >>> with upstream("airflow"):
        ...     pass
    """
    began, outcome = time.perf_counter(), "unreachable"
    try:
        yield
        outcome = "ok"
    finally:
        _UPSTREAM_SECONDS.labels(name, outcome).observe(time.perf_counter() - began)


@contextmanager
def look(poller: str) -> Iterator[None]:
    """Measure one look of a poller; one that raises doesn't count as a look."""
    began = time.perf_counter()
    yield
    _POLLER_SECONDS.labels(poller).observe(time.perf_counter() - began)
    _POLLER_LOOKED.labels(poller).set_to_current_time()
