"""The product's own lineage store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, func, select, text, update

from olo_jupyter.backends.lineage import read
from olo_jupyter.backends.lineage.base import (
    LIMIT,
    ColumnGraph,
    Direction,
    Graph,
    LineageError,
    Matches,
    Namespace,
    Receipt,
    Refusal,
    Result,
    Run,
    Search,
)
from olo_jupyter.backends.lineage.event import Event, EventError, read_event
from olo_jupyter.backends.lineage.names import renaming
from olo_jupyter.backends.lineage.rows import GROUPS, KEYS, Rename, Rows, project, same
from olo_jupyter.backends.lineage.upsert import chunks, ignore_known, known, upsert
from olo_jupyter.backends.registry import Kind
from olo_jupyter.config import Settings
from olo_jupyter.service_settings import BackendSettings
from olo_jupyter.store.database import Database, StoreError
from olo_jupyter.store.lineage_tables import COLUMNS, EDGES, EVENTS, NODES, RUNS, TESTS, stamp

BATCH = 2000
"""Events of one transaction."""
Found = TypeVar("Found")
_TABLES = {"nodes": NODES, "runs": RUNS, "edges": EDGES, "columns": COLUMNS, "tests": TESTS}


class LineageStore:
    """Lineage in a database, SQLite or PostgreSQL.

    Args:
        database: Where; closed with the store.
        rename: The names that the project knows datasets by.
    """

    def __init__(self, database: Database, rename: Rename = same) -> None:
        self.database = database
        self._rename = rename

    def add(self, events: Sequence[Any]) -> Receipt:
        """Store events. The same events give the same graph, in whatever order and however often they come.

        Raises:
            LineageError: The database can't be written; posting all of them again is safe.
        """
        valid: dict[bytes, Event] = {}
        refused: list[Refusal] = []
        for index, value in enumerate(events):
            try:
                event = read_event(value)
                valid[_digest(value)] = event
            except EventError as error:
                refused.append(Refusal(index, error.place, error.problem))
        stored = 0
        digests = list(valid)
        for start in range(0, len(digests), BATCH):
            part = {digest: valid[digest] for digest in digests[start : start + BATCH]}
            stored += self._told(self.database.write, partial(self._add, part))
        return Receipt(len(events), stored, tuple(refused))

    def graph(self, node: str, *, depth: int = 1, direction: Direction = "both", limit: int = LIMIT) -> Graph:
        """What is within ``depth`` edges of a node; see LineageBackend."""
        return self._read(
            lambda connection: read.graph(connection, node, depth=depth, direction=direction, limit=limit)
        )

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What columns are made of, and what of them."""
        return self._read(lambda connection: read.columns(connection, node, column=column, depth=depth))

    def search(self, wanted: Search) -> Matches:
        """Nodes by name."""
        return self._read(lambda connection: read.search(connection, wanted))

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces."""
        return self._read(read.namespaces)

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:
        """Runs of a job, newest first."""
        return self._read(lambda connection: read.runs(connection, node, limit))

    def tests(self, node: str) -> Sequence[Result]:
        """Tests of a dataset."""
        return self._read(lambda connection: read.tests(connection, node))

    def events(self) -> int:
        """How many events are in."""
        count = select(func.count()).select_from(EVENTS)
        return self._read(lambda connection: connection.execute(count).scalar_one())

    def version(self) -> str:
        """Which database answers."""
        postgres = self.database.postgres
        statement = text("SHOW server_version" if postgres else "SELECT sqlite_version()")
        found: str = self._read(lambda connection: connection.execute(statement).scalar_one())
        return f"{'PostgreSQL' if postgres else 'SQLite'} {found}"

    def close(self) -> None:
        """Close the connections."""
        self.database.close()

    def _read(self, work: Callable[[Connection], Found]) -> Found:
        return self._told(self.database.read, work)

    def _told(self, do: Callable[[Callable[[Connection], Found]], Found], work: Callable[[Connection], Found]) -> Found:
        """Work on the database; that it is away is said as every backend says it."""
        try:
            return do(work)
        except StoreError as error:
            if error.code != StoreError.default_code:
                raise
            raise LineageError(error.message, code="lineage-unavailable", hint=error.hint) from error

    def _add(self, events: dict[bytes, Event], connection: Connection) -> int:
        there = known(connection, EVENTS.c.digest, list(events))
        new = {digest: event for digest, event in events.items() if digest not in there}
        if not new:
            return 0
        rows = project(new.values(), self._rename)
        self._write(connection, rows)
        told = [{"digest": digest, "at": stamp(event.at)} for digest, event in sorted(new.items())]
        ignore_known(connection, EVENTS, told)
        return len(new)

    def _write(self, connection: Connection, rows: Rows) -> None:
        # Nodes first: they stay locked, so that what is worked out for them below sees every run that is there.
        for name, table in _TABLES.items():
            # In one order, so that two writers wait for each other instead of blocking each other.
            ordered = [row for _, row in sorted(rows.tables[name].items())]
            least = ("started",) if name == "runs" else ()
            upsert(connection, table, KEYS[name], GROUPS[name], ordered, least=least)
        jobs = sorted({job for job, _ in rows.tables["runs"]})
        newest = (
            select(RUNS.c.id)
            .where(RUNS.c.job == NODES.c.id, RUNS.c.state != "design")
            .order_by(RUNS.c.started.desc(), RUNS.c.id.desc())
        )
        told = (
            select(RUNS.c.id)
            .where(and_(RUNS.c.job == NODES.c.id, RUNS.c.told, RUNS.c.state.in_(("success", "design"))))
            .order_by(RUNS.c.state_at.desc(), RUNS.c.id.desc())
        )
        for part in chunks(jobs):
            connection.execute(
                update(NODES)
                .where(NODES.c.id.in_(part))
                .values(run=newest.limit(1).scalar_subquery(), told_by=told.limit(1).scalar_subquery())
            )


def _digest(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def connect(settings: Settings, name: str, options: BackendSettings) -> LineageStore:  # noqa: ARG001 - as all of the group
    """The project's store: in the database that olo.yml names for it, or for the service; else a file in its state.

    Raises:
        SecretError: The database's address isn't where olo.yml says it is.
        StoreError: It is no address of a database that can be one.
    """
    rename = renaming(settings, options.namespaces)
    database = options.database or settings.service.database
    if database is not None:
        return LineageStore(Database(database.read(settings.user)), rename)
    return LineageStore(Database(f"sqlite:///{settings.state}/lineage/lineage.db"), rename)


KIND = Kind("lineage", connect)
