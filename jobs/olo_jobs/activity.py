"""What a task's process read and wrote, as it reports it: JSON lines in the file that ``OLO_REPORT`` names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

REPORT_VARIABLE = "OLO_REPORT"


class Activity(BaseModel):
    """All that was reported: the last snapshot read and written of each table, rows written in each.

    ``bytes_scanned`` is what all statements read from storage, ``engine_cpu_seconds`` what a server (Trino) spent on
    them beside the process's own time; None where no engine told.

    ``columns`` gives the name and type of the columns of written tables; ``sources`` for each of them, where it is
    known, the columns it is made of: ``{table: {column: [[table, column], …]}}``.
    """

    reads: dict[str, int] = Field(default_factory=dict)
    writes: dict[str, int] = Field(default_factory=dict)
    rows: dict[str, int] = Field(default_factory=dict)
    bytes_scanned: int | None = None
    engine_cpu_seconds: float | None = None
    columns: dict[str, list[tuple[str, str]]] = Field(default_factory=dict)
    sources: dict[str, dict[str, list[tuple[str, str]]]] = Field(default_factory=dict)

    def add(self, line: dict[str, Any]) -> None:
        """Take one line of a report; keys of later versions are passed over."""
        self.reads.update(line["reads"])
        self.writes.update(line["writes"])
        if line.get("bytes") is not None:
            self.bytes_scanned = (self.bytes_scanned or 0) + line["bytes"]
        if line.get("cpu_seconds") is not None:
            self.engine_cpu_seconds = (self.engine_cpu_seconds or 0.0) + line["cpu_seconds"]
        self.rows.update(dict.fromkeys(line["writes"], line["rows"]))
        self.columns.update(line.get("columns", {}))
        self.sources.update(line.get("sources", {}))
        for name in line["dropped"]:  # a table that is gone again, such as dbt's temporary ones, is no output
            for told in (self.reads, self.writes, self.rows, self.columns, self.sources):
                told.pop(name, None)


def read_report(path: Path) -> Activity:
    """The report of a process that has ended; empty where it ran no statement on a table.

    A last line that its process was killed in is left out.
    """
    activity = Activity()
    if not path.exists():
        return activity
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        activity.add(told)
    return activity
