"""The embedded engine: Trino SQL on this machine, files planned by PyIceberg, scanned and computed by DuckDB."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.arrow_types import arrow_type, conform
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Progress, Request
from olo_jupyter.lakehouse.engines.database import Database
from olo_jupyter.lakehouse.engines.kept_plans import KeptPlans
from olo_jupyter.lakehouse.engines.sources import ResultSource, Source, scan_source
from olo_jupyter.lakehouse.engines.table_source import inlined, only_files
from olo_jupyter.lakehouse.engines.translations import Translations
from olo_jupyter.lakehouse.engines.worker import Worker, working
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.sql.expressions.dialect import DUCKDB
from olo_jupyter.lakehouse.sql.runtime_errors import to_query_error
from olo_jupyter.lakehouse.sql.statement import Query

if TYPE_CHECKING:
    import duckdb

_BATCH_ROWS = 122_880
"""Rows in a batch that is handed on: one row group of DuckDB's."""

_BOUND = re.compile(r"\$(\w+)")


class EmbeddedEngine:
    """Runs statements in this process. Safe to use from several threads: each statement has a cursor of its own.

    Args:
        catalogs: The project's catalogs.
        settings: The limits: threads, memory (default: 80 % of the machine's), the folder to spill to (default: a
            temporary one, removed by :meth:`close`).
    """

    name = "embedded"
    dialect = DUCKDB

    def __init__(self, catalogs: Catalogs, settings: Settings) -> None:
        self.catalogs = catalogs
        self.settings = settings
        self.planner = Planner()
        self.translations = Translations(self.dialect)
        self._plans = KeptPlans()
        self._database = Database(settings.embedded)
        self._session = secrets.token_hex(3)[:5]
        self._count = itertools.count(1)

    def execute(self, request: Request) -> Result:
        """Run one statement; see :class:`~olo_jupyter.lakehouse.engines.base.Engine`."""
        from olo_jupyter.lakehouse.engines.statements import execute

        return execute(self, request)

    def explain(self, request: Request) -> str:
        """DuckDB's plan; see :class:`~olo_jupyter.lakehouse.engines.base.Engine`."""
        from olo_jupyter.lakehouse.engines.statements import explain

        return explain(self, request)

    def reading(self, request: Request) -> Reading:
        """The catalogs as the statement of ``request`` sees them."""
        return Reading(self.catalogs, request.pins, request.as_of, self.planner.bounds)

    def changing(self) -> EmbeddedEngine:
        """Itself: it changes single rows."""
        return self

    def query_id(self) -> str:
        """An id for the next statement, in Trino's form."""
        return f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{next(self._count):05d}_{self._session}"

    def run(
        self,
        query: Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        limit: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[pa.Table, bool]:
        """Run a query to its end (or to ``limit`` rows).

        Returns:
            The rows in the Arrow types of ``query.fields``, and whether ``limit`` cut rows off.
        """
        sources = self.sources(query, reading, results or {}, inline=True)
        with self.prepared(sources, query.sql, on_progress) as worker:
            query = inlined(query, sources)
            plans = self._plans if bound(query) is None and all(map(only_files, sources)) else None
            table = worker.run(lambda cursor: _rows(_relation(cursor, query, plans), limit))
            cut = limit is not None and table.num_rows > limit
            if plans is not None and not cut:
                plans.ran(query.sql, table.num_rows)
            return conform(table.slice(0, limit), query.fields), cut

    @contextmanager
    def stream(
        self,
        query: Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[pa.RecordBatchReader]:
        """Run a query and hand its rows on as they come; each step can be interrupted."""
        sources = self.sources(query, reading, results or {}, inline=True)
        with (
            self.prepared(sources, query.sql, on_progress) as worker,
            streamed(worker, inlined(query, sources)) as reader,
        ):
            yield reader

    def plan(self, query: Query, reading: Reading, results: Mapping[str, Result] | None = None) -> str:
        """DuckDB's plan of a query, as text."""
        sources = self.sources(query, reading, results or {}, inline=True)
        with self.prepared(sources, query.sql) as worker:
            text = inlined(query, sources).sql

            def plan(cursor: duckdb.DuckDBPyConnection) -> str:
                rows = cursor.sql(f"EXPLAIN {text}", params=bound(query)).fetchall()
                return "\n".join(str(row[-1]) for row in rows)

            return worker.run(plan)

    def close(self) -> None:
        """Release the memory and remove the spill folder. A later statement would start anew."""
        self._database.close()

    def sources(
        self, query: Query, reading: Reading, results: Mapping[str, Result], *, inline: bool = False
    ) -> list[Source]:
        """The relations that a query names, but for the located scan of the table that it changes.

        ``inline``: See :func:`~olo_jupyter.lakehouse.engines.sources.scan_source`.
        """
        return [
            *(scan_source(scan, reading, self.planner, inline=inline) for scan in query.scans if not scan.located),
            *(ResultSource(name, results[name]) for name in query.results),
        ]

    @contextmanager
    def prepared(
        self, sources: Sequence[Source], sql: str = "", on_progress: Callable[[Progress], None] | None = None
    ) -> Iterator[Worker]:
        """A worker whose cursor has ``sources`` and the macros that ``sql`` calls.

        What else is made on the cursor must be removed again inside.
        """
        cursor = self._database.take()
        clean = False
        try:
            with working(cursor, _ticker(cursor, on_progress)) as worker, _trino_errors():
                worker.run(lambda cursor: self._install(cursor, sources, sql))
                yield worker
                worker.run(lambda cursor: _remove(cursor, sources))
            clean = True
        finally:
            if clean:
                self._database.give_back(cursor)
            else:
                cursor.close()  # with all that is left on it

    def _install(self, cursor: duckdb.DuckDBPyConnection, sources: Sequence[Source], sql: str) -> None:
        self._database.define(cursor, sql)
        for source in sources:
            source.install(cursor)


def _remove(cursor: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    for source in sources:
        source.remove(cursor)


@contextmanager
def _trino_errors() -> Iterator[None]:
    """DuckDB's errors as those that Trino would raise."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise to_query_error(error) from error


@contextmanager
def streamed(worker: Worker, query: Query) -> Iterator[pa.RecordBatchReader]:
    """The rows of a query on a prepared worker, as they come; each step can be interrupted."""
    schema = pa.schema([pa.field(field.name, arrow_type(field.type)) for field in query.fields])
    reader = worker.run(lambda cursor: _relation(cursor, query).to_arrow_reader(_BATCH_ROWS))

    def batches() -> Iterator[pa.RecordBatch]:
        while (batch := worker.run(lambda _: _next(reader))) is not None:
            yield from conform(pa.Table.from_batches([batch]), query.fields).to_batches()

    try:
        yield pa.RecordBatchReader.from_batches(schema, batches())
    finally:
        worker.run(lambda _: reader.close())


def _relation(
    cursor: duckdb.DuckDBPyConnection, query: Query, plans: KeptPlans | None = None
) -> duckdb.DuckDBPyRelation:
    if plans is not None:
        return cursor.sql(plans.text(cursor, query.sql))
    return cursor.sql(query.sql, params=bound(query))


def bound(query: Query) -> dict[str, Any] | None:
    """The values that are bound; one that only gave its type (``typeof(:x)``) isn't in the text any more."""
    named = set(_BOUND.findall(query.sql)) if query.parameters else set()
    return {name: value for name, value in query.parameters.items() if name in named} or None


def _rows(relation: duckdb.DuckDBPyRelation, limit: int | None) -> pa.Table:
    """The rows of a query; it is stopped when there are more than ``limit``."""
    if limit is None:
        return relation.to_arrow_table()
    reader = relation.to_arrow_reader(min(limit + 1, _BATCH_ROWS))
    batches, rows = [], 0
    try:
        while rows <= limit and (batch := _next(reader)) is not None:
            batches.append(batch)
            rows += batch.num_rows
    finally:
        reader.close()
    return pa.Table.from_batches(batches, reader.schema).slice(0, limit + 1)


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except (OSError, pa.ArrowException) as error:  # DuckDB's own, which Arrow hands on as one of these
        raise to_query_error(error) from error


def _ticker(
    cursor: duckdb.DuckDBPyConnection, on_progress: Callable[[Progress], None] | None
) -> Callable[[], None] | None:
    """What passes DuckDB's own figures on while a statement runs."""
    if on_progress is None:
        return None
    started = time.perf_counter()

    def tick() -> None:
        percent = cursor.query_progress()
        fraction = percent / 100 if 0 <= percent <= 100 else None
        on_progress(Progress("running", fraction, seconds=time.perf_counter() - started))

    return tick
