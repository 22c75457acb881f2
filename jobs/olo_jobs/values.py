"""The values of one run: its parameters and the built-in ones, counted alike on this machine and in Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from olo_jobs.parameters import parameter_values
from olo_jobs.spec import JobSpec


def run_values(
    job: JobSpec, given: Mapping[str, Any], *, moment: datetime, run_id: str, target: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of a run, and with them all values for templates.

    Args:
        given: Values by name, as text or of the parameter's type.
        moment: The time that the run stands for, with its zone. ``logical_date`` is its day in the schedule's zone: a
            job that runs at midnight in Berlin means Berlin's day.

    Raises:
        ValueError: A parameter is unknown, missing, or of the wrong type; the text names it.
    """
    zone = ZoneInfo(job.schedule.timezone) if job.schedule is not None else ZoneInfo("UTC")
    built_in = {"logical_date": moment.astimezone(zone).date().isoformat(), "run_id": run_id, "target": target}
    parameters: dict[str, Any] = dict(parameter_values(job.parameters, given, built_in))
    return parameters, {**parameters, **built_in}
