"""The Jupyter Server extension: routes, events and the poller of one server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Unicode

from olo_jupyter.server import activity, events
from olo_jupyter.server.jupyter import NoRouteHandler, make
from olo_jupyter.server.mount import Threads, handlers
from olo_jupyter.server.poller import Poller
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API
from olo_jupyter.server.workspace import Workspace


class OloExtension(ExtensionApp):
    """Catalog, jobs and runs for the panels. The project is the one at the server's root folder, or above it."""

    name = "olo_jupyter"

    project = Unicode(help="Folder of the project; default: the server's root folder. OLO_PROJECT wins.").tag(
        config=True
    )

    def initialize_settings(self) -> None:
        """What handlers find in their settings: the workspace, and threads for work that blocks."""
        assert self.serverapp is not None
        logger = self.serverapp.event_logger
        assert logger is not None
        folder = Path(self.project or self.serverapp.root_dir).expanduser().resolve()
        threads = Threads()
        self.settings.update(olo_workspace=Workspace(folder), olo_threads=threads)
        events.register(logger)

        def emit(schema_id: str, data: dict[str, Any]) -> None:
            logger.emit(schema_id=schema_id, data=data)

        self.poller = Poller(self.settings["olo_workspace"], emit, threads.of("poller"))

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend([*activity.HANDLERS, *handlers(ROUTES, make), (f"{API}(?:/.*)?", NoRouteHandler)])

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        self.poller.start()
        self.activity = asyncio.create_task(activity.report(serverapp))

    async def stop_extension(self) -> None:
        """Stop the poller and the threads."""
        self.activity.cancel()
        await self.poller.stop()
        self.settings["olo_threads"].stop()
