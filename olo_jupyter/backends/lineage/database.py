"""The database of the lineage store: SQLite for one person, PostgreSQL for a team."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, Text, and_, case, create_engine, event, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from olo_jupyter.backends.lineage.base import LineageError
from olo_jupyter.backends.lineage.tables import METADATA

_PATIENCE = 60
"""Seconds that a writer waits for another one."""
_ATTEMPTS = 4
_LOCK = 0x6F6C6F6C  # of the advisory lock under which tables are made
_AGAIN = ("40001", "40P01")  # serialization failure, deadlock
_CHUNK = 500
"""Values of one IN list."""

Found = TypeVar("Found")


class Database:
    """A database with the store's tables, made at the first write.

    Args:
        url: SQLAlchemy's: ``sqlite:///…/lineage.db`` or ``postgresql://…``; never shown.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._made = False
        self._making = threading.Lock()

    @property
    def postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return self._engine.dialect.name == "postgresql"

    def write(self, work: Callable[[Connection], Found]) -> Found:
        """Do work in one transaction; again, when another writer came in its way.

        Raises:
            LineageError: The database can't be reached or written.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._ready().begin() as connection:
                    if not self.postgres:
                        connection.exec_driver_sql("BEGIN IMMEDIATE")
                    return work(connection)
            except DBAPIError as error:
                if attempt == _ATTEMPTS or getattr(error.orig, "pgcode", None) not in _AGAIN:
                    raise _failed(error) from error
            except SQLAlchemyError as error:
                raise _failed(error) from error
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database.

        Raises:
            LineageError: The database can't be reached.
        """
        try:
            engine = self._ready()
            if self.postgres:
                engine = engine.execution_options(isolation_level="REPEATABLE READ")
            with engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def upsert(
        self, connection: Connection, table: Table, keys: Sequence[str], groups: Sequence[Sequence[str]],
        rows: Sequence[dict[str, Any]], *, least: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Insert rows; where one is there, replace each group of its values if the new ones are greater.

        Args:
            groups: Columns that are replaced together, compared in their order; NULL is least.
            least: Columns of which the lesser value stays.
        """
        if not rows:
            return
        statement = (postgresql.insert if self.postgres else sqlite.insert)(table)
        new, old = statement.excluded, table.c
        values: dict[str, Any] = {}
        for group in groups:
            greater = self._greater(new, old, group)
            values |= {name: case((greater, new[name]), else_=old[name]) for name in group}
        values |= {name: case((new[name] < old[name], new[name]), else_=old[name]) for name in least}
        connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values), list(rows))

    def ignore_known(self, connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows; those that are there stay as they are."""
        if rows:
            statement = (postgresql.insert if self.postgres else sqlite.insert)(table)
            connection.execute(statement.on_conflict_do_nothing(), list(rows))

    def _greater(self, new: Any, old: Any, group: Sequence[str]) -> Any:
        ways: list[Any] = []
        equal: list[Any] = []
        for name in group:
            above, below = new[name], old[name]
            if self.postgres and isinstance(below.type, Text):
                above, below = above.collate("C"), below.collate("C")  # as Python compares, whatever the locale
            ways.append(and_(*equal, new[name].is_not(None), or_(old[name].is_(None), above > below)))
            equal.append(new[name].is_not_distinct_from(old[name]))
        return or_(*ways)

    def _ready(self) -> Engine:
        with self._making:
            if not self._made:
                with self._engine.begin() as connection:
                    if self.postgres:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                    METADATA.create_all(connection)
                self._made = True
        return self._engine


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Values in parts that fit into an IN list."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def known(connection: Connection, column: Any, values: Sequence[Any]) -> set[Any]:
    """Those of ``values`` that a column holds."""
    return {found for part in chunks(values) for (found,) in connection.execute(select(column).where(column.in_(part)))}


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise LineageError(
                f"The lineage store can't be on {parsed.get_backend_name()}.", hint="sqlite:///… or postgresql://…"
            )
        if parsed.get_backend_name() == "postgresql":
            if "+" not in parsed.drivername:
                parsed = parsed.set(drivername="postgresql+psycopg2")  # the driver of our extra [postgres]
            return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 5})
        engine = create_engine(parsed, connect_args={"timeout": _PATIENCE})
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise LineageError(
            "The address of the lineage store's database isn't one.", hint="sqlite:///… or postgresql://…"
        ) from None  # its text may hold a password

    @event.listens_for(engine, "connect")
    def write_ahead(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


def _failed(error: SQLAlchemyError) -> LineageError:
    original = error.orig if isinstance(error, DBAPIError) else None
    said = str(original or "").strip().partition("\n")[0] or type(error).__name__
    return LineageError(
        f"The lineage store's database fails: {said}",
        code="lineage-unavailable",
        hint="Is it up, and its disk not full?",
    )
