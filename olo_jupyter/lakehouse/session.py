"""One person's way into the lakehouse: SQL in, results out, frames back; the same in a notebook, a job and a test."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from olo_jupyter.config import Settings, load_settings
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Engine, Progress, Request
from olo_jupyter.lakehouse.engines.registry import start
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.history import History
from olo_jupyter.lakehouse.names import TableName, parse_table_name
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.report import report
from olo_jupyter.lakehouse.result import Provenance, Result
from olo_jupyter.traces import span

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.diff.report import Diff
    from olo_jupyter.lakehouse.frames import Frame
    from olo_jupyter.lakehouse.insert import Mode
    from olo_jupyter.lakehouse.preflight import Estimate


class Options(TypedDict, total=False):
    """How one statement is run.

    Args:
        parameters: Values for ``:name``.
        engine: Name of the engine; default: the session's own.
        as_of: Pin for tables that have none in the text, instead of the session's own.
        limit: Keep at most this many rows.
        results: Earlier results, usable as tables by name.
        on_progress: Called with the engine's own figures while it runs.
        notebook, cell: Where the statement stands, for the engine's own records.
        dialect: Language of the text: ``trino``, or ``spark`` on Spark.
        max_scan: Refuse the statement where it would read more bytes than this; 0 for no bound; None (default) for the
            settings' own.
        recorded: Keep a record in the history (default).
    """

    parameters: Mapping[str, Any] | None
    engine: str | None
    as_of: Pin | None
    limit: int | None
    results: Mapping[str, Result] | None
    on_progress: Callable[[Progress], None] | None
    notebook: str
    cell: str
    dialect: Literal["trino", "spark"]
    max_scan: int | None
    recorded: bool


class Session:
    """Catalogs, engines and the pins that hold, for one notebook, job or command.

    Args:
        settings: The project's configuration.
        catalog: Where unqualified names count from; default: the settings' default catalog.
        namespace: Likewise; '' for none.
        sources: Catalog that a table is read from where its name has none and ``catalog`` lacks it; '' for none.
        target: Name of the target (environment) that the session runs for; kept for those who ask.
        pins: Snapshot ids for tables without a pin of their own: repeats a captured run.
        as_of: The notebook-wide pin, for tables in neither.
        engine: Name of the engine that statements run on; default: the settings' default engine.

    Example::

        with Session.from_environment() as session:
            result = session.sql("SELECT * FROM silver.flights WHERE carrier = :carrier", parameters={"carrier": "UA"})
    """

    def __init__(
        self,
        settings: Settings,
        *,
        catalog: str | None = None,
        namespace: str = "",
        sources: str = "",
        target: str | None = None,
        pins: Mapping[TableName, int] | None = None,
        as_of: Pin | None = None,
        engine: str | None = None,
    ) -> None:
        self.settings = settings
        self.engine_name = engine or settings.default_engine
        self.catalog = catalog or settings.default_catalog
        self.namespace = namespace
        self.sources = sources
        self.target = target
        self.pins: dict[TableName, int] = dict(pins or {})
        self.as_of = as_of
        self.catalogs = Catalogs(settings)
        self.history = History(settings)
        self._engines: dict[str, Engine] = {}

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Session:
        """The session that the environment describes.

        Reads ``OLO_PROJECT``, ``OLO_TARGET``, ``OLO_CATALOG``, ``OLO_SOURCES``, ``OLO_NAMESPACE``, ``OLO_ENGINE`` and
        ``OLO_PINS`` (JSON: an object from table name to snapshot id). In a task of a job this gives the code the job's
        own catalogs and pins.

        Raises:
            ConfigError: olo.yml isn't valid.
            QueryError: OLO_PINS isn't an object of table names and snapshot ids.
        """
        settings = load_settings(environ=environ)
        catalog = environ.get("OLO_CATALOG") or settings.default_catalog
        namespace = environ.get("OLO_NAMESPACE", "")
        return cls(
            settings,
            catalog=catalog,
            namespace=namespace,
            sources=environ.get("OLO_SOURCES", ""),
            target=environ.get("OLO_TARGET") or None,
            engine=environ.get("OLO_ENGINE") or None,
            pins=_pins_of(environ.get("OLO_PINS", ""), catalog, namespace),
        )

    def sql(self, text: str, **options: Unpack[Options]) -> Result:
        """Run one statement of Trino SQL, once.

        Args:
            text: The statement.
            options: See :class:`Options`.

        Returns:
            The result; its provenance carries the fingerprint of the rows.

        Raises:
            QueryError: With line and column in ``text`` where known.
        """
        result = self.execute(text, **options)
        from olo_jupyter.lakehouse.fingerprint import fingerprint

        return replace(result, provenance=replace(result.provenance, fingerprint=fingerprint(result.arrow)))

    def execute(self, text: str, **options: Unpack[Options]) -> Result:
        """Like :meth:`sql`, without the fingerprint: for those who pass the rows on and keep none."""
        engine = self.engine(options.get("engine"))
        request = self.request(text, **options)
        with (
            span("olo.query", engine=engine.name) as told,
            self.history.recorded(request, engine.name) if options.get("recorded", True) else _unrecorded() as run,
        ):
            self._check_size(request, options.get("max_scan"))
            result = engine.execute(request)
            told.tell(query_id=result.provenance.query_id, rows=result.arrow.num_rows)
            if run is not None:
                run.done(result)
        report(result.provenance, self.catalogs)
        return result

    def preflight(self, text: str, **options: Unpack[Options]) -> Estimate:
        """Files, rows and bytes that a statement would read, by Iceberg's metadata; nothing is run.

        A statement that is wrong raises nothing here: what can't be told is named in the estimate.
        """
        return self._estimated(self.request(text, **options))

    def _estimated(self, request: Request) -> Estimate:
        from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
        from olo_jupyter.lakehouse.preflight import estimate

        here = self.engine("embedded")
        assert isinstance(here, EmbeddedEngine)
        return estimate(here.planner, self.catalogs, request)

    def _check_size(self, request: Request, wanted: int | None) -> None:
        """Refuse a statement that reads more than ``wanted`` bytes, or than the settings allow."""
        most = self.settings.max_scan_bytes if wanted is None else wanted
        if most:
            from olo_jupyter.lakehouse.preflight import refuse_above

            refuse_above(self._estimated(request), most, "max_scan in olo.yml" if wanted is None else "--max-scan")

    def explain(self, text: str, **options: Unpack[Options]) -> str:
        """The engine's own plan of a query, as text; the query isn't run.

        Raises:
            QueryError: As :meth:`sql`; ``unsupported`` for a statement that is no query.
        """
        return self.engine(options.get("engine")).explain(self.request(text, **options))

    def request(self, text: str, **options: Unpack[Options]) -> Request:
        """What :meth:`sql` hands to the engine: ``text`` with this session's names, pins and ``options``."""
        as_of = options.get("as_of")
        return Request(
            sql=text,
            parameters=dict(options.get("parameters") or {}),
            catalog=self.catalog,
            namespace=self.namespace,
            sources=self.sources,
            pins=self.pins if as_of is None else {},
            as_of=as_of or self.as_of,
            results=dict(options.get("results") or {}),
            limit=options.get("limit"),
            on_progress=options.get("on_progress"),
            notebook=options.get("notebook", ""),
            cell=options.get("cell", ""),
            dialect=options.get("dialect", "trino"),
        )

    def script(
        self,
        text: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        engine: str | None = None,
        as_of: Pin | None = None,
        keep_going: bool = False,
    ) -> Iterator[tuple[str, Result | QueryError]]:
        """Run the statements of ``text`` in order, each as its result is asked for.

        Args:
            text: Statements separated by semicolons.
            parameters, engine, as_of: As in :meth:`sql`.
            keep_going: Go on after a statement that failed; else the first failure is the last item.

        Yields:
            The statement's text, and its result or its error (line and column count from the start of ``text``).
        """
        from olo_jupyter.lakehouse.sql.script import split

        try:
            pieces = split(text)
        except QueryError as error:  # a quote or comment that isn't closed: no statement ends
            yield text.strip(), error
            return
        for piece in pieces:
            try:
                yield piece.text, self.execute(piece.text, parameters=parameters, engine=engine, as_of=as_of)
            except QueryError as error:
                yield piece.text, _moved(error, piece.line, piece.column)
                if not keep_going:
                    return

    def table(self, name: str, *, as_of: Pin | None = None) -> Result:
        """All rows and columns of a table or view.

        Args:
            name: ``table``, ``namespace.table`` or ``catalog.namespace.table``; quoted as in SQL where needed.
            as_of: Pin instead of the session's own.

        Raises:
            QueryError: No such table (nearest names offered).
        """
        return self.sql(f"SELECT * FROM {self.name(name)}", as_of=as_of)

    def diff(
        self,
        what: str,
        first: str,
        second: str,
        *,
        key: Sequence[str] = (),
        engine: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        limit: int = 1_000,
        full: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Diff:
        """What changed from one pin to another: columns, rows, the spread of values.

        Args:
            what: A table, a view, or a query (SELECT …, WITH …).
            first, second: The pins: a time (UTC where it names no zone), a snapshot id, a tag or a branch.
            key: Columns that tell which row is which; without them rows are compared as multisets.
            engine: Engine that runs a query or view at both pins. A table is read through its Iceberg metadata by the
                embedded engine, unless another engine is asked for by name.
            parameters: Values for ``:name`` in a query.
            limit: Keep at most this many rows of each kind.
            full: Count a table's drift over all rows, not over the rows that differ.

        Raises:
            QueryError: No such table, pin or column.

        Example::

            session.diff("silver.flights", "yesterday", "now", key=["flight_id"]).changed
        """
        from olo_jupyter.lakehouse.diff.run import diff

        return diff(
            self, what, (first, second), key,
            engine=engine, parameters=parameters, limit=limit, full=full, on_progress=on_progress,
        )  # fmt: skip

    def write(self, name: str, frame: Frame, *, mode: Mode = "replace", branch: str = "main") -> Provenance:
        """Write a pandas, polars or Arrow frame to a table, in one commit that keeps the table's snapshots.

        Args:
            name: As in :meth:`table`.
            frame: The rows; column names are the table's.
            mode: ``replace`` (the table is made where it is missing), ``append``, ``overwrite_partitions`` (the rows
                become the only ones of the partitions that they are in) or ``create`` (must not exist).
            branch: Where ``append`` and ``overwrite_partitions`` write to.

        Returns:
            Provenance with the rows written and the snapshot that the table has now.

        Raises:
            QueryError: The table doesn't exist, or exists, or its columns don't fit; nothing is written then.
        """
        from olo_jupyter.lakehouse.frames import to_arrow
        from olo_jupyter.lakehouse.insert import write_frame

        started = time.perf_counter()
        table = self.name(name)
        written = write_frame(self.catalogs, table, to_arrow(frame), mode, branch)
        provenance = Provenance(
            engine="embedded",
            sql="",
            query_id="",
            rows=written.rows,
            seconds=time.perf_counter() - started,
            written={} if written.snapshot_id is None else {str(table): written.snapshot_id},
        )
        report(provenance, self.catalogs)
        return provenance

    def name(self, text: str) -> TableName:
        """``text`` as a full table name, counted from the session's catalog and namespace."""
        return parse_table_name(text, self.catalog, self.namespace)

    def engine(self, name: str | None = None) -> Engine:
        """The engine ``name`` (default: the session's own), started at its first use.

        Raises:
            QueryError: ``engine-not-found`` or ``engine-not-configured``, with what to do.
        """
        name = name or self.engine_name
        if name not in self._engines:
            self._engines[name] = start(name, self.catalogs, self.settings)
        return self._engines[name]

    def close(self) -> None:
        """Release the engines; the session can't run anything afterwards."""
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        self.catalogs.close()
        self.history.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _unrecorded() -> Iterator[None]:
    yield None


def _moved(error: QueryError, line: int, column: int) -> QueryError:
    """``error``, its place counted from the start of a script in which its statement stands at ``line``, ``column``."""
    if error.line is not None:
        if error.line == 1 and error.column is not None:
            error.column += column - 1
        error.line += line - 1
    return error


def _pins_of(text: str, catalog: str, namespace: str) -> dict[TableName, int]:
    if not text.strip():
        return {}
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            raise ValueError("not an object")
        return {
            parse_table_name(str(name), catalog, namespace): int(value)
            for name, value in values.items()
            if not str(name).endswith(f"@{value}")  # a read with a pin in its text, which it has there again
        }
    except (ValueError, TypeError, QueryError) as error:
        raise QueryError(
            f"OLO_PINS is not an object of table names and snapshot ids: {error}",
            code="invalid-pins",
            hint='Write it as {"catalog.namespace.table": 4321}.',
        ) from error
