"""The configured services and how to look at each: one short request that changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version as installed

from olo_jupyter.backends.registry import configured
from olo_jupyter.backends.upstream.probe import look
from olo_jupyter.config import OrchestratorSettings, Settings
from olo_jupyter.errors import OloError
from olo_jupyter.server.models.health import ServiceKind
from olo_jupyter.server.workspace import Opened, sqlite_file


@dataclass(frozen=True)
class Found:
    """What a look found; ``unwell`` says what is not well in a service that answers."""

    version: str = ""
    unwell: str = ""


@dataclass(frozen=True)
class Service:
    """A configured service.

    Args:
        address: Where it is, for its circuit; never shown.
        pages: Where people see its pages.
        look: Looks at it; raises OloError where it is down.
    """

    name: str
    kind: ServiceKind
    type: str
    look: Callable[[], Found] = field(repr=False, compare=False)
    address: str = field(default="", repr=False)
    pages: str = ""


def services(opened: Opened) -> list[Service]:
    """All services of a project."""
    settings = opened.settings
    return [
        *_catalogs(opened),
        *_engines(settings),
        *[_orchestrator(name, one) for name, one in settings.orchestrators.items() if one.url],
        *_backends(opened),
    ]


def _catalogs(opened: Opened) -> list[Service]:
    def looking(name: str) -> Callable[[], Found]:
        def namespaces() -> Found:
            file = sqlite_file(opened.settings.catalogs[name])
            if file is None:  # looking must not make files
                opened.catalogs.namespaces(name)
            elif file.exists() and not os.access(file, os.R_OK):
                raise OloError(f"The file {file.name} can't be read.", code="catalog-unavailable")
            return Found()

        return namespaces

    return [
        Service(name, "catalog", one.type, looking(name))
        for name, one in opened.settings.catalogs.items()
        if one.access == "direct"  # a governed one is Trino's
    ]


def _engines(settings: Settings) -> list[Service]:
    found = [Service("embedded", "engine", "duckdb", lambda: Found(f"DuckDB {installed('duckdb')}"))]
    trino = settings.engines.trino
    if trino is not None:
        address = f"{trino.http_scheme}://{trino.host}:{trino.port}"

        def look_at_trino() -> Found:
            told = look(address, "v1/info", ca_file=trino.ca_file)
            version = str((told.get("nodeVersion") or {}).get("version") or "")
            return Found(version, "It is still starting." if told.get("starting") else "")

        found.append(Service("trino", "engine", "trino", look_at_trino, address, f"{address}/ui/"))
    return found


def _orchestrator(name: str, options: OrchestratorSettings) -> Service:
    kind = options.type or name

    def look_at_airflow() -> Found:
        health = look(options.url, "api/v2/monitor/health", ca_file=options.ca_file)
        version = str(look(options.url, "api/v2/version", ca_file=options.ca_file).get("version") or "")
        bad = [
            part.replace("_", " ")
            for part in ("metadatabase", "scheduler", "dag_processor")
            if (health.get(part) or {}).get("status") not in ("healthy", None)
        ]
        return Found(version, f"Not healthy: {', '.join(bad)}." if bad else "")

    return Service(name, "orchestrator", kind, look_at_airflow, options.url, options.url)


def _backends(opened: Opened) -> list[Service]:
    try:
        named = configured(opened.settings)
    except OloError as error:
        message, hint, code = error.message, error.hint, error.code

        def broken() -> Found:
            raise OloError(message, code=code, hint=hint)

        return [Service("backends", "lineage", "", broken)]
    found = []
    for one in named:
        look_at = _lineage(opened) if one.kind.area == "lineage" else _experiments(opened)
        address = one.settings.url
        found.append(Service(one.name, one.kind.area, one.type, look_at, address, one.settings.pages or address))
    return found


def _lineage(opened: Opened) -> Callable[[], Found]:
    return lambda: Found(opened.lineage_backend.version())


def _experiments(opened: Opened) -> Callable[[], Found]:
    return lambda: Found(opened.experiments.version())
