"""Jobs, and what a person can do with them: /olo/api/jobs/…, /olo/api/targets"""

from __future__ import annotations

from olo_jupyter.server import follow
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.jobs import (
    BackfillPlan,
    BackfillQuery,
    JobDetail,
    JobList,
    JobsQuery,
    Pause,
    Paused,
    StartBackfill,
    TargetList,
    Trigger,
)
from olo_jupyter.server.models.runs import OfTarget, RunDetail
from olo_jupyter.server.routes.route import Route


def _targets(context: Context) -> TargetList:
    return follow.list_targets(context.opened)


def _jobs(context: Context, *, query: JobsQuery) -> JobList:
    return follow.list_jobs(context.opened, query)


def _job(context: Context, *, name: str, query: OfTarget) -> JobDetail:
    return follow.describe_job(context.opened, name, query.target, context.server_root)


def _trigger(context: Context, *, name: str, body: Trigger) -> RunDetail:
    context.audit("trigger", f"job/{name}", after={"target": body.target, "parameters": body.parameters})
    return follow.trigger(context.opened, name, body.target, body.parameters, context.who)


def _pause(context: Context, *, name: str, body: Pause) -> Paused:
    context.audit("pause" if body.paused else "unpause", f"job/{name}", after={"target": body.target})
    context.opened.following.orchestrator(body.target).pause(name, body.paused)
    return Paused(paused=body.paused)


def _plan(context: Context, *, name: str, query: BackfillQuery) -> BackfillPlan:
    return follow.plan_backfill(context.opened, name, query.target, query.start, query.end)


def _backfill(context: Context, *, name: str, body: StartBackfill) -> BackfillPlan:
    context.audit("backfill", f"job/{name}", after=body.model_dump(mode="json"))
    given = (body.target, body.start, body.end, body.parameters)
    return follow.start_backfill(context.opened, name, *given, context.who)


ROUTES = [
    Route(
        "GET", "/targets", "jobs", "read", _targets, TargetList, summary="The targets, and what runs the jobs of each."
    ),
    Route(
        "GET", "/jobs", "jobs", "read", _jobs, JobList, query=JobsQuery,
        summary="A page of the jobs, with how each goes; filtered by text, owner, tag and state.",
    ),
    Route(
        "GET", "/jobs/{name}", "jobs", "read", _job, JobDetail, query=OfTarget,
        summary="One job: its tasks, the schema of its parameters, what is wrong with its file.",
    ),
    Route("POST", "/jobs/{name}/runs", "jobs", "trigger", _trigger, RunDetail, body=Trigger, summary="Start a run."),
    Route(
        "POST", "/jobs/{name}/pause", "jobs", "trigger", _pause, Paused, body=Pause,
        summary="Turn a job's schedule off or on.",
    ),
    Route(
        "GET", "/jobs/{name}/backfill", "jobs", "read", _plan, BackfillPlan, query=BackfillQuery,
        summary="The runs that a backfill would make; nothing starts.",
    ),
    Route(
        "POST", "/jobs/{name}/backfill", "jobs", "trigger", _backfill, BackfillPlan, body=StartBackfill,
        summary="Make the runs of past days; those that succeeded already stay as they are.",
    ),
]  # fmt: skip
