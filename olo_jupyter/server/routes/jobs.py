"""Jobs of the project: /olo/api/jobs/…"""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from olo_jupyter.server.follow import describe_job, list_jobs
from olo_jupyter.server.routes.base import API, NAME, OloHandler


class JobsHandler(OloHandler):
    """GET: all jobs."""

    auth_resource = "olo-jobs"

    @authenticated
    @authorized
    async def get(self) -> None:
        root = self.server_root
        await self.answer(lambda opened: list_jobs(opened, root))


class JobHandler(OloHandler):
    """GET: one job."""

    auth_resource = "olo-jobs"

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        root = self.server_root
        await self.answer(lambda opened: describe_job(opened, name, root))


HANDLERS = [(f"{API}/jobs", JobsHandler), (f"{API}/jobs/{NAME}", JobHandler)]
