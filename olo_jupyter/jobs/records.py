"""Records of runs: what ran, when, how it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["queued", "running", "success", "failed", "cancelled", "skipped"]
ENDED: frozenset[State] = frozenset({"success", "failed", "cancelled", "skipped"})


class TaskRun(BaseModel):
    """One task of one run. ``rows`` counts rows written, ``reads`` and ``writes`` give the snapshot of each table.

    ``cpu_seconds`` (of its processes here, and what Trino spent on its statements) and ``bytes_scanned`` are of all
    tries, ``memory_bytes`` is the most that a try used at once; None where nobody could tell.
    """

    model_config = ConfigDict(extra="ignore")  # a later version may have written more

    name: str
    kind: str
    state: State = "queued"
    started: datetime | None = None
    ended: datetime | None = None
    attempts: int = 0
    rows: int | None = None
    reads: dict[str, int] = Field(default_factory=dict)
    writes: dict[str, int] = Field(default_factory=dict)
    cpu_seconds: float | None = None
    memory_bytes: int | None = None
    bytes_scanned: int | None = None
    tests_passed: int = 0
    tests_failed: int = 0
    message: str = ""
    log: str = Field(default="", description="Path of the log file.")
    process: str = Field(default="", description="Its process while it runs, as olo_jobs.process.identity names it.")


class RunRecord(BaseModel):
    """One run of a job.

    ``ref`` is the Git ref or commit it ran from, '' for the working tree; ``user`` who started it, also where a
    service did so for them; ``rerun_by`` and ``cancelled_by`` who had it run again and who ended it, '' where nobody
    did; ``moment`` the time it stands for (its logical date); ``backfill`` names the backfill it is part of;
    ``warnings`` what went wrong beside its tasks, such as a notification that nobody took; ``late`` that it wasn't
    done within its SLA.
    """

    model_config = ConfigDict(extra="ignore")  # a later version may have written more

    id: str
    job: str
    target: str
    ref: str = ""
    user: str = ""
    rerun_by: str = ""
    cancelled_by: str = ""
    state: State = "queued"
    started: datetime | None = None
    ended: datetime | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    tasks: list[TaskRun] = Field(default_factory=list)
    message: str = ""
    moment: datetime | None = None
    backfill: str = ""
    warnings: list[str] = Field(default_factory=list)
    late: bool = False

    def task(self, name: str) -> TaskRun:
        """A task by name.

        Raises:
            KeyError: The run has none of that name.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        raise KeyError(name)

    @property
    def seconds(self) -> float | None:
        """Wall-clock time so far or in all, None before the start."""
        if self.started is None:
            return None
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()
