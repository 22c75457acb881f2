"""The states that an incremental model is stepped through: how the tables that it reads came to be what they were."""

from __future__ import annotations

from collections.abc import Mapping

from pyiceberg.table.snapshots import ancestors_of

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import parse_table_name
from olo_jupyter.lakehouse.session import Session

LEAST = 3
"""Snapshots that tell something of a model that goes on: a first build, and two times more."""
MOST = 5

State = Mapping[str, int]
"""Snapshot id of each table, by full name."""


def states(pins: State, session: Session) -> tuple[tuple[State, ...], str]:
    """What the pinned tables were at several times, oldest first and the pins last, and why there is nothing to step
    through ('' where there is).

    Args:
        pins: The snapshots that the notebook read.
    """
    if not pins:
        return (), "it reads no table whose snapshots it could be stepped through"
    lines: dict[str, list[tuple[int, int]]] = {}
    for name, pin in pins.items():
        if name.endswith(f"@{pin}"):
            return (), f"the notebook read {name.partition('@')[0]} at two snapshots"
        try:
            metadata = session.catalogs.load(parse_table_name(name, session.catalog, session.namespace)).metadata
        except OloError as error:
            return (), f"the snapshots of {name} can't be listed: {error.message}"
        line = [(one.timestamp_ms, one.snapshot_id) for one in ancestors_of(metadata.snapshot_by_id(pin), metadata)]
        if not line:
            return (), f"{name} has no snapshot {pin} any more"
        lines[name] = line[::-1]
    found = _together(lines)
    if len(found) < LEAST:
        tables = ", ".join(sorted(pins))
        return (), f"{tables} has {len(found)} snapshots to step through, and {LEAST} are needed"
    return _spread(found), ""


def _together(lines: Mapping[str, list[tuple[int, int]]]) -> list[State]:
    """The state of all tables after each commit of one of them, from the first time that all of them are there."""
    begin = max(line[0][0] for line in lines.values())
    times = sorted({time for line in lines.values() for time, _ in line if time >= begin})
    found: list[State] = []
    for time in times:
        state = {name: [id_ for at, id_ in line if at <= time][-1] for name, line in lines.items()}
        if state not in found:
            found.append(state)
    last = {name: line[-1][1] for name, line in lines.items()}
    return [*(one for one in found if one != last), last]


def _spread(found: list[State]) -> tuple[State, ...]:
    """The first, the last, and what lies evenly between them."""
    if len(found) <= MOST:
        return tuple(found)
    return tuple(found[round(at * (len(found) - 1) / (MOST - 1))] for at in range(MOST))
