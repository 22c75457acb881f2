"""What a process read and wrote, told to whoever started it.

A job's runner sets ``OLO_REPORT`` to a file; every statement that a Session runs in the task's process adds one JSON
line: snapshots read, snapshots written, rows written. So dbt, SQL and Python tasks report alike, and lineage needs no
parsing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import BaseModel, Field

from olo_jupyter.lakehouse.result import Provenance

REPORT_VARIABLE = "OLO_REPORT"


class Activity(BaseModel):
    """All that was reported: the last snapshot read and written of each table, rows written in each."""

    reads: dict[str, int] = Field(default_factory=dict)
    writes: dict[str, int] = Field(default_factory=dict)
    rows: dict[str, int] = Field(default_factory=dict)


def report(provenance: Provenance) -> None:
    """Add one execution to the report, where one is wanted. One short append: safe with threads and processes."""
    path = os.environ.get(REPORT_VARIABLE)
    if not path or not (provenance.snapshots or provenance.written or provenance.dropped):
        return
    line = {
        "reads": dict(provenance.snapshots),
        "writes": dict(provenance.written),
        "rows": provenance.rows,
        "dropped": list(provenance.dropped),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)


def read_report(path: Path) -> Activity:
    """The report of a process that has ended; empty where it ran no statement on a table."""
    activity = Activity()
    if not path.exists():
        return activity
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        activity.reads.update(entry["reads"])
        activity.writes.update(entry["writes"])
        activity.rows.update(dict.fromkeys(entry["writes"], entry["rows"]))
        for name in entry["dropped"]:  # a table that is gone again, such as dbt's temporary ones, is no output
            activity.reads.pop(name, None)
            activity.writes.pop(name, None)
            activity.rows.pop(name, None)
    return activity
