"""One of several replicas is elected to do what must be done once: it holds a lock as long as it lives."""

from __future__ import annotations

import fcntl
import logging
from contextlib import ExitStack
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from olo_jupyter.store.database import Database, StoreError

_SPACE = 0x6F6C6F
_log = logging.getLogger(__name__)


class Leader:
    """A lock by name, held by one process at a time: PostgreSQL's advisory lock, or a lock on a file beside SQLite's.

    The database lets go of it when the process that holds it dies. Used by one thread.

    Args:
        number: Which lock: a number for each thing to be led.
    """

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self._number = number
        self._held: ExitStack | None = None
        self._connection: Connection | None = None

    def lead(self) -> bool:
        """Whether this process leads now; tries to, where nobody does.

        Raises:
            StoreError: The database can't be asked, so nobody knows.
        """
        if self._database.postgres:
            return self._still_connected() or self._elected()
        return self._held is not None or self._locked_file()

    def resign(self) -> None:
        """Let another one lead."""
        held, self._held, self._connection = self._held, None, None
        if held is not None:
            try:
                held.close()
            except (SQLAlchemyError, StoreError) as error:
                _log.info("The lock went with its connection: %s", type(error).__name__)

    def _still_connected(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.resign()  # the lock went with the connection
            return False
        return True

    def _elected(self) -> bool:
        stack = ExitStack()
        try:
            connection = stack.enter_context(self._database.held())
            query = text("SELECT pg_try_advisory_lock(:space, :number)")
            won = bool(connection.execute(query, {"space": _SPACE, "number": self._number}).scalar())
        except SQLAlchemyError as error:
            raise StoreError("The store's database can't be asked who leads.") from error
        if won:
            # Not back into the pool: the lock must go with the connection.
            connection.detach()
            stack.callback(connection.close)
            self._held, self._connection = stack, connection
        else:
            stack.close()
        return won

    def _locked_file(self) -> bool:
        assert self._database.file is not None
        self._database.check()
        path = self._database.file.with_name(f"{self._database.file.name}.leader-{self._number}")
        handle: IO[bytes] = path.open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        self._held = ExitStack()
        self._held.enter_context(handle)
        return True
