"""The DuckDB database of an engine: started with its limits, its cursors handed out and taken back."""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from olo_jupyter.config import EmbeddedSettings
from olo_jupyter.lakehouse.sql.expressions.duck import text
from olo_jupyter.lakehouse.sql.expressions.macro_calls import macros_for
from olo_jupyter.lakehouse.sql.expressions.macros import SETTINGS

if TYPE_CHECKING:
    import duckdb

_PROGRESS = {"enable_progress_bar": "true", "enable_progress_bar_print": "false"}
"""DuckDB counts its progress only where it has a bar to draw; ours is drawn by the front end."""


class Database:
    """A database in memory, started at the first use. Safe to use from several threads.

    Args:
        limits: Threads, memory (default: 80 % of the machine's) and the folder to spill to (default: a temporary one,
            removed by :meth:`close`).
    """

    def __init__(self, limits: EmbeddedSettings) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._starting: set[Future[duckdb.DuckDBPyConnection]] = set()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._spill: tempfile.TemporaryDirectory[str] | None = None
        self._defined: set[str] = set()

    def take(self) -> duckdb.DuckDBPyConnection:
        """A cursor that nobody else has, with the settings that translated statements rely on.

        A new one is made on a thread of its own: on the main thread DuckDB would turn Ctrl-C into an error of its own.

        Raises:
            KeyboardInterrupt: It came while a cursor was made, which then waits for the next statement.
        """
        with self._lock:
            if self._idle:
                return self._idle.pop()
        pool = ThreadPoolExecutor(1, "olo-duckdb-start")
        future = pool.submit(self._new)
        pool.shutdown(wait=False)
        self._starting.add(future)
        future.add_done_callback(self._starting.discard)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.add_done_callback(self._keep)
            raise

    def define(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Define the macros that a statement calls; to be called on the cursor's thread.

        All of them at the start would take longer than most statements.
        """
        with self._lock:
            for name, macro in macros_for(sql).items():
                if name not in self._defined:
                    cursor.execute(macro)
                    self._defined.add(name)

    def give_back(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Take back a cursor on which nothing is left."""
        with self._lock:
            self._idle.append(cursor)

    def close(self) -> None:
        """Release the memory and remove the spill folder. A later :meth:`take` would start anew."""
        wait(tuple(self._starting))  # cursors of statements that were interrupted before they had one
        with self._lock:
            for cursor in self._idle:
                cursor.close()
            self._idle.clear()
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._defined.clear()
            if self._spill is not None:
                self._spill.cleanup()
                self._spill = None

    def _keep(self, future: Future[duckdb.DuckDBPyConnection]) -> None:
        if future.exception() is None:
            self.give_back(future.result())

    def _new(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = self._start()
            cursor = self._connection.cursor()
        for name, value in {**SETTINGS, **_PROGRESS}.items():
            cursor.execute(f"SET {name} = {text(value)}")
        return cursor

    def _start(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        if self._limits.spill is None and self._spill is None:
            self._spill = tempfile.TemporaryDirectory(prefix="olo-spill-")
        elif self._limits.spill is not None:
            self._limits.spill.mkdir(parents=True, exist_ok=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": str(self._limits.spill or (self._spill and self._spill.name)),
            # Scans need the file system; nothing else does. All SQL that reaches DuckDB is the translator's, which has
            # no function that reads files.
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
        if self._limits.threads:
            config["threads"] = self._limits.threads
        if self._limits.memory_limit:
            config["memory_limit"] = self._limits.memory_limit
        return duckdb.connect(":memory:", config=config)
