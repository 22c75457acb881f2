"""Run records: /olo/api/runs/…"""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from olo_jupyter.server.follow import describe_run, list_runs
from olo_jupyter.server.routes.base import API, NAME, OloHandler


class RunsHandler(OloHandler):
    """GET: the newest runs, ``?job=NAME`` of one job."""

    auth_resource = "olo-runs"

    @authenticated
    @authorized
    async def get(self) -> None:
        job = self.get_query_argument("job", None)
        await self.answer(lambda opened: list_runs(opened, job))


class RunHandler(OloHandler):
    """GET: one run with its tasks."""

    auth_resource = "olo-runs"

    @authenticated
    @authorized
    async def get(self, id: str) -> None:
        await self.answer(lambda opened: describe_run(opened, id))


HANDLERS = [(f"{API}/runs", RunsHandler), (f"{API}/runs/{NAME}", RunHandler)]
