"""Backfill on this machine: a run a moment, one after the other; what succeeded already stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.runner import RunRequest, planned, run_job
from olo_jupyter.jobs.store import RunStore

_ALL = 1_000_000


def done_moments(store: RunStore, request: RunRequest, wanted: Iterable[datetime]) -> dict[datetime, RunRecord]:
    """The newest run of each wanted moment, of the same job, target and parameters.

    Args:
        request: The backfill's request; its parameters count as each moment gives them.
    """
    wanted = set(wanted)
    found: dict[datetime, RunRecord] = {}
    for record in store.runs(request.job.name, _ALL):
        if record.moment in wanted and record.moment not in found and record.target == request.target.name:
            asked = planned(replace(request, moment=record.moment)).parameters
            if record.parameters == asked:
                found[record.moment] = record
    return found


def run_backfill(
    request: RunRequest,
    wanted: Iterable[datetime],
    name: str,
    *,
    on_run: Callable[[datetime, RunRecord], None],
    on_change: Callable[[RunRecord], None] | None = None,
) -> list[RunRecord]:
    """Run a job for each moment that has no successful run yet; stops at the first that fails.

    A moment whose run failed or was killed is resumed where it stopped. So running the same backfill again is safe, and
    goes on where it ended.

    Args:
        request: What to run; its moment is set for each.
        name: The backfill's name, kept in the records.
        on_run: Called with the moment and its record when a run has ended, or was done before.
    """
    store = RunStore(request.state / "runs.db")
    before = done_moments(store, request, wanted)
    records = []
    for moment in wanted:
        record = before.get(moment)
        if record is None or record.state != "success":
            resume = record if record is not None and record.state in ("failed", "cancelled") else None
            record = run_job(replace(request, moment=moment, backfill=name, resume=resume), on_change)
        records.append(record)
        on_run(moment, record)
        if record.state != "success":
            break
    return records
