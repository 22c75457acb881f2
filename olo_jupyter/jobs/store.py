"""Run records in SQLite: they survive a killed process, and no run stays "running" after its process is gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from olo_jobs.commands import RUN_VARIABLE
from olo_jobs.process import end_group, end_marked, identity
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.query import RECENT, RunPage, RunQuery
from olo_jupyter.jobs.records import ENDED, RunRecord
from olo_jupyter.sqlite import write_ahead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, state TEXT NOT NULL, started TEXT,
    process TEXT NOT NULL, record TEXT NOT NULL, target TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS runs_by_job ON runs (job, started DESC);
CREATE INDEX IF NOT EXISTS runs_by_start ON runs (started DESC, id DESC);
CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state, started DESC, id DESC);
CREATE INDEX IF NOT EXISTS runs_standing ON runs (job, target, started DESC, state);
CREATE TABLE IF NOT EXISTS cancels (run TEXT PRIMARY KEY, by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL);
INSERT INTO version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM version);
"""


class StoreError(OloError):
    """Run records can't be read or written: a full disk, a folder that isn't ours."""

    default_code = "run-store"


class RunStore:
    """The run records of one project.

    Args:
        path: The SQLite file; made with its folder when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path.parent} can't be made: {error.strerror}.") from error
        with self._connection() as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
            if columns and "target" not in columns:  # made by an earlier version
                connection.execute("ALTER TABLE runs ADD COLUMN target TEXT NOT NULL DEFAULT ''")
                connection.execute(
                    "UPDATE runs SET target = json_extract(record, '$.target'), started = ifnull(started, '')"
                )
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)

    @contextmanager
    def _connection(self, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            try:
                write_ahead(connection)
                connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StoreError(
                f"The run records in {self._path} can't be used: {error}.",
                hint="Is the disk full, and the folder yours?",
            ) from error

    def save(self, record: RunRecord) -> None:
        """Write a run's present state; a run that is there is replaced.

        Raises:
            StoreError: It can't be written.
        """
        with self._connection() as connection:
            _write(connection, record)

    def claim(self, record: RunRecord, limit: int) -> bool:
        """Make a run this process's own and running, unless ``limit`` runs of its job and target are under way.

        Raises:
            StoreError: run-active: it is already running, in another process.
        """
        self._end_orphans()
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT id, process, record FROM runs WHERE job = ? AND state = 'running'", (record.job,)
            ).fetchall()
            others = 0
            for id_, process, text in rows:
                if id_ == record.id and process != identity(os.getpid()):
                    raise StoreError(
                        f"Run {record.id} is under way in another process.",
                        code="run-active",
                        hint="Wait, or cancel it.",
                    )
                others += id_ != record.id and RunRecord.model_validate_json(text).target == record.target
            if others >= limit:
                return False
            record.state = "running"
            connection.execute("DELETE FROM cancels WHERE run = ?", (record.id,))  # of the run before, of one run again
            _write(connection, record)
            return True

    def note_cancel(self, id: str, by: str) -> None:
        """Keep who ends a run, before it is ended: its own process, which writes its record, says so there.

        Raises:
            StoreError: It can't be written.
        """
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO cancels VALUES (?, ?)", (id, by))

    def runs(self, job: str | None = None, limit: int = 100) -> list[RunRecord]:
        """The newest runs first, of one job or of all."""
        self._end_orphans()
        where, values = ("WHERE job = ?", (job, limit)) if job else ("", (limit,))
        query = f"SELECT record FROM runs {where} ORDER BY started DESC, id DESC LIMIT ?"
        with self._connection(read_only=True) as connection:
            rows = connection.execute(query, values).fetchall()
        return [RunRecord.model_validate_json(text) for (text,) in rows]

    def page(self, query: RunQuery, target: str = "") -> RunPage:
        """Some runs, the newest first.

        Args:
            target: Only those in this target; '' for all.

        Raises:
            StoreError: bad-parameter: ``query.after`` is not where a page ended.
        """
        self._end_orphans()
        where: list[str] = ["1"]
        values: list[str] = []
        for condition, value in (("job = ?", query.job), ("target = ?", target)):
            if value:
                where.append(condition)
                values.append(value)
        if query.states:
            where.append(f"state IN ({', '.join('?' * len(query.states))})")
            values += query.states
        if query.text:
            # Not LIKE: it knows the case of ASCII letters only, and takes % and _ for more than themselves.
            where.append("olo_holds(job || char(10) || id || char(10) || json_extract(record, '$.user'), ?)")
            values.append(query.text.casefold())
        if query.after:
            started, _, id_ = query.after.partition("|")
            if not id_:
                raise StoreError(f"{query.after!r} is not where a page ended.", code="bad-parameter")
            where.append("(started, id) < (?, ?)")
            values += [started, id_]
        statement = (
            f"SELECT record, started FROM runs WHERE {' AND '.join(where)} ORDER BY started DESC, id DESC LIMIT ?"
        )
        with self._connection(read_only=True) as connection:
            connection.create_function("olo_holds", 2, lambda text, part: part in text.casefold(), deterministic=True)
            rows = connection.execute(statement, (*values, query.limit + 1)).fetchall()
        records = [RunRecord.model_validate_json(text) for text, _ in rows[: query.limit]]
        more = len(rows) > query.limit
        return RunPage(tuple(records), f"{rows[query.limit - 1][1]}|{records[-1].id}" if more else "")

    def standings(self, jobs: Sequence[str], target: str = "") -> dict[str, tuple[RunRecord, int, int]]:
        """The last run of each job, and of its newest RECENT ended runs how many succeeded, and how many there are."""
        self._end_orphans()
        only, given = ("AND target = ?", (target,)) if target else ("", ())
        last = f"SELECT record FROM runs WHERE job = ? {only} ORDER BY started DESC LIMIT 1"
        recent = (
            "SELECT sum(state = 'success'), count(*) FROM (SELECT state FROM runs WHERE job = ? "
            f"{only} AND state IN ('success', 'failed', 'cancelled') ORDER BY started DESC LIMIT {RECENT})"
        )
        found = {}
        with self._connection(read_only=True) as connection:
            for job in jobs:
                row = connection.execute(last, (job, *given)).fetchone()
                if row is not None:
                    succeeded, ended = connection.execute(recent, (job, *given)).fetchone()
                    found[job] = (RunRecord.model_validate_json(row[0]), succeeded or 0, ended)
        return found

    def last_states(self, target: str = "") -> dict[str, str]:
        """The state of the last run of every job that ran."""
        self._end_orphans()
        only, given = ("WHERE target = ?", (target,)) if target else ("", ())
        query = f"SELECT job, state, max(started) FROM runs {only} GROUP BY job"
        with self._connection(read_only=True) as connection:
            return {job: state for job, state, _ in connection.execute(query, given)}

    def run(self, id: str) -> RunRecord | None:
        """One run, None where there is none."""
        self._end_orphans()
        with self._connection(read_only=True) as connection:
            row = connection.execute("SELECT record FROM runs WHERE id = ?", (id,)).fetchone()
        return RunRecord.model_validate_json(row[0]) if row else None

    def version(self) -> int:
        """A counter that grows with every change: cheap to poll."""
        with self._connection(read_only=True) as connection:
            number = connection.execute("SELECT number FROM version").fetchone()[0]
        assert isinstance(number, int)
        return number

    def process(self, id: str) -> int | None:
        """The id of the process that a run is under way in; None where it isn't."""
        with self._connection(read_only=True) as connection:
            query = "SELECT process FROM runs WHERE id = ? AND state IN ('queued', 'running')"
            row = connection.execute(query, (id,)).fetchone()
        return int(row[0].partition("/")[0]) if row and _lives(row[0]) else None

    def _end_orphans(self) -> None:
        """Runs whose process is gone (killed, machine restarted) are failed, with that reason; children are ended."""
        open_states = "SELECT id, process, record FROM runs WHERE state IN ('queued', 'running')"
        with self._connection(read_only=True) as connection:
            gone = [row for row in connection.execute(open_states).fetchall() if not _lives(row[1])]
        for id_, _, text in gone:
            record = RunRecord.model_validate_json(text)
            record.state, record.ended = "failed", datetime.now(UTC)
            record.message = "The process that ran it is gone."
            end_marked(RUN_VARIABLE, record.id)
            for task in record.tasks:
                end_group(task.process)
                if task.state not in ENDED:
                    task.state, task.ended = ("failed", record.ended) if task.state == "running" else ("skipped", None)
                task.process = ""
            with self._connection() as connection:
                update = "UPDATE runs SET state = 'failed', record = ? WHERE id = ? AND record = ?"
                if connection.execute(update, (record.model_dump_json(), id_, text)).rowcount:
                    connection.execute("UPDATE version SET number = number + 1")


def _lives(process: str) -> bool:
    return bool(process) and identity(int(process.partition("/")[0] or 0)) == process


def _write(connection: sqlite3.Connection, record: RunRecord) -> None:
    if record.state == "cancelled":
        asked = connection.execute("SELECT by FROM cancels WHERE run = ?", (record.id,)).fetchone()
        record.cancelled_by = asked[0] if asked else ""
    started = record.started.isoformat() if record.started else ""
    row = (
        record.id, record.job, record.state, started, identity(os.getpid()), record.model_dump_json(), record.target,
    )  # fmt: skip
    columns = "(id, job, state, started, process, record, target)"
    connection.execute(f"INSERT OR REPLACE INTO runs {columns} VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("UPDATE version SET number = number + 1")
