"""The engines by name; each is imported when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Engine
from olo_jupyter.lakehouse.errors import QueryError


@dataclass(frozen=True)
class _Kind:
    """``module:class`` of an engine, the package that it needs, and the extra that brings it."""

    place: str
    needs: str
    install: str


_KINDS = {
    "embedded": _Kind("embedded:EmbeddedEngine", "duckdb", "olo-jupyter"),
    "trino": _Kind("trino:TrinoEngine", "trino", "olo-jupyter"),
    "spark": _Kind("spark:SparkEngine", "pyspark", "olo-jupyter[spark]"),
}

ENGINES = tuple(_KINDS)
"""Names of all engines."""


def start(name: str, catalogs: Catalogs, settings: Settings) -> Engine:
    """A new engine.

    Raises:
        QueryError: ``engine-not-found``: no such engine, or its package is missing (the hint has the line that installs
            it); ``engine-not-configured``: olo.yml doesn't say where it is.
    """
    kind = _KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, ENGINES, n=1)
        raise QueryError(
            f"There is no engine {name!r}.",
            code="engine-not-found",
            hint=f"Did you mean {near[0]}?" if near else f"Engines: {', '.join(ENGINES)}.",
        )
    if find_spec(kind.needs) is None:
        raise QueryError(
            f"The engine {name} needs the Python package {kind.needs}, which isn't installed here.",
            code="engine-not-found",
            hint=f"Install it: pip install '{kind.install}', then restart the kernel.",
        )
    module, _, engine = kind.place.partition(":")
    made: Engine = getattr(import_module(f"olo_jupyter.lakehouse.engines.{module}"), engine)(catalogs, settings)
    return made
