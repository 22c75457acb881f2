"""The Jupyter Server extension: routes, events and the poller of one server."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from prometheus_client import REGISTRY
from traitlets import Float, Unicode

from olo_jupyter.config_file import ConfigError
from olo_jupyter.promotion.editor import SERVER_URL
from olo_jupyter.promotion.project_address import bring
from olo_jupyter.server import activity, events, pulse
from olo_jupyter.server.alike import Alike
from olo_jupyter.server.apart import Apart
from olo_jupyter.server.collector import ProjectCollector
from olo_jupyter.server.ending import settle
from olo_jupyter.server.jupyter import NoRouteHandler, make
from olo_jupyter.server.mount import Threads, handlers
from olo_jupyter.server.own_rights import OwnRights
from olo_jupyter.server.poller import ALL, Poller
from olo_jupyter.server.proxy import Proxy, pass_on
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.service_settings import ServiceSettings

_OWN_AREAS = frozenset(route.area for route in ROUTES if route.local)


class OloExtension(ExtensionApp):
    """Catalog, jobs and runs for the panels. The project is the one at the server's root folder, or above it."""

    name = "olo_jupyter"

    project = Unicode(help="Folder of the project; default: the server's root folder. OLO_PROJECT wins.").tag(
        config=True
    )

    keep_tables = Float(
        300.0,
        min=0,
        help="Seconds that the process which reads tables is kept after its last answer; 0: there is none, and this "
        "server reads them itself.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """What handlers find in their settings: the workspace, and threads for work that blocks."""
        assert self.serverapp is not None
        logger = self.serverapp.event_logger
        assert logger is not None
        bring()  # kernels find the project where it was brought
        folder = Path(self.project or self.serverapp.root_dir).expanduser().resolve()
        threads = Threads()
        self.settings.update(olo_workspace=Workspace(folder), olo_threads=threads)
        events.register(logger)

        alike = Alike()

        def emit(schema_id: str, data: dict[str, Any]) -> None:
            alike.forget()
            logger.emit(schema_id=schema_id, data=data)

        self._emit = emit
        self.settings.update(olo_alike=alike, olo_emit=emit)
        service = _service(self.settings["olo_workspace"])
        self._proxied = bool(service.urls)
        self._tasks: list[asyncio.Task[None]] = []
        proxy = Proxy(service) if self._proxied else None
        self.settings.update(olo_proxy=proxy, olo_rights=None if proxy is None else OwnRights(proxy))
        root = Path(self.serverapp.root_dir).expanduser().resolve()
        self._apart = Apart(folder, root, emit, self.keep_tables) if self.keep_tables else None
        self.settings.update(olo_apart=self._apart)
        # Beside a shared service only what this server answers itself: the rest is looked at, and told, there.
        areas = _OWN_AREAS if self._proxied else ALL
        self.poller = Poller(self.settings["olo_workspace"], emit, threads.of("poller"), areas=areas)
        self._collector: ProjectCollector | None = self._measure(self.settings["olo_workspace"])

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend([*activity.HANDLERS, *handlers(ROUTES, make), (f"{API}(?:/.*)?", NoRouteHandler)])

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        self.poller.start()
        if "JUPYTERHUB_SERVICE_PREFIX" not in os.environ:  # there the Hub tells its public address
            os.environ.setdefault(SERVER_URL, serverapp.connection_url)
        self._tasks = [asyncio.create_task(activity.report(serverapp)), asyncio.create_task(pulse.beat(self._emit))]
        if self._proxied:
            self._tasks.append(asyncio.create_task(pass_on(self.settings["olo_proxy"], self._emit)))

    def _measure(self, workspace: Workspace) -> ProjectCollector:
        """The project's figures for Prometheus; where there is no shared service, what ends on other machines, too."""

        def emit(schema_id: str, data: dict[str, Any]) -> None:
            assert self.serverapp is not None
            self.serverapp.io_loop.add_callback(self._emit, schema_id, data)  # from a thread

        def follow() -> None:
            following = workspace.open().following
            for target in following.far_targets:
                following.watch(target, emit)

        collector = ProjectCollector(
            lambda: workspace.open().settings, workspace.ended, (lambda: None) if self._proxied else follow
        )
        REGISTRY.register(collector)
        return collector

    async def stop_extension(self) -> None:
        """Stop the poller and the threads; let go of connections. Doing so again is no error."""
        if self._collector is not None:
            REGISTRY.unregister(self._collector)
            self._collector = None
        await self.poller.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._proxied:
            await self.settings["olo_proxy"].close()
        if self._apart is not None:
            await self._apart.stop()
        self.settings["olo_workspace"].close()
        self.settings["olo_threads"].stop()
        await settle()


def _service(workspace: Workspace) -> ServiceSettings:
    """The shared service, where there is one; an olo.yml that isn't valid doesn't hide the one of the environment."""
    try:
        return workspace.open().settings.service
    except ConfigError:
        return ServiceSettings(url=os.environ.get("OLO_SERVICE_URL", ""))
