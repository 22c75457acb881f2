"""The store's database: SQLite for one person, PostgreSQL for a team; brought up to date by migrations at first use."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.sqlite import write_ahead
from olo_jupyter.store.tables import HEAD

_BUSY = 60
"""Seconds that a writer of SQLite waits for another one."""
_PATIENCE = 10.0
"""Seconds that work waits for a PostgreSQL that restarts."""
_PAUSE = 0.2
_MIGRATING = 0x6F6C6F01  # of the advisory lock under which migrations run
_AGAIN = ("40001", "40P01", "57P01", "57P02", "57P03")  # serialization, deadlock, shutting down, crashed, starting up
_VERSIONS = "olo_version"

Found = TypeVar("Found")
_log = logging.getLogger(__name__)


class StoreError(OloError):
    """The store can't be used: its database is away, full, or of a later version."""

    default_code = "store"


def store_url(settings: Settings) -> str:
    """Where a project's store is: what the service's settings name, else a file among the project's state.

    Raises:
        SecretError: The address isn't where olo.yml says it is.
    """
    if settings.service.database is None:
        return f"sqlite:///{settings.state}/olo.db"
    return settings.service.database.read(settings.user)


class Database:
    """A database with the store's tables.

    Args:
        url: SQLAlchemy's; never shown, it may hold a password.
        patience: Seconds to wait for a database that is restarting.
    """

    def __init__(self, url: str, *, patience: float = _PATIENCE) -> None:
        self._engine = _engine(url)
        self._patience = patience
        self._current = False
        self._making = threading.Lock()

    @property
    def postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return self._engine.dialect.name == "postgresql"

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for PostgreSQL."""
        return None if self.postgres else Path(str(self._engine.url.database))

    def write(self, work: Callable[[Connection], Found]) -> Found:
        """Do work in one transaction. When the database goes away meanwhile, it is done again: work must bear that.

        Raises:
            StoreError: The database can't be reached or written.
        """
        return self._patiently(lambda: self._write(work))

    def read(self, work: Callable[[Connection], Found], *, patience: float | None = None) -> Found:
        """Do work that only reads, and sees one state of the database.

        Args:
            patience: Seconds to wait for a database that is restarting; default: the database's.

        Raises:
            StoreError: The database can't be reached.
        """

        def once() -> Found:
            engine = self._ready()
            if self.postgres:
                engine = engine.execution_options(isolation_level="REPEATABLE READ")
            with engine.connect() as connection:
                if not self.postgres:
                    connection.exec_driver_sql("BEGIN")
                return work(connection)

        return self._patiently(once, patience)

    def check(self) -> None:
        """Whether it answers now, without waiting.

        Raises:
            StoreError: It doesn't.
        """
        try:
            with self._ready().connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise _failed(error) from error

    @contextmanager
    def held(self) -> Iterator[Connection]:
        """A connection of one's own, each statement a transaction: for locks that last as long as it does.

        Raises:
            StoreError: The database can't be reached.
        """
        try:
            with self._ready().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _write(self, work: Callable[[Connection], Found]) -> Found:
        with self._ready().begin() as connection:
            if not self.postgres:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            return work(connection)

    def _patiently(self, once: Callable[[], Found], patience: float | None = None) -> Found:
        end = time.monotonic() + (self._patience if patience is None else patience)
        while True:
            try:
                return once()
            except DBAPIError as error:
                if not self.postgres or not _passes(error) or time.monotonic() > end:
                    raise _failed(error) from error
                time.sleep(_PAUSE)
            except SQLAlchemyError as error:
                raise _failed(error) from error

    def _ready(self) -> Engine:
        with self._making:
            if not self._current:
                if self.file is not None:
                    self.file.parent.mkdir(parents=True, exist_ok=True)
                with self._engine.begin() as connection:
                    if self.postgres:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATING})
                    else:
                        connection.exec_driver_sql("BEGIN IMMEDIATE")
                    _bring_up_to_date(connection)
                self._current = True
        return self._engine


def _bring_up_to_date(connection: Connection) -> None:
    found = None
    if inspect(connection).has_table(_VERSIONS):
        found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()
    if found == HEAD:
        return
    if found is not None and str(found) > HEAD:
        raise StoreError(
            "The store's database is of a later version of olo-jupyter.",
            code="store-newer",
            hint="Upgrade olo-jupyter; a replica that is running already goes on.",
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = _VERSIONS
    command.upgrade(config, "head")


def _engine(url: str) -> Engine:
    hint = "OLO_SERVICE_DATABASE: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind not in ("sqlite", "postgresql"):
            raise StoreError(f"The store can't be on {kind}.", code="config", hint=hint)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg2")  # the driver that the extra [postgres] brings
        if kind == "postgresql":
            engine = create_engine(parsed, pool_pre_ping=True, pool_size=8, connect_args={"connect_timeout": 5})
        else:
            engine = create_engine(parsed, connect_args={"timeout": _BUSY, "isolation_level": None})
    except (ArgumentError, NoSuchModuleError):
        raise StoreError("The address of the store's database isn't one.", code="config", hint=hint) from None
    except ModuleNotFoundError as error:
        raise StoreError(
            f"The store is on PostgreSQL, and {error.name} isn't installed.",
            code="config",
            hint="pip install 'olo-jupyter[postgres]'",
        ) from None
    if kind == "sqlite":
        event.listen(engine, "connect", lambda connection, _: write_ahead(connection))
    else:
        event.listen(engine, "connect", _without_compiling)
    return engine


def _without_compiling(connection: Any, _: object) -> None:
    """No JIT: to compile one of our short statements takes PostgreSQL a hundred times what it takes to run it."""
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    connection.commit()


def _passes(error: DBAPIError) -> bool:
    """Whether waiting may help: the connection is gone, or the server is not up yet."""
    code = getattr(error.orig, "pgcode", None)
    return error.connection_invalidated or code in _AGAIN or (code is None and _is_operational(error))


def _is_operational(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "InterfaceError")


def _failed(error: SQLAlchemyError) -> StoreError:
    """Without the database's own text: it may name hosts, accounts, values. That goes to the log."""
    original = error.orig if isinstance(error, DBAPIError) else None
    _log.warning("The store's database: %s", str(original or error).strip().partition("\n")[0])
    return StoreError("The store's database can't be used.", hint="Is it up, and its disk not full? The log says more.")
