"""What runs and queries cost: CPU hours and bytes scanned, times the prices in olo.yml."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from olo_jupyter.jobs.usage import TaskUsage, query_usage, task_usage
from olo_jupyter.service_settings import PriceSettings

By = Literal["job", "target", "user", "engine"]
_TIB = 1024.0**4


@dataclass(frozen=True)
class Cost:
    """What one job, target, person or engine used and cost.

    Args:
        name: Which.
        cpu_hours: Of jobs, what their processes used and what Trino spent on their statements; of people and engines,
            what Trino spent. None where nobody measures it: statements of other engines outside of jobs.
        cost: In the prices' currency; None where a price that it needs isn't set.
    """

    name: str
    cpu_hours: float | None
    bytes_scanned: int
    cost: float | None


def costs(state: Path, prices: PriceSettings, by: By, since: datetime | None = None) -> list[Cost]:
    """The costs, dearest first, then by name.

    Jobs and targets count what their tasks used; people and engines count the statements that were run outside of jobs
    and in them, as the history has them. The two views overlap: don't add them.

    Raises:
        OloError: store: the state can't be read.
    """
    if by == "job" or by == "target":
        return task_costs(task_usage(state, since), prices, by)
    cpu: dict[str, float] = {}
    scanned: dict[str, int] = defaultdict(int)
    for query in query_usage(state, since):
        name = query.user if by == "user" else query.engine
        scanned[name] += query.bytes_scanned
        if query.cpu_seconds is not None:
            cpu[name] = cpu.get(name, 0.0) + query.cpu_seconds / 3600.0
    return _priced(cpu, scanned, prices)


def task_costs(usage: Iterable[TaskUsage], prices: PriceSettings, by: Literal["job", "target"] = "job") -> list[Cost]:
    """The costs of jobs or targets, from what their tasks used, wherever they ran; as :func:`costs`."""
    cpu: dict[str, float] = defaultdict(float)
    scanned: dict[str, int] = defaultdict(int)
    for task in usage:
        name = task.job if by == "job" else task.target
        cpu[name] += task.cpu_seconds / 3600.0
        scanned[name] += task.bytes_scanned
    return _priced(cpu, scanned, prices)


def _priced(cpu: Mapping[str, float], scanned: Mapping[str, int], prices: PriceSettings) -> list[Cost]:
    found = [Cost(name, cpu.get(name), read, price(cpu.get(name, 0.0), read, prices)) for name, read in scanned.items()]
    return sorted(found, key=lambda one: (-(one.cost or 0.0), -one.bytes_scanned, one.name))


def price(cpu_hours: float, bytes_scanned: int, prices: PriceSettings) -> float | None:
    """What that costs; None where something was used that has no price.

    Example:
        >>> price(2.0, 1024**4, PriceSettings(cpu_hour=0.05, tib_scanned=4.5))
        4.6
        >>> price(2.0, 0, PriceSettings(tib_scanned=4.5)) is None
        True
    """
    parts = [(cpu_hours, prices.cpu_hour), (bytes_scanned / _TIB, prices.tib_scanned)]
    if any(used and each is None for used, each in parts):
        return None
    return sum(used * (each or 0.0) for used, each in parts)
