"""Prometheus metrics of runs: a text file for node_exporter, or a push to a Pushgateway.

``OLO_METRICS_FOLDER`` names the folder of node_exporter's textfile collector: one file a job and target, written whole.
``OLO_PUSHGATEWAY`` names a Pushgateway: one group a job and target.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from olo_jupyter.jobs.records import RunRecord

PUSH_TIMEOUT = 5.0
"""Seconds."""


def measure(record: RunRecord, environ: Mapping[str, str]) -> list[str]:
    """Tell a run's figures to whoever wants them.

    Returns:
        What went wrong, a line each; [] when all was told or nobody wants it.
    """
    folder, gateway = environ.get("OLO_METRICS_FOLDER"), environ.get("OLO_PUSHGATEWAY")
    if not folder and not gateway:
        return []
    from prometheus_client import push_to_gateway, write_to_textfile

    registry = registry_of(record)
    problems = []
    if folder:
        try:
            write_to_textfile(str(Path(folder) / f"olo_{record.target}_{record.job}.prom"), registry)
        except OSError as error:
            problems.append(f"Metrics can't be written to {folder}: {error.strerror}.")
    if gateway:
        try:
            push_to_gateway(
                gateway,
                job="olo",
                registry=registry,
                grouping_key={"olo_job": record.job, "target": record.target},
                timeout=PUSH_TIMEOUT,
            )
        except OSError as error:
            problems.append(f"Metrics can't be pushed ({type(error).__name__}).")
    return problems


def registry_of(record: RunRecord) -> Any:
    """The figures of a run that has ended, as Prometheus names them: seconds, counts, Unix times."""
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry()
    labels = {"job_name": record.job, "target": record.target}

    gauges: dict[str, Gauge] = {}

    def gauge(name: str, text: str, value: float, **more: str) -> None:
        if name not in gauges:
            gauges[name] = Gauge(name, text, [*labels, *more], registry=registry)
        gauges[name].labels(**labels, **more).set(value)

    gauge("olo_run_duration_seconds", "Wall-clock time of the last run.", record.seconds or 0.0)
    gauge("olo_run_success", "1 where the last run succeeded, else 0.", float(record.state == "success"))
    if record.ended is not None:
        gauge("olo_run_end_timestamp_seconds", "When the last run ended.", record.ended.timestamp())
    for task in record.tasks:
        if task.started is not None and task.ended is not None:
            taken = (task.ended - task.started).total_seconds()
            gauge("olo_task_duration_seconds", "Wall-clock time of the task, all tries.", taken, task=task.name)
        gauge("olo_task_attempts", "Tries of the task.", float(task.attempts), task=task.name)
        if task.rows is not None:
            gauge("olo_task_rows", "Rows that the task wrote.", float(task.rows), task=task.name)
    return registry
