"""The product's own lineage store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from olo_jupyter.backends.lineage import read
from olo_jupyter.backends.lineage.base import (
    LIMIT,
    ColumnGraph,
    Direction,
    Graph,
    Matches,
    Namespace,
    Receipt,
    Refusal,
    Result,
    Run,
    Search,
)
from olo_jupyter.backends.lineage.database import Database, chunks, known
from olo_jupyter.backends.lineage.event import Event, EventError, read_event
from olo_jupyter.backends.lineage.names import renaming
from olo_jupyter.backends.lineage.rows import GROUPS, KEYS, Rename, Rows, project, same
from olo_jupyter.backends.lineage.tables import COLUMNS, EDGES, EVENTS, NODES, RUNS, TESTS, stamp
from olo_jupyter.backends.registry import Kind
from olo_jupyter.config import BackendSettings, Settings

BATCH = 2000
"""Events of one transaction."""
_TABLES = {"nodes": NODES, "runs": RUNS, "edges": EDGES, "columns": COLUMNS, "tests": TESTS}


class LineageStore:
    """Lineage in a database, SQLite or PostgreSQL.

    Args:
        url: The database, as SQLAlchemy names it.
        rename: The names that the project knows datasets by.
    """

    def __init__(self, url: str, rename: Rename = same) -> None:
        self.database = Database(url)
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
            stored += self.database.write(partial(self._add, part))
        return Receipt(len(events), stored, tuple(refused))

    def graph(self, node: str, *, depth: int = 1, direction: Direction = "both", limit: int = LIMIT) -> Graph:
        """What is within ``depth`` edges of a node; see LineageBackend."""
        with self.database.read() as connection:
            return read.graph(connection, node, depth=depth, direction=direction, limit=limit)

    def columns(self, node: str, *, column: str = "", depth: int = 3) -> ColumnGraph:
        """What columns are made of, and what of them."""
        with self.database.read() as connection:
            return read.columns(connection, node, column=column, depth=depth)

    def search(self, wanted: Search) -> Matches:
        """Nodes by name."""
        with self.database.read() as connection:
            return read.search(connection, wanted)

    def namespaces(self) -> Sequence[Namespace]:
        """All namespaces."""
        with self.database.read() as connection:
            return read.namespaces(connection)

    def runs(self, node: str, *, limit: int = 50) -> Sequence[Run]:
        """Runs of a job, newest first."""
        with self.database.read() as connection:
            return read.runs(connection, node, limit)

    def tests(self, node: str) -> Sequence[Result]:
        """Tests of a dataset."""
        with self.database.read() as connection:
            return read.tests(connection, node)

    def events(self) -> int:
        """How many events are in."""
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(EVENTS)).scalar_one()

    def version(self) -> str:
        """Which database answers."""
        with self.database.read() as connection:
            found = "server_version" if self.database.postgres else "sqlite_version()"
            statement = f"SHOW {found}" if self.database.postgres else f"SELECT {found}"
            name = "PostgreSQL" if self.database.postgres else "SQLite"
            return f"{name} {connection.exec_driver_sql(statement).scalar_one()}"

    def close(self) -> None:
        """Close the connections."""
        self.database.close()

    def _add(self, events: dict[bytes, Event], connection: Connection) -> int:
        there = known(connection, EVENTS.c.digest, list(events))
        new = {digest: event for digest, event in events.items() if digest not in there}
        if not new:
            return 0
        rows = project(new.values(), self._rename)
        self._write(connection, rows)
        told = [{"digest": digest, "at": stamp(event.at)} for digest, event in sorted(new.items())]
        self.database.ignore_known(connection, EVENTS, told)
        return len(new)

    def _write(self, connection: Connection, rows: Rows) -> None:
        # Nodes first: they stay locked, so that what is worked out for them below sees every run that is there.
        for name, table in _TABLES.items():
            # In one order, so that two writers wait for each other instead of blocking each other.
            ordered = [row for _, row in sorted(rows.tables[name].items())]
            least = ("started",) if name == "runs" else ()
            self.database.upsert(connection, table, KEYS[name], GROUPS[name], ordered, least=least)
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
    """
    rename = renaming(settings, options.namespaces)
    database = options.database or settings.service.database
    if database is not None:
        return LineageStore(database.read(settings.user), rename)
    folder = settings.state / "lineage"
    folder.mkdir(parents=True, exist_ok=True)
    return LineageStore(f"sqlite:///{folder / 'lineage.db'}", rename)


KIND = Kind("lineage", connect)
