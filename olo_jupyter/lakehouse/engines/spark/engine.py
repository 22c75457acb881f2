"""The Spark engine: Trino SQL translated to Spark's, or Spark's own untouched (``--dialect spark``)."""

from __future__ import annotations

import contextlib
import io
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.arrow_types import conform
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines import statements
from olo_jupyter.lakehouse.engines.base import Progress, Request
from olo_jupyter.lakehouse.engines.spark.errors import spark_errors
from olo_jupyter.lakehouse.engines.spark.native import native_plan, native_result
from olo_jupyter.lakehouse.engines.spark.running import Running
from olo_jupyter.lakehouse.engines.spark.session import Sessions
from olo_jupyter.lakehouse.engines.spark.sources import Sources
from olo_jupyter.lakehouse.engines.translations import Translations
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.scan import Planner
from olo_jupyter.lakehouse.sql.spark.dialect import SPARK
from olo_jupyter.lakehouse.sql.statement import Query

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine

T = TypeVar("T")


class SparkEngine:
    """Runs statements on Spark; see :class:`~olo_jupyter.lakehouse.engines.base.Engine`.

    Queries are computed there. What INSERT and CREATE TABLE AS write comes back as Arrow and is committed as on the
    embedded engine, branches included; so are the statements that only change the catalog.

    Args:
        catalogs: The project's catalogs.
        settings: ``engines.spark``; without it the running session, or one that is made on this machine.
    """

    name = "spark"
    dialect = SPARK

    def __init__(self, catalogs: Catalogs, settings: Settings) -> None:
        self.catalogs = catalogs
        self.translations = Translations(self.dialect)
        self.settings = settings
        self.sessions = Sessions(settings)
        self.planner = Planner()
        self._statement = threading.local()

    def execute(self, request: Request) -> Result:
        """Run one statement; see ``Engine``."""
        if request.dialect == "spark":
            return native_result(self, request, time.perf_counter())
        self._statement.where = " ".join(filter(None, (request.notebook, request.cell)))
        return statements.execute(self, request)

    def explain(self, request: Request) -> str:
        """Spark's plan of a query, as text; see ``Engine``."""
        return native_plan(self, request) if request.dialect == "spark" else statements.explain(self, request)

    def close(self) -> None:
        """End the sessions that were made here; the user's own goes on."""
        self.sessions.close()

    # What ``statements`` asks

    def reading(self, request: Request) -> Reading:
        """The catalogs as the statement of ``request`` sees them."""
        return Reading(self.catalogs, request.pins, request.as_of)

    def changing(self) -> EmbeddedEngine:
        """Nothing: rows are changed in Spark's own SQL."""
        raise Unsupported(
            "The Spark engine doesn't run Trino's DELETE, UPDATE, MERGE and table procedures.",
            hint="Run it with --engine embedded, or write it in Spark's own SQL: --dialect spark.",
        )

    def query_id(self) -> str:
        """The tag of the next statement on this thread: by it Spark knows its jobs."""
        self._statement.tag = f"olo-{uuid.uuid4().hex[:16]}"
        return str(self._statement.tag)

    def run(
        self,
        query: Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        limit: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[pa.Table, bool]:
        """Run a query to its end (or to ``limit`` rows); whether ``limit`` cut rows off."""
        sources = Sources(reading, self.sessions.names(), results or {}, self.planner)
        text = sources.text(query)

        def rows(session: SparkSession) -> pa.Table:
            frame = _frame(session, text, query.parameters)
            return (frame if limit is None else frame.limit(limit + 1)).toArrow()

        table = self._on_spark(sources, rows, on_progress)
        self._check_heads(sources)
        cut = limit is not None and table.num_rows > limit
        return conform(table.slice(0, limit) if cut else table, query.fields), cut

    @contextmanager
    def stream(
        self,
        query: Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Iterator[pa.RecordBatchReader]:
        """The rows of a query in batches; all are here before the first is handed on."""
        yield self.run(query, reading, results, None, on_progress)[0].to_reader()

    def plan(self, query: Query, reading: Reading, results: Mapping[str, Result] | None = None) -> str:
        """Spark's plan of a query, as text."""
        sources = Sources(reading, self.sessions.names(), results or {}, self.planner)
        text = sources.text(query)
        return self._on_spark(sources, lambda session: plan_of(_frame(session, text, query.parameters)), None)

    def _on_spark(
        self, sources: Sources, call: Callable[[SparkSession], T], on_progress: Callable[[Progress], None] | None
    ) -> T:
        """``call`` in the session for translated statements, with ``sources`` there."""
        with spark_errors():
            session = self.sessions.translated()
            tag = getattr(self._statement, "tag", "") or self.query_id()
            running = Running(session, tag, on_progress, getattr(self._statement, "where", ""))

            def work(session: SparkSession) -> T:
                if sources.heads:
                    sources.refresh(session)
                try:
                    with sources.installed(session):
                        return call(session)
                except Exception as error:
                    if "Cannot find snapshot" not in str(error):
                        raise
                sources.refresh(session)  # somebody else has written since Spark looked
                with sources.installed(session):
                    return call(session)

            return running.run(work)

    def _check_heads(self, sources: Sources) -> None:
        for pinned in sources.heads:
            now = self.catalogs.load(pinned.name).metadata.current_snapshot_id
            if pinned.snapshot is not None and now != pinned.snapshot.snapshot_id:
                raise QueryError(
                    f"Table {pinned.name} changed while it was read.", code="table-changed", hint="Run the query again."
                )


def _frame(session: SparkSession, text: str, parameters: Mapping[str, Any]) -> DataFrame:
    args = {name: _argument(value) for name, value in parameters.items()}
    return session.sql(text, args=args) if args else session.sql(text)


def _argument(value: Any) -> Any:
    """A value as Spark takes it unchanged: what it would give a type or zone of its own goes as text, to be cast."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | Decimal):
        return str(value)
    return [_argument(item) for item in value] if isinstance(value, list) else value


def plan_of(frame: DataFrame) -> str:
    """Spark's plan of ``frame``."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        frame.explain(mode="formatted")
    return text.getvalue().strip()
