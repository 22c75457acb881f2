"""One statement on the server, from its text to Arrow: a thread of its own follows it, the one that waits can cancel.

Pages come one after the other (each names the next); reading them, and fetching what was spooled, goes on in parallel.
An interrupt sends DELETE to the newest address of the query at once, and again when a newer one turns up: so it is
cancelled whether it is queued, planned, run or fetched.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from trino import exceptions
from trino.client import TrinoRequest, TrinoStatus

from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.errors import QueryCancelled
from olo_jupyter.lakehouse.result import Column
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.decode import Decoder
from olo_jupyter.lakehouse.trino.errors import ON_THE_WAY, Place, from_http, from_query
from olo_jupyter.lakehouse.trino.pages import Page, read_page
from olo_jupyter.lakehouse.trino.segments import segment_rows

TICK_SECONDS = 0.1
CANCEL_SECONDS = 10.0
"""How long an interrupted statement is waited for until the kernel is free again, whatever the server does."""

_READERS = 4
_AHEAD = 8
"""Parts of the result that may wait to be read: what bounds the memory that fetching takes."""

_PAGE = "targetResultSize=16MB"


@dataclass
class Outcome:
    """What a statement gave."""

    query_id: str = ""
    columns: tuple[Column, ...] = ()
    table: pa.Table = field(default_factory=lambda: pa.table({}))
    truncated: bool = False
    update_type: str = ""
    update_count: int | None = None
    bytes: int | None = None
    """Read from storage, as the server counts it."""
    cpu_seconds: float | None = None
    """On all of its machines together."""


class Statement:
    """A statement that is run once.

    Args:
        connection: Where.
        where: Names and tags that hold for it.
        place: Puts a place in the text that is sent into the user's own.
        limit: Rows to keep at most; the query is ended when there are more.
        on_progress: Called from the waiting thread, at most ten times a second.
    """

    def __init__(
        self,
        connection: Connection,
        where: Where,
        *,
        place: Place = lambda line, column: (line, column),
        limit: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._connection = connection
        self._client = connection.client(where)
        self._request = connection.requests(self._client)
        self._canceller = connection.requests(self._client)
        self._place = place
        self._limit = limit
        self._on_progress = on_progress
        self._done = threading.Event()
        self._stopping = threading.Event()
        self._newest = ""
        self._started = time.perf_counter()
        self._stats: Mapping[str, Any] = {}
        self._decoder: Decoder | None = None
        self._outcome = Outcome()
        self._error: BaseException | None = None

    def run(self, text: str) -> Outcome:
        """Run ``text`` and wait for all of its rows.

        Raises:
            QueryError: What the server, or the way to it, says; QueryCancelled after KeyboardInterrupt.
        """
        worker = threading.Thread(target=self._work, args=(text,), name="olo-trino", daemon=True)
        try:
            worker.start()
            while not self._done.wait(TICK_SECONDS):
                if self._on_progress is not None:
                    self._on_progress(self._progress())
        except KeyboardInterrupt:
            self._cancel()
            raise QueryCancelled("The query was cancelled.") from None
        except BaseException:
            self._cancel()
            raise
        if self._error is not None:
            raise self._explained(self._error)
        self._connection.keep(self._client)
        return self._outcome

    def _cancel(self) -> None:
        """End the query on the server; whoever is impatient can't leave it running."""
        self._stopping.set()
        until = time.perf_counter() + CANCEL_SECONDS
        told = ""
        while not self._done.is_set() and time.perf_counter() < until:
            with contextlib.suppress(KeyboardInterrupt):
                if self._newest and self._newest != told:
                    told = self._newest
                    self._delete(self._canceller, told)
                self._done.wait(0.02)

    def _delete(self, request: TrinoRequest, address: str) -> None:
        with contextlib.suppress(*ON_THE_WAY):
            request.delete(address)  # where it fails, the server gives up a query that nobody asks for

    def _work(self, text: str) -> None:
        try:
            self._follow(text)
        except BaseException as error:  # noqa: BLE001  (handed to the thread that waits)
            self._error = error
            if self._newest:
                self._delete(self._request, self._newest)
        finally:
            self._done.set()

    def _follow(self, text: str) -> None:
        parts: deque[Future[pa.Table]] = deque()
        tables: list[pa.Table] = []
        rows = 0
        answer = self._request.post(text)
        with ThreadPoolExecutor(_READERS, "olo-trino-read") as readers:
            while True:
                page = read_page(self._request, answer)
                self._seen(page.status)
                parts.extend(self._reading(page, readers))
                if self._stopping.is_set():
                    if self._newest:
                        self._delete(self._request, self._newest)
                    return
                while parts and (parts[0].done() or len(parts) > _AHEAD):
                    tables.append(parts.popleft().result())
                    rows += tables[-1].num_rows
                if not self._newest or (self._limit is not None and rows > self._limit):
                    break
                answer = self._request.get(_larger(self._newest))
            while parts:
                tables.append(parts.popleft().result())
        if self._newest:  # enough rows: nobody wants the others
            self._delete(self._request, self._newest)
            self._newest = ""
        self._finish(tables)

    def _reading(self, page: Page, readers: ThreadPoolExecutor) -> list[Future[pa.Table]]:
        if self._decoder is None or not (page.rows or page.segments):
            return []
        decoder = self._decoder
        if page.rows:
            return [readers.submit(decoder.table, page.rows)]
        bare, host = self._connection.unsigned(self._client), self._connection.settings.host

        def fetched(segment: dict[str, Any]) -> pa.Table:
            return decoder.table(segment_rows(segment, page.encoding, bare, host))

        return [readers.submit(fetched, segment) for segment in page.segments]

    def _seen(self, status: TrinoStatus) -> None:
        self._newest = status.next_uri or ""
        self._stats = status.stats
        self._outcome.query_id = status.id
        self._outcome.update_type = status.update_type or ""
        read: Any = status.stats.get("physicalInputBytes")
        self._outcome.bytes = None if read is None else int(read)
        self._outcome.cpu_seconds = _cpu(status.stats)
        if status.update_count is not None:
            self._outcome.update_count = status.update_count
        if status.columns and self._decoder is None:
            self._decoder = Decoder([(column["name"], column["type"]) for column in status.columns])

    def _finish(self, tables: list[pa.Table]) -> None:
        if self._decoder is None:
            return
        self._outcome.columns = self._decoder.columns
        table = pa.concat_tables(tables) if tables else self._decoder.empty()
        if self._limit is not None and table.num_rows > self._limit:
            table, self._outcome.truncated = table.slice(0, self._limit), True
        self._outcome.table = table

    def _explained(self, error: BaseException) -> BaseException:
        if isinstance(error, exceptions.TrinoQueryError):
            return from_query(error, self._place)
        if isinstance(error, ON_THE_WAY):
            return from_http(error, self._connection.address, self._connection.user)
        return error

    def _progress(self) -> Progress:
        return progress_of(self._stats, self._outcome.query_id, time.perf_counter() - self._started)


def progress_of(stats: Mapping[str, Any], query_id: str, seconds: float) -> Progress:
    """The figures that Trino tells with each answer.

    Example:
        >>> progress_of({"state": "RUNNING", "progressPercentage": 50.0, "totalSplits": 4}, "q1", 2.0).fraction
        0.5
    """
    percent = stats.get("progressPercentage")
    return Progress(
        state=str(stats.get("state", "sending")).lower().replace("_", " "),
        fraction=None if percent is None else percent / 100,
        rows=stats.get("processedRows"),
        bytes=stats.get("physicalInputBytes") or stats.get("processedBytes"),
        seconds=seconds,
        splits=stats.get("totalSplits"),
        splits_done=stats.get("completedSplits"),
        cpu_seconds=_cpu(stats),
        peak_memory=stats.get("peakMemoryBytes"),
        queued=bool(stats.get("queued", False)),
        query_id=query_id,
    )


def _cpu(stats: Mapping[str, Any]) -> float | None:
    millis = stats.get("cpuTimeMillis")
    return None if millis is None else millis / 1000


def _larger(address: str) -> str:
    """The address of the next page, which may bring more rows at a time than a server sends unasked (1 MB)."""
    if "/executing/" not in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}{_PAGE}"
