"""The last run of jobs, wherever it was: on this machine, and where their targets run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.orchestrator import LOCAL, connect, orchestrator_for
from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.jobs.store import RunStore

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class LastRuns:
    """The last run of each job that ran; ``unasked`` says which orchestrator didn't answer, '' where all did."""

    runs: Mapping[str, RunRecord]
    unasked: str = ""

    def said(self, job: str) -> str:
        """A job's last run in words: ``success on prod, 2026-01-31 06:00``; ``never``."""
        run = self.runs.get(job)
        if run is None:
            return "never"
        return f"{run.state} on {run.target}" + (f", {run.started:%Y-%m-%d %H:%M}" if run.started else "")


def last_runs(settings: Settings, jobs: Mapping[str, Iterable[str]], *, far: bool = True) -> LastRuns:
    """The last runs of jobs.

    Args:
        jobs: For each job the targets that run it.
        far: Whether to ask the orchestrators that are elsewhere.
    """
    found: dict[str, RunRecord] = {}
    path = settings.state / "runs.db"
    if path.is_file():
        store = RunStore(path)
        for job in jobs:
            _newer(found, job, store.runs(job, limit=1))
    unasked = ""
    targets = {target for names in jobs.values() for target in names} if far else set()
    for target in sorted(each for each in targets if orchestrator_for(settings, each) != LOCAL):
        try:
            with closing(connect(settings, target)) as orchestrator:
                for job in (name for name, names in jobs.items() if target in names):
                    _newer(found, job, orchestrator.runs(job, limit=1))
        except OloError as error:
            unasked = error.message
    return LastRuns(found, unasked)


def _newer(found: dict[str, RunRecord], job: str, runs: list[RunRecord]) -> None:
    for run in runs:
        known = found.get(job)
        if known is None or (run.started or _NEVER) > (known.started or _NEVER):
            found[job] = run
