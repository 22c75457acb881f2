"""What a process read and wrote, told to whoever started it.

A job's runner sets ``OLO_REPORT`` to a file; every statement that a Session runs in the task's process adds one JSON
line: snapshots read, snapshots written, rows written. So dbt, SQL and Python tasks report alike, and lineage needs no
parsing.
"""

from __future__ import annotations

import json
import os

from olo_jobs.activity import REPORT_VARIABLE
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.column_lineage import column_sources
from olo_jupyter.lakehouse.names import parse_table_name
from olo_jupyter.lakehouse.result import Provenance


def report(provenance: Provenance, catalogs: Catalogs) -> None:
    """Add one execution to the report, where one is wanted. One short append: safe with threads and processes.

    Args:
        provenance: What was run.
        catalogs: Where the columns of the tables are looked up.
    """
    path = os.environ.get(REPORT_VARIABLE)
    if not path or not (provenance.snapshots or provenance.written or provenance.dropped):
        return
    columns = {name: _columns(name, catalogs) for name in provenance.written}
    told = {name: found for name, found in columns.items() if found}
    line = {
        "reads": dict(provenance.snapshots),
        "writes": dict(provenance.written),
        "rows": provenance.rows,
        "bytes": provenance.bytes,
        "cpu_seconds": provenance.cpu_seconds,
        "dropped": list(provenance.dropped),
        "columns": told,
        "sources": _sources(provenance, told, catalogs),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)


def _columns(name: str, catalogs: Catalogs) -> list[tuple[str, str]]:
    """Name and Iceberg type of a table's columns; [] where it can't be looked at from here."""
    try:
        table = catalogs.find_exactly(parse_table_name(name.partition("@")[0], ""))
    except OloError:
        return []
    return [(field.name, str(field.field_type)) for field in table.schema().fields] if table is not None else []


def _sources(
    provenance: Provenance, written: dict[str, list[tuple[str, str]]], catalogs: Catalogs
) -> dict[str, dict[str, list[tuple[str, str]]]]:
    if len(written) != 1 or not provenance.snapshots:
        return {}
    read = {name: _columns(name, catalogs) for name in provenance.snapshots if "@" not in name}
    if len(read) < len(provenance.snapshots) or not all(read.values()):
        return {}
    ((name, columns),) = written.items()
    found = column_sources(provenance.sql, columns, read)
    return {name: found} if found else {}
