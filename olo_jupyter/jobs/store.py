"""Run records in SQLite: they survive a killed process, and no run stays "running" after its process is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.process import process_identity

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, state TEXT NOT NULL, started TEXT,
    process TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_by_job ON runs (job, started DESC);
CREATE INDEX IF NOT EXISTS runs_by_start ON runs (started DESC);
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL);
INSERT INTO version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM version);
"""


class RunStore:
    """The run records of one project.

    Args:
        path: The SQLite file; made with its folder when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=60)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            with connection:
                yield connection
        finally:
            connection.close()

    def save(self, record: RunRecord) -> None:
        """Write a run's present state; a run that is there is replaced."""
        started = record.started.isoformat() if record.started else None
        row = (record.id, record.job, record.state, started, process_identity(os.getpid()), record.model_dump_json())
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)", row)
            connection.execute("UPDATE version SET number = number + 1")

    def runs(self, job: str | None = None, limit: int = 100) -> list[RunRecord]:
        """The newest runs first, of one job or of all."""
        self._end_orphans()
        where, values = ("WHERE job = ?", (job, limit)) if job else ("", (limit,))
        query = f"SELECT record FROM runs {where} ORDER BY started DESC, id DESC LIMIT ?"
        with self._connection() as connection:
            rows = connection.execute(query, values).fetchall()
        return [RunRecord.model_validate_json(text) for (text,) in rows]

    def run(self, id: str) -> RunRecord | None:
        """One run, None where there is none."""
        self._end_orphans()
        with self._connection() as connection:
            row = connection.execute("SELECT record FROM runs WHERE id = ?", (id,)).fetchone()
        return RunRecord.model_validate_json(row[0]) if row else None

    def version(self) -> int:
        """A counter that grows with every change: cheap to poll."""
        with self._connection() as connection:
            number = connection.execute("SELECT number FROM version").fetchone()[0]
        assert isinstance(number, int)
        return number

    def _end_orphans(self) -> None:
        """Runs whose process is gone (killed, machine restarted) are failed, with that reason."""
        with self._connection() as connection:
            open_states = "SELECT id, process, record FROM runs WHERE state IN ('queued', 'running')"
            rows = connection.execute(open_states).fetchall()
            for id_, process, text in rows:
                if process_identity(int(process.split("/")[0] or 0)) == process:
                    continue
                record = RunRecord.model_validate_json(text)
                record.state, record.ended = "failed", datetime.now(UTC)
                record.message = "The process that ran it is gone."
                for task in record.tasks:
                    if task.state not in ENDED:
                        task.state, task.ended = (
                            ("failed", record.ended) if task.state == "running" else ("skipped", None)
                        )
                update = "UPDATE runs SET state = 'failed', record = ? WHERE id = ? AND record = ?"
                if connection.execute(update, (record.model_dump_json(), id_, text)).rowcount:
                    connection.execute("UPDATE version SET number = number + 1")
