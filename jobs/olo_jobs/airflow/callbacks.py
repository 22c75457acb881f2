"""What Airflow calls when something happens to a run: each tells the people whom the job names."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from olo_jobs.airflow.secrets import secret
from olo_jobs.delivery import Event, Happened, deliver
from olo_jobs.notify import Notify
from olo_jobs.spec import JobSpec

Callback = Callable[[Mapping[str, Any]], None]
_log = logging.getLogger(__name__)


def callback(event: Event, job: JobSpec, target: str) -> Callback | None:
    """The callback that tells of ``event``; None where nobody is to be told."""
    if not getattr(job.notify, f"on_{event}"):
        return None

    def tell(context: Mapping[str, Any]) -> None:
        instance = context.get("ti") or context.get("task_instance")
        if event == "start" and getattr(instance, "try_number", 1) > 1:
            return  # a retry of the first task is no new run
        task = getattr(instance, "task_id", None)
        reason = context.get("exception") or context.get("reason") or ""
        _deliver(
            job.notify,
            Happened(
                event,
                job.name,
                target,
                str(context.get("run_id") or getattr(context.get("dag_run"), "run_id", "")),
                datetime.now(UTC),
                message=str(reason)[:2000] if event in ("failure", "retry") else "",
                tasks=[task] if task and event in ("failure", "retry") else [],
                url=str(getattr(instance, "log_url", "") or ""),
                owner=job.owner,
            ),
        )

    return tell


def sla_missed(
    context: Mapping[str, Any], *, notify: dict[str, Any], job: str, target: str, sla: str, owner: str
) -> None:
    """What a deadline alert calls: the run isn't done after the job's ``sla``."""
    run = context.get("dag_run") or {}
    run_id = run.get("dag_run_id") or run.get("run_id") if isinstance(run, Mapping) else getattr(run, "run_id", "")
    told = Happened(
        "sla_miss", job, target, str(run_id or ""), datetime.now(UTC), f"It isn't done after {sla}.", owner=owner
    )
    _log.warning("%s", told.text)
    _deliver(Notify.model_validate(notify), told)


def _deliver(notify: Notify, happened: Happened) -> None:
    for problem in deliver(notify, happened, secret, os.environ):
        _log.warning("%s", problem)
