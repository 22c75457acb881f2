"""Pins: a chosen point of a table's history, before it is resolved to a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SnapshotPin:
    """A snapshot by its id: ``FOR VERSION AS OF 4321``, ``--snapshot 4321``."""

    snapshot_id: int


@dataclass(frozen=True)
class RefPin:
    """A branch or tag by name: ``FOR VERSION AS OF 'q1-close'``, ``--ref q1-close``."""

    name: str


@dataclass(frozen=True)
class TimestampPin:
    """The snapshot that was current at a time (aware, UTC): ``FOR TIMESTAMP AS OF …``, ``--as-of …``."""

    at: datetime


@dataclass(frozen=True)
class HeadPin:
    """The newest state of a branch with the table's own columns, whatever pins hold: what a statement changes."""

    branch: str = "main"


Pin = SnapshotPin | RefPin | TimestampPin | HeadPin
