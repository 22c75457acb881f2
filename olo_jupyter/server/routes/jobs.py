"""Jobs of the project: /olo/api/jobs/…"""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.follow import describe_job, list_jobs
from olo_jupyter.server.models.jobs import JobDetail, JobList
from olo_jupyter.server.routes.route import Route


def _jobs(context: Context) -> JobList:
    return list_jobs(context.opened, context.server_root)


def _job(context: Context, *, name: str) -> JobDetail:
    return describe_job(context.opened, name, context.server_root)


ROUTES = [
    Route("GET", "/jobs", "jobs", "read", _jobs, JobList, summary="All jobs, broken ones with their problems."),
    Route("GET", "/jobs/{name}", "jobs", "read", _job, JobDetail, summary="One job."),
]
