"""Home: how the services are, what failed of late, what is going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from olo_jupyter.jobs.records import RunRecord
from olo_jupyter.server.models.health import Counts, Health, HealthLink, RecentFailure
from olo_jupyter.server.workspace import Opened

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_RUNS, _SHOWN = 1000, 20
_PATIENCE = 2.0
"""Seconds that the first who asks waits for what the looks find."""


def health(opened: Opened) -> Health:
    """The state of everything, from what is known."""
    first = not opened.watch.states()
    opened.watch.refresh(_PATIENCE if first else 0.0)
    now = datetime.now(UTC)
    store = opened.runs()
    runs = store.runs(limit=_RUNS) if store is not None else []
    week = [run for run in runs if run.started and run.started > now - _WEEK]
    day = [run for run in runs if run.started and run.started > now - _DAY]
    return Health(
        services=opened.watch.services(),
        failures=[_failure(run, run.message) for run in week if run.state == "failed"][:_SHOWN],
        sla_misses=[_failure(run, late) for run in week if (late := _late(run))][:_SHOWN],
        counts=Counts(
            jobs=len(opened.project.job_files),
            running=sum(run.state in ("queued", "running") for run in runs),
            succeeded=sum(run.state == "success" for run in day),
            failed=sum(run.state == "failed" for run in day),
        ),
        links=[HealthLink(title=title, url=url) for title, url in opened.settings.links.items()],
    )


def _late(run: RunRecord) -> str:
    return next((warning for warning in run.warnings if "after its SLA" in warning), "")


def _failure(run: RunRecord, message: str) -> RecentFailure:
    failed = [task for task in run.tasks if task.state == "failed"]
    told = message or "; ".join(f"{task.name}: {task.message.splitlines()[0]}" for task in failed if task.message)
    at = run.ended or run.started or datetime.now(UTC)
    return RecentFailure(run=run.id, job=run.job, target=run.target, at=at, message=told[:500])
