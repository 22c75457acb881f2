"""What each kind of statement does, from its text to its result.

An engine computes queries; what is written, and all that only changes the catalog, is committed by this product itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from olo_jupyter.lakehouse import alter, ddl, insert, refs, row_changes, views, write
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.engines.base import Progress, Request
from olo_jupyter.lakehouse.engines.changes import computed, counted
from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sql import statement as sql
from olo_jupyter.lakehouse.sql.placing import place_by_table

if TYPE_CHECKING:
    from pyiceberg.table import Table

    from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
    from olo_jupyter.lakehouse.engines.translations import Translations

_NOTHING = pa.table({})
_ROW_COUNT = (Column("rows", "bigint"),)


@dataclass
class _Outcome:
    """What a statement did, before it is a Result."""

    columns: tuple[Column, ...] = ()
    arrow: pa.Table = field(default_factory=lambda: _NOTHING)
    rows: int = 0
    truncated: bool = False
    written: dict[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


class Computes(Protocol):
    """An engine whose queries run in the catalogs that this process has."""

    @property
    def name(self) -> str:
        """The engine's."""

    @property
    def catalogs(self) -> Catalogs:
        """The project's catalogs."""

    @property
    def translations(self) -> Translations:
        """Its translated statements."""

    def reading(self, request: Request) -> Reading:
        """The catalogs as the statement sees them."""

    def query_id(self) -> str:
        """An id for the next statement."""

    def run(
        self,
        query: sql.Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        limit: int | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> tuple[pa.Table, bool]:
        """The rows of a query, and whether ``limit`` cut rows off."""

    def stream(
        self,
        query: sql.Query,
        reading: Reading,
        results: Mapping[str, Result] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """The rows of a query as they come."""

    def plan(self, query: sql.Query, reading: Reading, results: Mapping[str, Result] | None = None) -> str:
        """The engine's plan of a query, as text."""

    def changing(self) -> EmbeddedEngine:
        """The engine itself, where it can change single rows and maintain tables.

        Raises:
            Unsupported: It can't.
        """


def execute(engine: Computes, request: Request) -> Result:
    """Translate and run the statement of ``request``.

    A query gives its rows; CREATE TABLE AS, INSERT, DELETE, UPDATE and MERGE give one row with the number of rows
    written (column ``rows``), as Trino; other statements give nothing.
    """
    with _in_the_statement(request):
        return _execute(engine, request)


def explain(engine: Computes, request: Request) -> str:
    """The engine's plan of the query of ``request``.

    Raises:
        QueryError: It is no query, or can't be run here.
    """
    with _in_the_statement(request):
        reading = engine.reading(request)
        match engine.translations.translated(request, reading)[0]:
            case sql.Query() as query:
                return engine.plan(query, reading, request.results)
            case sql.Explain(query):
                return engine.plan(query, reading, request.results)
    raise Unsupported("Only a query has a plan.", hint="Explain the SELECT alone.")


@contextmanager
def _in_the_statement(request: Request) -> Iterator[None]:
    """Errors placed in the statement's text."""
    _only_trino(request)
    try:
        yield
    except QueryError as error:
        place_by_table(error, request.sql, request.parameters, request.catalog, request.namespace)
        raise
    except KeyboardInterrupt:  # while files were planned; a query that runs already tells it itself
        raise QueryCancelled("The query was cancelled.") from None


def _only_trino(request: Request) -> None:
    if request.dialect != "trino":
        raise Unsupported(
            f"The embedded engine runs Trino's SQL, not the dialect {request.dialect}.",
            hint="Leave out --dialect, or choose --engine spark.",
        )


def _execute(engine: Computes, request: Request) -> Result:
    started = time.perf_counter()
    query_id = engine.query_id()
    reading = engine.reading(request)
    statement, parameters = engine.translations.translated(request, reading)
    outcome = _run(engine, request, reading, statement)
    return Result(
        outcome.columns,
        outcome.arrow,
        Provenance(
            engine=engine.name,
            sql=request.sql,
            query_id=query_id,
            rows=outcome.rows,
            seconds=time.perf_counter() - started,
            parameters=parameters,
            snapshots=dict(reading.snapshots),
            written=outcome.written,
            dropped=outcome.dropped,
            bytes=reading.bytes,
        ),
        outcome.truncated,
    )


def _run(engine: Computes, request: Request, reading: Reading, statement: sql.Statement) -> _Outcome:
    catalogs = engine.catalogs
    match statement:
        case sql.Query():
            table, truncated = engine.run(statement, reading, request.results, request.limit, request.on_progress)
            return _Outcome(_columns(statement), table, table.num_rows, truncated)
        case sql.Explain(query):
            plan = engine.plan(query, reading, request.results)
            return _Outcome((Column("Query Plan", "varchar"),), pa.table({"Query Plan": [plan]}), 1)
        case sql.CreateTable(query=None):
            return _written(write.create_table(catalogs, statement), counted=False)
        case sql.CreateTable():
            with _Rows(engine, request, reading) as rows:
                return _written(write.create_table(catalogs, statement, rows))
        case sql.Insert():
            with _Rows(engine, request, reading) as rows:
                return _written(insert.insert(catalogs, statement, rows))
        case sql.ChangeRows():
            attempts = _Attempts(engine.changing(), request, reading)
            return _written(row_changes.change_rows(statement.table, statement.branch, attempts.changes))
        case sql.DeleteAll():
            present = _Attempts(engine.changing(), request, reading).present
            written = row_changes.delete_all(statement.table, statement.branch, present)
            return _written(written, counted=statement.counted)
        case sql.ChangeBranch():
            refs.change_branch(catalogs, statement)
        case sql.CreateView():
            views.create_view(catalogs, statement, request.catalog, request.namespace)
        case sql.Drop():
            ddl.drop(catalogs, statement)
            return _Outcome(dropped=(str(statement.table),))
        case sql.CreateSchema():
            ddl.create_schema(catalogs, statement)
        case sql.Rename():
            ddl.rename(catalogs, statement)
            return _Outcome(dropped=(str(statement.table),))
        case sql.AlterColumns():
            alter.alter_columns(catalogs, statement)
        case sql.SetProperties():
            alter.alter_properties(catalogs, statement)
        case sql.Procedure():
            return _procedure(engine.changing(), statement)
        case sql.Comment():
            ddl.comment(catalogs, statement)
    return _Outcome()


class _Rows(ExitStack):
    """The rows of a writing statement's query, from the tables as they are when they are asked for.

    The writer asks after it has loaded the table it writes to, and again after each lost race: so a statement that
    reads what it writes never commits rows that were computed from an older state than the one it commits to.
    """

    def __init__(self, engine: Computes, request: Request, reading: Reading) -> None:
        super().__init__()
        self._engine, self._request, self._reading = engine, request, reading

    def __call__(self) -> pa.RecordBatchReader:
        self.close()  # the rows of an attempt that was in vain
        reading = self._engine.reading(self._request)
        statement, _ = self._engine.translations.translated(self._request, reading)
        assert isinstance(statement, sql.CreateTable | sql.Insert)
        assert statement.query is not None
        self._reading.snapshots = reading.snapshots
        request = self._request
        rows = self._engine.stream(statement.query, reading, request.results, request.on_progress)
        reader = self.enter_context(rows)
        self._reading.bytes += reading.bytes
        return reader


@dataclass
class _Attempts:
    """Evaluates a statement that changes rows, each time on the tables as they then are."""

    engine: EmbeddedEngine
    request: Request
    reading: Reading

    @contextmanager
    def changes(self) -> Iterator[row_changes.Changes]:
        """The changes of DELETE, UPDATE or MERGE."""
        statement, reading = self._again()
        assert isinstance(statement, sql.ChangeRows)
        request = self.request
        with computed(self.engine, statement, reading, request.results, request.on_progress) as changes:
            yield changes

    def present(self) -> tuple[Table, int]:
        """The table of DELETE without WHERE or TRUNCATE, and its number of rows."""
        statement, reading = self._again()
        assert isinstance(statement, sql.DeleteAll)
        return counted(self.engine, statement, reading)

    def _again(self) -> tuple[sql.Statement, Reading]:
        reading = self.engine.reading(self.request)
        statement, _ = self.engine.translations.translated(self.request, reading)
        self.reading.snapshots = reading.snapshots
        return statement, reading


def _written(written: write.Written, *, counted: bool = True) -> _Outcome:
    snapshots = {} if written.snapshot_id is None else {str(written.table): written.snapshot_id}
    if not counted:
        return _Outcome(written=snapshots)
    return _Outcome(_ROW_COUNT, pa.table({"rows": [written.rows]}), written.rows, written=snapshots)


def _procedure(engine: EmbeddedEngine, statement: sql.Procedure) -> _Outcome:
    from olo_jupyter.lakehouse.maintenance.procedures import head, run_procedure

    metrics = run_procedure(engine, statement)
    columns = (Column("metric_name", "varchar"), Column("metric_value", "bigint"))
    names, values = [name for name, _ in metrics], [value for _, value in metrics]
    arrow = pa.table({"metric_name": pa.array(names, pa.string()), "metric_value": pa.array(values, pa.int64())})
    return _Outcome(columns, arrow, len(metrics), written=head(engine, statement))


def _columns(query: sql.Query) -> tuple[Column, ...]:
    return tuple(Column(field.name, str(field.type)) for field in query.fields)
