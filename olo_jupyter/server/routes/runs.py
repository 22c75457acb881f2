"""Runs, their logs, and what a person can do with them: /olo/api/runs/…"""

from __future__ import annotations

from olo_jupyter.server import follow
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.runs import (
    InTarget,
    LogAnswer,
    LogQuery,
    LogSearchAnswer,
    LogSearchQuery,
    OfTarget,
    RunDetail,
    RunList,
    RunsQuery,
)
from olo_jupyter.server.routes.route import Route


def _runs(context: Context, *, query: RunsQuery) -> RunList:
    context.follow(query.target)
    return follow.list_runs(context.opened, query)


def _run(context: Context, *, id: str, query: OfTarget) -> RunDetail:
    context.follow(query.target)
    return follow.describe_run(context.opened, id, query.target)


def _log(context: Context, *, id: str, task: str, query: LogQuery) -> LogAnswer:
    return follow.read_log(context.opened, id, task, query, context.emit)


def _search(context: Context, *, id: str, task: str, query: LogSearchQuery) -> LogSearchAnswer:
    return follow.search_log(context.opened, id, task, query, context.emit)


def _cancel(context: Context, *, id: str, body: InTarget) -> RunDetail:
    context.audit("cancel", f"run/{id}", after={"target": body.target})
    return follow.run_detail(context.opened.following.orchestrator(body.target).cancel(id, by=context.who))


def _rerun(context: Context, *, id: str, body: InTarget) -> RunDetail:
    context.audit("rerun", f"run/{id}", after={"target": body.target})
    return follow.run_detail(context.opened.following.orchestrator(body.target).rerun(id, by=context.who))


_LOG = "/runs/{id}/tasks/{task}/log"
ROUTES = [
    Route(
        "GET", "/runs", "runs", "read", _runs, RunList, query=RunsQuery,
        summary="A page of the runs, the newest first; filtered by job, state and text.",
    ),
    Route("GET", "/runs/{id}", "runs", "read", _run, RunDetail, query=OfTarget, summary="One run with its tasks."),
    Route("GET", _LOG, "runs", "read", _log, LogAnswer, query=LogQuery, summary="Some lines of a task's log."),
    Route(
        "GET", f"{_LOG}/search", "runs", "read", _search, LogSearchAnswer, query=LogSearchQuery,
        summary="The lines of a task's log that hold a text.",
    ),
    Route(
        "POST", "/runs/{id}/cancel", "runs", "trigger", _cancel, RunDetail, body=InTarget,
        summary="End a run and its processes; one that has ended stays as it is.",
    ),
    Route(
        "POST", "/runs/{id}/rerun", "runs", "trigger", _rerun, RunDetail, body=InTarget,
        summary="Run what failed of a run, and what waits for it, again.",
    ),
]  # fmt: skip
