"""The events that the server emits, each with its schema in a YAML file beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_events import EventLogger

RUN_CHANGED = "urn:olo-jupyter:run-changed:v1"
CATALOG_CHANGED = "urn:olo-jupyter:catalog-changed:v1"
JOBS_CHANGED = "urn:olo-jupyter:jobs-changed:v1"


def register(logger: EventLogger) -> None:
    """Make the events known to the server's event logger."""
    for path in sorted(Path(__file__).parent.glob("*.yml")):
        logger.register_event_schema(path)
