"""The routes, one file an area."""

from __future__ import annotations

from typing import Any

from olo_jupyter.server.routes import catalogs, jobs, runs

HANDLERS: list[tuple[str, Any]] = [*catalogs.HANDLERS, *jobs.HANDLERS, *runs.HANDLERS]
