"""The routes, one file an area: an area is one import and one line here."""

from __future__ import annotations

from olo_jupyter.server.routes import (
    audit,
    catalog,
    cells,
    experiments,
    health,
    jobs,
    lineage,
    promote,
    queries,
    rights,
    runs,
    tables,
    trino,
    workspaces,
)
from olo_jupyter.server.routes.route import Route

ROUTES: list[Route] = [
    *catalog.ROUTES,
    *tables.ROUTES,
    *jobs.ROUTES,
    *lineage.ROUTES,
    *experiments.ROUTES,
    *health.ROUTES,
    *rights.ROUTES,
    *runs.ROUTES,
    *queries.ROUTES,
    *audit.ROUTES,
    *cells.ROUTES,
    *promote.ROUTES,
    *trino.ROUTES,
    *workspaces.ROUTES,
]
