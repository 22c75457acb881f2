"""Events on their way to browsers: one replica publishes, every replica passes on, in one order, none lost."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from olo_jupyter.store.database import Database, StoreError
from olo_jupyter.store.tables import EVENTS, MEMORY

_ORDER = 0x6F6C6F02  # of the advisory lock under which events get their numbers: committed in that order too
KEPT = 24 * 3600.0
"""Seconds that an event can still be asked for."""


@dataclass(frozen=True)
class Event:
    """An event with its number: a browser's server that was away asks for those after the last it has."""

    number: int
    schema_id: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Memory:
    """What is remembered under a name: how it must be before, so that only one of two goes on from it, and after."""

    name: str
    before: str | None
    after: str


class Outbox:
    """The events in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, events: Sequence[tuple[str, dict[str, Any]]], *, memory: Memory | None = None) -> None:
        """Add events, all or none.

        Args:
            events: Schema id and data of each.
            memory: What to remember, in the same transaction.

        Raises:
            StoreError: They can't be kept. memory-moved: another one remembered something meanwhile; none is added.
        """
        now = int(time.time() * 1e6)
        rows = [
            {"key": uuid.uuid4().hex, "at": now, "schema_id": schema_id, "data": json.dumps(data)}
            for schema_id, data in events
        ]

        def work(connection: Connection) -> None:
            if self._database.postgres:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ORDER})
            # A commit whose answer was lost is tried again: what is there stays the only one.
            keys = [row["key"] for row in rows]
            known: set[str] = set(connection.execute(select(EVENTS.c.key).where(EVENTS.c.key.in_(keys))).scalars())
            if fresh := [row for row in rows if row["key"] not in known]:
                connection.execute(insert(EVENTS), fresh)
            if memory is not None:
                _remember(connection, memory)

        self._database.write(work)

    def after(self, number: int, limit: int = 500) -> list[Event]:
        """The events after one, oldest first.

        Raises:
            StoreError: They can't be read.
        """
        query = select(EVENTS).where(EVENTS.c.id > number).order_by(EVENTS.c.id).limit(limit)
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Event(row["id"], row["schema_id"], json.loads(row["data"])) for row in rows]

    def span(self) -> tuple[int, int]:
        """The numbers of the oldest and the newest event that are kept; (0, 0) where there is none.

        Raises:
            StoreError: They can't be read.
        """
        oldest, newest = func.coalesce(func.min(EVENTS.c.id), 0), func.coalesce(func.max(EVENTS.c.id), 0)
        query = select(oldest.label("oldest"), newest.label("newest"))
        row = self._database.read(lambda connection: connection.execute(query).mappings().one())
        return row["oldest"], row["newest"]

    def memory(self, name: str) -> str | None:
        """What was remembered under a name.

        Raises:
            StoreError: It can't be read.
        """
        query = select(MEMORY.c.value).where(MEMORY.c.name == name)
        return self._database.read(lambda connection: connection.execute(query).scalar())

    def memories(self, prefix: str) -> list[str]:
        """The names of what is remembered, of those that begin so.

        Raises:
            StoreError: They can't be read.
        """
        query = select(MEMORY.c.name).where(MEMORY.c.name.startswith(prefix, autoescape=True)).order_by(MEMORY.c.name)
        return self._database.read(lambda connection: list(connection.scalars(query)))

    def forget(self, *, older: float = KEPT) -> None:
        """Delete events that are older than so many seconds, but never the newest: numbers go on from it.

        Raises:
            StoreError: They can't be deleted.
        """
        newest = select(func.max(EVENTS.c.id)).scalar_subquery()
        old = delete(EVENTS).where(EVENTS.c.at < int((time.time() - older) * 1e6), EVENTS.c.id < newest)
        self._database.write(lambda connection: connection.execute(old))


def _remember(connection: Connection, memory: Memory) -> None:
    query = select(MEMORY.c.value).where(MEMORY.c.name == memory.name)
    now = connection.execute(query).scalar()
    if now == memory.after:
        return
    if now != memory.before:
        raise StoreError("Another replica went on meanwhile.", code="memory-moved")
    if now is None:
        connection.execute(insert(MEMORY).values(name=memory.name, value=memory.after))
    else:
        connection.execute(update(MEMORY).where(MEMORY.c.name == memory.name).values(value=memory.after))
