"""A job as a DAG."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import (
    DAG,
    AssetAlias,
    AssetAll,
    AssetAny,
    CronTriggerTimetable,
    DeadlineAlert,
    DeadlineReference,
    DeltaTriggerTimetable,
    Param,
    SyncCallback,
)

from olo_jobs.airflow.assets import awaited
from olo_jobs.airflow.callbacks import callback, sla_missed
from olo_jobs.airflow.operator import OloOperator
from olo_jobs.airflow.served import Served
from olo_jobs.parameters import Parameter
from olo_jobs.spec import JobSpec, Retries, Task, seconds
from olo_jobs.template import REFERENCE

_FIRST_DAY = date(2020, 1, 1)
"""Backfills may go back to here where the job names no start."""
_TYPES: Mapping[str, dict[str, str]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def dag_of(job: JobSpec, served: Served, *, dag_id: str) -> DAG:
    """The DAG of a job, as it is deployed."""
    schedule = job.schedule
    start = schedule.start if schedule is not None else None
    zone = ZoneInfo(schedule.timezone) if schedule is not None else UTC
    dag = DAG(
        dag_id,
        description=_first_line(job.description),
        doc_md=_document(job, served),
        schedule=_schedule(job, served),
        # In the schedule's zone: a backfill's days are counted in the DAG's.
        start_date=datetime.combine(date.fromisoformat(start) if start else _FIRST_DAY, time(), zone),
        catchup=schedule.catchup if schedule is not None else False,
        is_paused_upon_creation=not served.production,
        max_active_runs=job.max_active_runs,
        tags={f"target:{served.target}", *(tag[:100] for tag in job.tags)},
        default_args={"owner": job.owner or "airflow"},
        deadline=_deadline(job, served.target),
        on_success_callback=callback("success", job, served.target),
        on_failure_callback=callback("failure", job, served.target),
        render_template_as_native_obj=False,
    )
    first = job.order()[0]
    operators = {task.name: _operator(task, job, served, dag, is_first=task.name == first) for task in job.tasks}
    for task in job.tasks:
        for upstream in task.depends_on:
            operators[upstream].set_downstream(operators[task.name])
    # Last, and one by one: else Airflow checks each default by JSON Schema, and copies all of them for each task, which
    # takes as long as the rest together. The spec has checked them.
    for name, parameter in job.parameters.items():
        dag.params[name] = _param(parameter)
    return dag


def _operator(task: Task, job: JobSpec, served: Served, dag: DAG, *, is_first: bool) -> OloOperator:
    retries = task.retries or job.retries
    limit = task.timeout or job.timeout
    pool, slots = _pool(task, job, served)
    more: dict[str, Any] = {"pool_slots": slots, **({"pool": pool} if pool else {})}
    if is_first:
        more["on_execute_callback"] = callback("start", job, served.target)
    return OloOperator(
        job=job,
        task=task,
        served=served,
        dag=dag,
        doc_md=task.description or None,
        execution_timeout=timedelta(seconds=seconds(limit)) if limit else None,
        on_retry_callback=callback("retry", job, served.target),
        outlets=[AssetAlias(f"{dag.dag_id}.{task.name}")] if task.kind in ("dbt", "sql", "python", "spark") else [],
        **_retries(retries),
        **more,
    )


def _retries(retries: Retries) -> dict[str, Any]:
    """Airflow's words for them; its exponential backoff has jitter of its own."""
    return {
        "retries": retries.attempts - 1,
        "retry_delay": timedelta(seconds=seconds(retries.initial)),
        "max_retry_delay": timedelta(seconds=max(1, seconds(retries.max))),
        "retry_exponential_backoff": 2.0 if retries.backoff == "exponential" else 0,
    }


def _pool(task: Task, job: JobSpec, served: Served) -> tuple[str | None, int]:
    """Name and slots of a task's pool; (None, 1) for Airflow's default one.

    Only a pool that a profile names: in one that isn't there a task waits for ever, and a loader can't make any.
    """
    told = task.resources if task.resources is not None else job.resources
    profile = served.profiles.get(told) if isinstance(told, str) else told
    return (profile.pool, profile.slots) if profile is not None else (None, 1)


def _schedule(job: JobSpec, served: Served) -> Any:
    schedule = job.schedule
    if schedule is None:
        return None
    if schedule.cron is not None:
        return CronTriggerTimetable(schedule.cron, timezone=schedule.timezone)
    if schedule.every is not None:
        return DeltaTriggerTimetable(timedelta(seconds=seconds(schedule.every)))
    tables = [one[0] if len(one) == 1 else AssetAny(*one) for one in awaited(schedule, served.catalogs)]
    return AssetAll(*tables) if schedule.match == "all" else AssetAny(*tables)


def _param(parameter: Parameter) -> Param:
    """A parameter, for Airflow's form. One without value is filled in, or refused, when the run starts."""
    schema: dict[str, Any] = dict(_TYPES[parameter.type])
    default = parameter.default
    if default is None or (isinstance(default, str) and REFERENCE.search(default)):
        default, schema["type"] = None, ["null", schema["type"]]
    if parameter.enum is not None:
        schema["enum"] = [*parameter.enum, *([None] if default is None else [])]
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    return Param(default, description=parameter.description or None, **schema)


def _deadline(job: JobSpec, target: str) -> DeadlineAlert | None:
    if job.sla is None:
        return None
    told = {
        "notify": job.notify.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "job": job.name,
        "target": target,
        "sla": job.sla,
        "owner": job.owner,
    }
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(seconds=seconds(job.sla)),
        callback=SyncCallback(sla_missed, kwargs=told),
    )


def _first_line(text: str) -> str | None:
    return text.strip().split("\n")[0][:1000] or None


def _document(job: JobSpec, served: Served) -> str:
    """The DAG's page: what the job is for, and where it comes from."""
    lines = [job.description.strip(), "", f"- Job: `jobs/{job.name}.yml`", f"- Target: {served.target}"]
    if served.commit:
        lines.append(f"- Commit: `{served.commit}`")
    if job.sla:
        lines.append(f"- SLA: {job.sla}")
    return "\n".join(lines).strip()
