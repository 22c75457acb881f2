"""Figures of one replica for Prometheus: its own, this process's (requests, upstreams), the project's."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, generate_latest

from olo_jupyter.server.collector import ProjectCollector
from olo_jupyter.server.routes.route import Route
from olo_jupyter.server.workspace import Workspace


class Measures:
    """Counts and times, by area, job and engine: no person, no path.

    Args:
        workspace: The project whose stores are asked for runs, queries and promotions.
        elect: Has a target on another machine followed by the replica that leads, which counts what ends there.
    """

    def __init__(self, workspace: Workspace, elect: Callable[[str], None]) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "olo_service_answers_total", "Answers by area, action and HTTP status.", ["area", "action", "status"],
            registry=self._registry,
        )  # fmt: skip
        self.streams = Gauge("olo_streams", "Open streams of events.", registry=self._registry)
        self.leads = Gauge("olo_leads", "1 where this replica polls.", registry=self._registry)

        def follow() -> None:
            for target in workspace.open().following.far_targets:
                elect(target)

        self._registry.register(
            ProjectCollector(lambda: workspace.open().settings, workspace.ended, follow, people=False)
        )

    def request(self, route: Route, status: int) -> None:
        """Count one."""
        self._answers.labels(route.area, route.action, str(int(status))).inc()

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)
