"""One DuckDB cursor on a thread of its own, so that the thread that waits for it stays interruptible.

DuckDB on the main thread keeps Ctrl-C waiting until the query is done. ``interrupt()`` reaches only what runs at that
moment on that very cursor, so it is called again until the work has stopped.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from olo_jupyter.lakehouse.errors import QueryCancelled

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

TICK_SECONDS = 0.1
_INTERRUPT_AGAIN_SECONDS = 0.005


class Worker:
    """Runs calls on ``cursor``, one at a time, on one thread.

    Args:
        cursor: Nobody else may use it.
        on_tick: Called ten times a second in the waiting thread while a call runs.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, on_tick: Callable[[], None] | None = None) -> None:
        self.cursor = cursor
        self.on_tick = on_tick
        self._pool = ThreadPoolExecutor(1, "olo-duckdb")

    def run(self, call: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run ``call`` on the worker's thread and wait for it.

        Raises:
            QueryCancelled: KeyboardInterrupt came while waiting; the work has stopped.
            Exception: What ``call`` raised.
        """
        future = self._pool.submit(call, self.cursor)
        try:
            while not future.done():
                wait([future], TICK_SECONDS)  # timed: an interrupt just before an endless wait isn't noted
                if self.on_tick and not future.done():
                    self.on_tick()
        except KeyboardInterrupt:
            self._stop(future)
            raise QueryCancelled("The query was cancelled.") from None
        except BaseException:
            self._stop(future)
            raise
        return future.result()

    def _stop(self, future: Future[T]) -> None:
        while not future.done():
            with contextlib.suppress(KeyboardInterrupt):  # impatience: it is being stopped already
                self.cursor.interrupt()
                wait([future], _INTERRUPT_AGAIN_SECONDS)

    def close(self) -> None:
        """Let the thread end."""
        self._pool.shutdown(wait=False)


@contextlib.contextmanager
def working(cursor: duckdb.DuckDBPyConnection, on_tick: Callable[[], None] | None = None) -> Iterator[Worker]:
    """A Worker for the length of a statement."""
    worker = Worker(cursor, on_tick)
    try:
        yield worker
    finally:
        worker.close()
