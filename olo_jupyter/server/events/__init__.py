"""The events that the server emits, each with its schema in a YAML file beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

if TYPE_CHECKING:
    from jupyter_events import EventLogger

    from olo_jupyter.server.routes.route import Area

RUN_CHANGED = "urn:olo-jupyter:run-changed:v1"
LOG_GREW = "urn:olo-jupyter:log-grew:v1"
CATALOG_CHANGED = "urn:olo-jupyter:catalog-changed:v1"
HEALTH_CHANGED = "urn:olo-jupyter:health-changed:v1"
JOBS_CHANGED = "urn:olo-jupyter:jobs-changed:v1"
QUERIES_CHANGED = "urn:olo-jupyter:queries-changed:v1"
ALIVE = "urn:olo-jupyter:alive:v1"
PROMOTION_CHANGED = "urn:olo-jupyter:promotion-changed:v1"

_AREAS: dict[str, Area] = {
    "catalog": "catalog",
    "jobs": "jobs",
    "run": "runs",
    "log": "runs",
    "alive": "health",
    "promotion": "promote",
}


def area_of(schema_id: str) -> Area:
    """The area that an event is of: who may read there is told of it.

    Example:
        >>> area_of(RUN_CHANGED), area_of("urn:olo-jupyter:lineage-changed:v1")
        ('runs', 'lineage')

    Raises:
        ValueError: Its name begins with no area.
    """
    # Here: the routes import this module for what they tell.
    from olo_jupyter.server.routes.route import Area

    first = schema_id.split(":")[2].partition("-")[0]
    if first in _AREAS:
        return _AREAS[first]
    for area in get_args(Area):
        if area == first or area == f"{first}s":
            return cast(Area, area)
    raise ValueError(f"{schema_id} begins with no area")


def register(logger: EventLogger) -> None:
    """Make the events known to the server's event logger."""
    for path in sorted(Path(__file__).parent.glob("*.yml")):
        logger.register_event_schema(path)
