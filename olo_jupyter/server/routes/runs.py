"""Run records: /olo/api/runs/…"""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.follow import describe_run, list_runs
from olo_jupyter.server.models.runs import RunDetail, RunList, RunQuery
from olo_jupyter.server.routes.route import Route


def _runs(context: Context, *, query: RunQuery) -> RunList:
    return list_runs(context.opened, query.job)


def _run(context: Context, *, id: str) -> RunDetail:
    return describe_run(context.opened, id)


ROUTES = [
    Route("GET", "/runs", "runs", "read", _runs, RunList, query=RunQuery, summary="The newest runs."),
    Route("GET", "/runs/{id}", "runs", "read", _run, RunDetail, summary="One run with its tasks."),
]
