"""Every statement that ran: who, where, on which engine and snapshots, how long, how it ended. In SQLite, in the state.

A run is written down before it starts, so a kernel that is killed leaves a record, which says ``lost`` from then on.
Several kernels write at once (write-ahead log); a statement never fails because its record can't be kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.masking import known_secrets, masked, masked_values
from olo_jupyter.lakehouse.pins import HeadPin, Pin, RefPin, SnapshotPin
from olo_jupyter.lakehouse.result import Provenance, Result
from olo_jupyter.process import process_identity
from olo_jupyter.sqlite import write_ahead

FILE = "history.db"
STATES = ("finished", "failed", "cancelled", "running", "lost")
_COLUMNS = (
    "started", "user", "workspace", "engine", "sql", "parameters", "as_of", "snapshots", "written", "rows", "bytes",
    "seconds", "state", "error", "query_id", "notebook", "cell", "fingerprint", "cpu_seconds",
)  # fmt: skip
_SCHEMA = """
CREATE TABLE IF NOT EXISTS statements (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, user TEXT NOT NULL, workspace TEXT NOT NULL, engine TEXT NOT NULL,
    sql TEXT NOT NULL, parameters TEXT NOT NULL, as_of TEXT NOT NULL, snapshots TEXT NOT NULL DEFAULT '{}',
    written TEXT NOT NULL DEFAULT '{}', rows INTEGER, bytes INTEGER, seconds REAL, state TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '', query_id TEXT NOT NULL DEFAULT '', notebook TEXT NOT NULL, cell TEXT NOT NULL,
    fingerprint TEXT NOT NULL DEFAULT '', host TEXT NOT NULL, process TEXT NOT NULL, cpu_seconds REAL
);
CREATE INDEX IF NOT EXISTS statements_by_start ON statements (started DESC);
CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL);
INSERT INTO version SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM version);
"""


@dataclass(frozen=True)
class Entry:
    """One run of a statement.

    Args:
        started: ISO 8601 in UTC.
        workspace: The project's folder.
        sql: As the user wrote it, secrets masked; ``parameters`` likewise.
        as_of: The pin that held for tables without one of their own; '' for none.
        snapshots, written: Snapshot ids by table.
        bytes: Read from storage; None where the engine doesn't tell.
        cpu_seconds: What a server (Trino) spent; None where the engine doesn't tell.
        state: ``running``, ``finished``, ``failed``, ``cancelled``, or ``lost``: its process is gone.
        error: Code and message.
    """

    id: int
    started: str
    user: str
    workspace: str
    engine: str
    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    as_of: str = ""
    snapshots: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    state: str = "running"
    error: str = ""
    query_id: str = ""
    notebook: str = ""
    cell: str = ""
    fingerprint: str = ""
    cpu_seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` shows it."""
        return dict(vars(self))


class History:
    """The runs of one project and person.

    Args:
        settings: Whose; the file stands in its state folder.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.state / FILE
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None
        self._complained = False

    @contextmanager
    def recorded(self, request: Request, engine: str) -> Iterator[Run]:
        """Keep a record of what runs inside; the result is to be given to :meth:`Run.done`."""
        run = Run(self, self._started(request, engine))
        try:
            yield run
        except BaseException as error:
            cancelled = isinstance(error, QueryCancelled | KeyboardInterrupt)
            run.failed("cancelled" if cancelled else "failed", error)
            raise

    def entries(self, text: str = "", limit: int = 100, state: str = "") -> list[Entry]:
        """The newest runs, newest first.

        Args:
            text: Only those whose SQL, error, engine, notebook, tables or parameters have all of its words in them.
            state: Only those in it.

        Raises:
            OloError: ``history-not-read``: the file can't be read.
        """
        words = text.split()
        anywhere = "(sql || ' ' || error || ' ' || engine || ' ' || notebook || ' ' || snapshots || ' ' || parameters)"
        where = [f"{anywhere} LIKE ? ESCAPE '\\'"] * len(words)
        values: list[Any] = [f"%{_like(word)}%" for word in words]
        chosen = f" WHERE {' AND '.join(where)}" if where else ""
        if not self._path.is_file():
            return []
        found: list[Entry] = []
        try:
            with self._lock:
                connection = self._connection()
                there = columns_of(connection)  # a file that can't be written stays of its version
                names = ", ".join(name if name in there else f"NULL AS {name}" for name in _COLUMNS)
                query = f"SELECT id, {names}, host, process FROM statements{chosen} ORDER BY id DESC"
                for row in connection.execute(query, values):
                    entry = _entry(row)
                    if not state or entry.state == state:
                        found.append(entry)
                    if len(found) == limit:
                        break
        except sqlite3.Error as error:
            raise OloError(
                f"The history {self._path} can't be read: {error}.",
                code="history-not-read",
                hint="If it is damaged, move the file away; a new one is begun.",
            ) from error
        return found

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _started(self, request: Request, engine: str) -> int | None:
        known = self._known
        values = (
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            self._settings.user,
            str(self._settings.root),
            engine,
            masked(request.sql, known),
            "{}",
            pin_text(request.as_of),
            "running",
            request.notebook,
            request.cell,
            self._host,
            _identity(os.getpid()),
        )
        names = "started, user, workspace, engine, sql, parameters, as_of, state, notebook, cell, host, process"
        return self._write(f"INSERT INTO statements ({names}) VALUES ({', '.join('?' * len(values))})", values)

    def finished(self, id_: int | None, changes: Mapping[str, Any]) -> None:
        """Write down how run ``id_`` ended; None is a run that has no record."""
        if id_ is not None:
            columns = ", ".join(f"{name} = ?" for name in changes)
            self._write(f"UPDATE statements SET {columns} WHERE id = ?", (*changes.values(), id_))

    def _write(self, sql: str, values: tuple[Any, ...]) -> int | None:
        try:
            with self._lock, self._connection() as connection:
                return connection.execute(sql, values).lastrowid
        except (sqlite3.Error, OSError) as error:
            if not self._complained:
                self._complained = True
                warnings.warn(f"The history {self._path} can't be written: {error}. Statements run on.", stacklevel=2)
            return None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
            with contextlib.suppress(sqlite3.OperationalError):  # a read-only file is still read
                write_ahead(opened)
                opened.executescript(_SCHEMA)
                if "cpu_seconds" not in columns_of(opened):  # a file of the version before
                    opened.execute("ALTER TABLE statements ADD COLUMN cpu_seconds REAL")
            with contextlib.suppress(OSError):
                self._path.chmod(0o600)
            self._open = opened
        return self._open

    @cached_property
    def _known(self) -> tuple[str, ...]:
        return known_secrets(self._settings)

    @cached_property
    def _host(self) -> str:
        return socket.gethostname()

    def kept(self, provenance: Provenance) -> dict[str, Any]:
        """What of a provenance is kept: values masked, ids as JSON."""
        return {
            "parameters": json.dumps(
                masked_values(provenance.parameters, self._known), ensure_ascii=False, default=str
            ),
            "snapshots": json.dumps(dict(provenance.snapshots)),
            "written": json.dumps(dict(provenance.written)),
            "rows": provenance.rows,
            "bytes": provenance.bytes,
            "cpu_seconds": provenance.cpu_seconds,
            "seconds": provenance.seconds,
            "query_id": provenance.query_id,
        }

    def told(self, error: BaseException) -> str:
        """An error as it is kept."""
        code = getattr(error, "code", type(error).__name__)
        return masked(f"{code}: {getattr(error, 'message', error)}", self._known)


class Run:
    """A run that is under way."""

    def __init__(self, history: History, id_: int | None) -> None:
        self._history = history
        self._id = id_
        self._began = time.perf_counter()

    def done(self, result: Result) -> None:
        """It ended with ``result``."""
        self._history.finished(self._id, {**self._history.kept(result.provenance), "state": "finished"})

    def failed(self, state: str, error: BaseException) -> None:
        """It ended without one."""
        seconds = time.perf_counter() - self._began
        self._history.finished(self._id, {"state": state, "error": self._history.told(error), "seconds": seconds})


def pin_text(pin: Pin | None) -> str:
    """A pin as a person writes it.

    Example:
        >>> pin_text(RefPin("q1-close")), pin_text(None)
        ('q1-close', '')
    """
    match pin:
        case None:
            return ""
        case SnapshotPin(snapshot_id):
            return str(snapshot_id)
        case RefPin(name):
            return name
        case HeadPin(branch):
            return branch
    return f"{pin.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".") + " UTC"


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _entry(row: tuple[Any, ...]) -> Entry:
    id_, *values, host, process = row
    named = dict(zip(_COLUMNS, values, strict=True))
    for name in ("parameters", "snapshots", "written"):
        named[name] = json.loads(named[name])
    if named["state"] == "running" and host == socket.gethostname() and _gone(process):
        named["state"] = "lost"
    return Entry(id=id_, **named)


@cache
def _identity(own: int) -> str:
    return process_identity(own)


def _gone(process: str) -> bool:
    return process_identity(int(process.split("/")[0] or 0)) != process


def columns_of(connection: sqlite3.Connection) -> frozenset[str]:
    """The columns that the statements of a history file have: one of an earlier version has fewer."""
    return frozenset(name for _, name, *_ in connection.execute("PRAGMA table_info(statements)"))


def history_path(settings: Settings) -> Path:
    """Where the history stands."""
    return settings.state / FILE
