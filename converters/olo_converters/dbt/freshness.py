"""How old a source may get: proposed from when its snapshots were committed."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

LOADS = 3
"""Loads without which no rhythm is seen."""
ONE_LOAD = timedelta(minutes=1)
"""Commits that follow each other sooner are one load."""
LATEST_COMMIT = 'select max(committed_at) from {{ this.database }}.{{ this.schema }}."{{ this.identifier }}$snapshots"'
_PERIODS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def freshness(commits: tuple[datetime, ...]) -> dict[str, Any] | None:
    """dbt's ``config`` of a source table: a warning after twice the longest time that ever passed between two loads.

    Args:
        commits: When its snapshots were committed, oldest first.

    Returns:
        None where there were too few loads to tell.

    Example:
        >>> days = tuple(datetime(2026, 1, day) for day in (1, 2, 3, 5))
        >>> freshness(days)["freshness"]
        {'warn_after': {'count': 4, 'period': 'day'}}
        >>> freshness(days[:2]) is None
        True
    """
    loads: list[datetime] = []
    for commit in commits:
        if not loads or commit - loads[-1] >= ONE_LOAD:
            loads.append(commit)
    if len(loads) < LOADS:
        return None
    longest = max(after - before for before, after in pairwise(loads))
    count, period = _in_words(2 * longest)
    evidence = f"{len(loads)} loads from {loads[0]:%Y-%m-%d} to {loads[-1]:%Y-%m-%d}, at most {_said(longest)} apart"
    return {
        "loaded_at_query": LATEST_COMMIT,
        "freshness": {"warn_after": {"count": count, "period": period}},
        "meta": {"freshness_evidence": evidence},
    }


def _in_words(time: timedelta) -> tuple[int, str]:
    """In the largest period that it fills twice, rounded up."""
    for period, length in _PERIODS:
        if time >= 2 * length:
            return math.ceil(time / length), period
    return math.ceil(time / _PERIODS[-1][1]), _PERIODS[-1][0]


def _said(time: timedelta) -> str:
    count, period = _in_words(time)
    return f"{count} {period}{'s' if count != 1 else ''}"
