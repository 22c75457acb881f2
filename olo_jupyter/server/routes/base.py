"""What all routes share: work in a thread, JSON answers, errors as code, message and hint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from http.client import responses
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel
from tornado.web import HTTPError

from olo_jupyter.errors import OloError
from olo_jupyter.server.models import Failure
from olo_jupyter.server.workspace import Opened

API = "/olo/api"
NAME = "([^/]+)"
"""One percent-encoded name in a path; Tornado hands it over decoded."""

_STATUS = {"access-denied": HTTPStatus.FORBIDDEN, "catalog-not-available": HTTPStatus.SERVICE_UNAVAILABLE}


class OloHandler(APIHandler):
    """A thin handler: subclasses say what to answer, and their area's ``auth_resource``."""

    # Pages ask by themselves after an event: that is no sign of a person.
    _track_activity = False

    @property
    def server_root(self) -> Path:
        """The folder that the file browser shows."""
        return Path(self.settings["server_root_dir"]).expanduser().resolve()

    async def answer(self, work: Callable[[Opened], BaseModel]) -> None:
        """Do ``work`` on the project in a thread, and answer with its result or its error."""
        workspace = self.settings["olo_workspace"]
        loop = asyncio.get_running_loop()
        try:
            reply = await loop.run_in_executor(self.settings["olo_executor"], lambda: work(workspace.open()))
        except OloError as error:
            self.set_status(_status(error))
            reply = Failure(code=error.code, message=error.message, hint=error.hint)
        await self.finish(reply.model_dump_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Errors of the framework and unexpected ones (whose traceback goes to the log) in the same form."""
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        message = responses.get(status_code, "Unknown HTTP error")
        if isinstance(error, HTTPError):
            failure = Failure(code=message.lower().replace(" ", "-"), message=error.log_message or message)
        else:
            failure = Failure(
                code="internal", message="The server failed while it worked on this.", hint="Its log says why."
            )
        self.finish(failure.model_dump_json())


def _status(error: OloError) -> HTTPStatus:
    if error.code.endswith("-not-found"):
        return HTTPStatus.NOT_FOUND
    return _STATUS.get(error.code, HTTPStatus.INTERNAL_SERVER_ERROR)
