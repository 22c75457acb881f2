"""Figures of one replica for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from olo_jupyter.server.routes.route import Route

_BUCKETS = (0.005, 0.02, 0.05, 0.15, 0.5, 1.5, 5, 15, 60)


class Measures:
    """Counts and times, by area: no person, no path, no name."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "olo_requests_total", "Requests by area, action and status.", ["area", "action", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "olo_request_seconds", "Time to answer.", ["area", "action"], buckets=_BUCKETS, registry=self._registry
        )
        self.streams = Gauge("olo_streams", "Open streams of events.", registry=self._registry)
        self.leads = Gauge("olo_leads", "1 where this replica polls.", registry=self._registry)

    def request(self, route: Route, status: int, seconds: float) -> None:
        """Count one."""
        self._requests.labels(route.area, route.action, str(int(status))).inc()
        self._seconds.labels(route.area, route.action).observe(seconds)

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self._registry)
