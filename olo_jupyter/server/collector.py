"""What a project's stores know, as Prometheus asks for it: runs, tasks, queries, promotions, prices.

The figures are summed when Prometheus asks, at most once in :data:`FRESH` seconds: so what kernels, the scheduler and
other processes of the project did is in them, and they survive a restart. Runs on other machines are counted from the
moment on at which somebody asked first.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.ended import EndedRuns
from olo_jupyter.jobs.usage import BUCKETS, RunUsage, TaskUsage, query_usage, run_usage, task_usage

FRESH = 5.0
"""Seconds."""


class ProjectCollector(Collector):
    """The figures of one project. Register it in a registry; safe to be asked from several threads.

    Args:
        settings: Gives the project as it is now.
        ended: What ended where other machines run the jobs.
        follow: Called each time: sees to it that they are followed.
        people: Whether statements are told by person; else all are one, whose name is empty.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        ended: EndedRuns,
        follow: Callable[[], None] = lambda: None,
        *,
        people: bool = True,
    ) -> None:
        self._settings = settings
        self._ended = ended
        self._follow = follow
        self._people = people
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not read the stores."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The figures. A store that can't be read gives none, and ``olo_project_readable`` says 0."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = self._read()
                self._until = time.monotonic() + FRESH
            return list(self._kept)

    def _read(self) -> list[Metric]:
        readable = GaugeMetricFamily("olo_project_readable", "1 where the project's stores could be read, else 0.")
        try:
            settings = self._settings()
            self._follow()
            figures = _runs(settings.name, [*run_usage(settings.state), *self._ended.runs()])
            figures += _tasks(settings.name, [*task_usage(settings.state), *self._ended.tasks()])
            figures += [
                *_queries(settings.name, settings.state, people=self._people),
                _promotions(settings.name, settings.state),
            ]
            figures.append(_prices(settings))
        except OloError:
            readable.add_metric([], 0)
            return [readable]
        readable.add_metric([], 1)
        return [readable, *figures]


def _runs(workspace: str, found: Iterable[RunUsage]) -> list[Metric]:
    of_job = ["workspace", "job_name", "target"]
    ended = CounterMetricFamily("olo_runs", "Runs that ended, by how.", labels=[*of_job, "state"])
    length = HistogramMetricFamily("olo_run_seconds", "Wall-clock time of runs that ended.", labels=[*of_job, "state"])
    late = CounterMetricFamily("olo_run_late", "Runs that weren't done within their SLA.", labels=of_job)
    last = GaugeMetricFamily(
        "olo_run_last_end_timestamp_seconds", "When the last run ended so.", labels=[*of_job, "state"]
    )
    behind: dict[tuple[str, str], int] = {}
    for usage in found:
        labels = [workspace, usage.job, usage.target]
        behind[usage.job, usage.target] = behind.get((usage.job, usage.target), 0) + usage.late
        ended.add_metric([*labels, usage.state], usage.runs)
        buckets = [(str(bound), count) for bound, count in zip(BUCKETS, usage.within, strict=True)]
        length.add_metric([*labels, usage.state], [*buckets, ("+Inf", usage.runs)], usage.seconds)
        if usage.last_ended:
            last.add_metric([*labels, usage.state], datetime.fromisoformat(usage.last_ended).timestamp())
    for (job, target), count in behind.items():
        late.add_metric([workspace, job, target], count)
    return [ended, length, late, last]


def _tasks(workspace: str, found: Iterable[TaskUsage]) -> list[Metric]:
    labels = ["workspace", "job_name", "target", "task"]
    cpu = CounterMetricFamily("olo_task_cpu_seconds", "CPU time of tasks, all tries.", labels=labels)
    memory = GaugeMetricFamily("olo_task_memory_bytes", "The most memory that a try used at once.", labels=labels)
    scanned = CounterMetricFamily("olo_task_scanned_bytes", "Bytes that tasks read from storage.", labels=labels)
    for usage in found:
        names = [workspace, usage.job, usage.target, usage.task]
        cpu.add_metric(names, usage.cpu_seconds)
        memory.add_metric(names, usage.memory_bytes)
        scanned.add_metric(names, usage.bytes_scanned)
    return [cpu, memory, scanned]


def _queries(workspace: str, state: Path, *, people: bool) -> list[Metric]:
    labels = ["workspace", "user", "engine"]
    ended = CounterMetricFamily("olo_queries", "Statements that ended, by how.", labels=[*labels, "state"])
    seconds = CounterMetricFamily("olo_query_seconds", "Time of statements that ended.", labels=labels)
    scanned = CounterMetricFamily("olo_query_scanned_bytes", "Bytes that statements read.", labels=labels)
    cpu = CounterMetricFamily("olo_query_cpu_seconds", "CPU time that a server spent on them.", labels=labels)
    sums: dict[tuple[str, str], tuple[float, int]] = {}
    spent: dict[tuple[str, str], float] = {}
    counted: Counter[tuple[str, str, str]] = Counter()
    for usage in query_usage(state):
        user = usage.user if people else ""
        counted[user, usage.engine, usage.state] += usage.statements
        before = sums.get((user, usage.engine), (0.0, 0))
        sums[user, usage.engine] = (before[0] + usage.seconds, before[1] + usage.bytes_scanned)
        if usage.cpu_seconds is not None:
            spent[user, usage.engine] = spent.get((user, usage.engine), 0.0) + usage.cpu_seconds
    for (user, engine, how), count in counted.items():
        ended.add_metric([workspace, user, engine, how], count)
    for (user, engine), (taken, read) in sums.items():
        seconds.add_metric([workspace, user, engine], taken)
        scanned.add_metric([workspace, user, engine], read)
    for (user, engine), used in spent.items():
        cpu.add_metric([workspace, user, engine], used)
    return [ended, seconds, scanned, cpu]


def _promotions(workspace: str, state: Path) -> Metric:
    from olo_jupyter.promotion.ledger import counts

    family = CounterMetricFamily("olo_promotions", "Promotions, by how they ended.", labels=["workspace", "status"])
    for status, count in sorted(counts(state).items()):
        family.add_metric([workspace, status], count)
    return family


def _prices(settings: Settings) -> Metric:
    family = GaugeMetricFamily("olo_price", "Price of a unit, from olo.yml.", labels=["workspace", "unit", "currency"])
    prices = settings.prices
    for unit, each in (("cpu_hour", prices.cpu_hour), ("tib_scanned", prices.tib_scanned)):
        if each is not None:
            family.add_metric([settings.name, unit, prices.currency], each)
    return family
