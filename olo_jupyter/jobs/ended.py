"""Runs that ended where another machine serves the jobs (Airflow), counted as they are told of: for metrics.

Their records are that machine's: here is only the sum since this process began, as Prometheus' counters are. Nothing is
asked for it: who follows a target hands over what changed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from olo_jupyter.jobs.records import ENDED, RunRecord, TaskRun
from olo_jupyter.jobs.usage import BUCKETS, RunUsage, TaskUsage

_KNOWN = 10_000
"""Runs whose end is remembered, so that none counts twice: looks overlap by seconds."""
SETTLE = 60.0
"""Seconds for which a new sum is told as 0: `increase` and `rate` see what grows, not a series that begins with 1."""


class EndedRuns:
    """The sums. Safe to use from several threads.

    Args:
        settle: Seconds for which a new sum is told as 0; longer than between two scrapes.
    """

    def __init__(self, settle: float = SETTLE) -> None:
        self._settle = settle
        self._begun: dict[tuple[str, str, str, str], float] = {}
        self._lock = threading.Lock()
        self._known: OrderedDict[str, dict[str, datetime | None]] = OrderedDict()
        self._runs: dict[tuple[str, str, str], RunUsage] = {}
        self._tasks: dict[tuple[str, str, str], TaskUsage] = {}

    def add(self, record: RunRecord, sla: float | None = None) -> None:
        """Count a run that ended, once; where it ran again, its new end and the tasks that ran again count, too.

        Args:
            sla: Seconds from its start in which it must be done; None where nobody said.
        """
        if record.state not in ENDED:
            return
        with self._lock:
            before = self._known.get(record.id, {})
            ends = {"": record.ended, **{task.name: task.ended for task in record.tasks}}
            self._known[record.id] = ends
            self._known.move_to_end(record.id)
            while len(self._known) > _KNOWN:
                self._known.popitem(last=False)
            if before.get("") != record.ended or not before:
                self._add_run(record, sla)
            for task in record.tasks:
                if task.ended is not None and before.get(task.name) != task.ended:
                    self._add_task(record, task)

    def runs(self) -> list[RunUsage]:
        """The runs by job, target and state."""
        with self._lock:
            return [sums if self._settled("run", key) else _none(sums) for key, sums in sorted(self._runs.items())]

    def tasks(self) -> list[TaskUsage]:
        """What their tasks used, by job, target and task; 0 where nobody measured it."""
        with self._lock:
            return [
                sums if self._settled("task", key) else replace(sums, cpu_seconds=0.0, bytes_scanned=0)
                for key, sums in sorted(self._tasks.items())
            ]

    def _settled(self, kind: str, key: tuple[str, str, str]) -> bool:
        return time.monotonic() - self._begun[kind, *key] >= self._settle

    def _add_run(self, record: RunRecord, sla: float | None) -> None:
        key = record.job, record.target, record.state
        sums = self._runs.get(key) or RunUsage(*key, 0, 0.0, 0, "", (0,) * len(BUCKETS))
        self._begun.setdefault(("run", *key), time.monotonic())
        seconds = record.seconds or 0.0
        self._runs[key] = replace(
            sums,
            runs=sums.runs + 1,
            seconds=sums.seconds + seconds,
            late=sums.late + (record.late or (sla is not None and seconds > sla)),
            last_ended=max(sums.last_ended, record.ended.isoformat() if record.ended else ""),
            within=tuple(n + (seconds <= bound) for n, bound in zip(sums.within, BUCKETS, strict=True)),
        )

    def _add_task(self, record: RunRecord, task: TaskRun) -> None:
        key = record.job, record.target, task.name
        self._begun.setdefault(("task", *key), time.monotonic())
        sums = self._tasks.get(key) or TaskUsage(*key, 0.0, 0, 0)
        self._tasks[key] = replace(
            sums,
            cpu_seconds=sums.cpu_seconds + (task.cpu_seconds or 0.0),
            memory_bytes=max(sums.memory_bytes, task.memory_bytes or 0),
            bytes_scanned=sums.bytes_scanned + (task.bytes_scanned or 0),
        )


def _none(sums: RunUsage) -> RunUsage:
    """As if none had ended, but for when the last one did: alerts on that need no rate."""
    return replace(sums, runs=0, seconds=0.0, late=0, within=(0,) * len(BUCKETS))
