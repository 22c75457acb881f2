"""Health and home: /olo/api/health."""

from __future__ import annotations

from olo_jupyter.server import health
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.health import Health
from olo_jupyter.server.routes.route import Route


def _health(context: Context) -> Health:
    return health.health(context.opened)


ROUTES = [
    Route("GET", "/health", "health", "read", _health, Health, summary="State of every service, failures, counts."),
]
