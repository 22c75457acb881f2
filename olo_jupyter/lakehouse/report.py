"""What a process read and wrote, told to whoever started it.

A job's runner sets ``OLO_REPORT`` to a file; every statement that a Session runs in the task's process adds one JSON
line: snapshots read, snapshots written, rows written. So dbt, SQL and Python tasks report alike, and lineage needs no
parsing.
"""

from __future__ import annotations

import json
import os

from olo_jobs.activity import REPORT_VARIABLE
from olo_jupyter.lakehouse.result import Provenance


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
