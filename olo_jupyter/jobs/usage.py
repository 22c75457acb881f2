"""What jobs and queries used, summed from the project's stores: for metrics and for costs.

Both stores are read as they are, read only: looking must not make files, and never waits for a writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from olo_jupyter.errors import OloError

BUCKETS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)
"""Upper bounds of the classes of a run's length, in seconds."""

_LENGTH = "(julianday(json_extract(record, '$.ended')) - julianday(json_extract(record, '$.started'))) * 86400.0"
_RUNS = f"""
SELECT job, json_extract(record, '$.target') AS target, state, count(*), coalesce(sum({_LENGTH}), 0),
    sum(coalesce(json_extract(record, '$.late'), 0)), max(json_extract(record, '$.ended')),
    {", ".join(f"sum({_LENGTH} <= {bound})" for bound in BUCKETS)}
FROM runs WHERE state IN ('success', 'failed', 'cancelled') AND started >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_TASKS = """
SELECT job, json_extract(record, '$.target') AS target, json_extract(task.value, '$.name') AS name,
    sum(coalesce(json_extract(task.value, '$.cpu_seconds'), 0)),
    max(coalesce(json_extract(task.value, '$.memory_bytes'), 0)),
    sum(coalesce(json_extract(task.value, '$.bytes_scanned'), 0))
FROM runs, json_each(record, '$.tasks') AS task WHERE started >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_QUERIES = """
SELECT user, engine, state, count(*), coalesce(sum(seconds), 0), coalesce(sum(bytes), 0),
    sum({cpu})
FROM statements WHERE state <> 'running' AND started >= ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_HAS_CPU = "SELECT count(*) FROM pragma_table_info('statements') WHERE name = 'cpu_seconds' AND '' >= ?"
_ALWAYS = ""
"""Less than every moment."""


@dataclass(frozen=True)
class RunUsage:
    """The ended runs of a job in a target that ended in one state.

    Args:
        seconds: Wall-clock time of all of them; ``within`` how many took at most each of :data:`BUCKETS`.
        late: How many weren't done within their SLA.
        last_ended: ISO 8601, '' where nobody knows.
    """

    job: str
    target: str
    state: str
    runs: int
    seconds: float
    late: int
    last_ended: str
    within: tuple[int, ...]


@dataclass(frozen=True)
class TaskUsage:
    """What a task used in all runs; ``memory_bytes`` is the most that one try used at once."""

    job: str
    target: str
    task: str
    cpu_seconds: float
    memory_bytes: int
    bytes_scanned: int


@dataclass(frozen=True)
class QueryUsage:
    """A person's statements on an engine that ended in one state.

    ``cpu_seconds`` is what a server (Trino) spent on them, None where the engine tells none.
    """

    user: str
    engine: str
    state: str
    statements: int
    seconds: float
    bytes_scanned: int
    cpu_seconds: float | None


def run_usage(state: Path, since: datetime | None = None) -> list[RunUsage]:
    """The ended runs by job, target and state.

    Args:
        state: The project's state folder.
        since: Only runs that began then or later.

    Raises:
        OloError: store: the file can't be read.
    """
    rows = _read(state / "runs.db", _RUNS, since)
    return [
        RunUsage(job, target, how, runs, seconds, late, ended or "", tuple(int(one or 0) for one in within))
        for job, target, how, runs, seconds, late, ended, *within in rows
    ]


def task_usage(state: Path, since: datetime | None = None) -> list[TaskUsage]:
    """What tasks used, by job, target and task; as :func:`run_usage`."""
    return [TaskUsage(*row) for row in _read(state / "runs.db", _TASKS, since)]


def query_usage(state: Path, since: datetime | None = None) -> list[QueryUsage]:
    """Statements by person, engine and state; as :func:`run_usage`."""
    path = state / "history.db"
    # A file that no statement was added to since the version before has no such column.
    (known,) = next(_read(path, _HAS_CPU), (0,))
    return [QueryUsage(*row) for row in _read(path, _QUERIES.format(cpu="cpu_seconds" if known else "NULL"), since)]


def _read(path: Path, query: str, since: datetime | None = None) -> Iterator[tuple]:  # type: ignore[type-arg]
    if not path.is_file():
        return iter(())
    bound = since.isoformat() if since is not None else _ALWAYS
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            return iter(connection.execute(query, (bound,)).fetchall())
    except sqlite3.Error as error:
        raise OloError(f"{path} can't be read: {error}.", code="store", hint="Is it damaged? Restore it.") from error
