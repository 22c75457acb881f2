"""PEP 249 over a Session: Trino SQL in, Python rows out, with what dbt-trino reads of Trino's own cursors.

Every statement is its own transaction. A cursor that is used as a context is closed at its end; ``cancel`` may be
called from another thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.sql.lexer import segments

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.engines.base import Progress
    from olo_jupyter.lakehouse.result import Provenance, Result
    from olo_jupyter.lakehouse.session import Session

apilevel = "2.0"
threadsafety = 2  # threads may share the module and connections
paramstyle = "qmark"

_NOT_THE_STATEMENT = frozenset(
    {"internal-error", "catalog-not-available", "catalog-locked", "iceberg-filesystem-error", "transaction-conflict"}
)


class Error(Exception):
    """PEP 249's base. ``query_error`` is the product's own error, with code, hint, line and column."""

    def __init__(self, error: OloError) -> None:
        place = f"line {error.line}:{error.column}: " if isinstance(error, QueryError) and error.line else ""
        message = error.message if error.message.endswith((".", "?", "!")) or not error.hint else f"{error.message}."
        super().__init__(" ".join(filter(None, (f"{place}{message}", error.hint))))
        self.query_error = error


class InterfaceError(Error):
    """The module was used wrongly: a closed connection or cursor."""


class DatabaseError(Error):
    """Errors of the database."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: syntax, names, types."""


class OperationalError(DatabaseError):
    """The catalog, its storage or another writer is the reason; the same statement may succeed later."""


class NotSupportedError(DatabaseError):
    """Valid Trino SQL that the embedded engine refuses because it can't give Trino's answer."""


class ColumnDescription(NamedTuple):
    """PEP 249's seven items for one column; ``type_code`` is the Trino type as text."""

    name: str
    type_code: str
    display_size: None = None
    internal_size: None = None
    precision: int | None = None
    scale: int | None = None
    null_ok: bool | None = None


def connect(
    project: str | Path | None = None,
    *,
    catalog: str | None = None,
    schema: str | None = None,
    session: Session | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Connection:
    """Open a connection.

    Args:
        project: Folder with olo.yml; default: ``OLO_PROJECT``, else the working directory's project.
        catalog, schema: Where unqualified names count from; default: ``OLO_CATALOG`` and ``OLO_NAMESPACE``, else the
            project's default catalog.
        session: Run on this session and leave it open at the end; the other arguments are then not used.
        environ: The environment; ``OLO_PINS`` repeats a captured run.

    Raises:
        ConfigError: olo.yml isn't valid, or ``project`` holds none.
        QueryError: OLO_PINS isn't valid.
    """
    if session is not None:
        return Connection(session, owns=False)
    from olo_jupyter.lakehouse.session import Session

    given = {
        "OLO_PROJECT": str(Path(project).resolve()) if project else None,
        "OLO_CATALOG": catalog,
        "OLO_NAMESPACE": schema,
    }
    settings = {key: value for key, value in given.items() if value is not None}
    return Connection(Session.from_environment({**environ, **settings}), owns=True)


class Connection:
    """A session as PEP 249 sees it. ``commit`` does nothing: a statement that has returned is committed."""

    def __init__(self, session: Session, owns: bool) -> None:
        self.session = session
        self._owns = owns
        self._closed = False

    def cursor(self) -> Cursor:
        """A new cursor on this connection."""
        self._check()
        return Cursor(self)

    def commit(self) -> None:
        """Nothing to do: every statement is its own transaction."""
        self._check()

    def rollback(self) -> None:
        """Refused by PEP 249 where there are no transactions.

        Raises:
            NotSupportedError: Always.
        """
        raise NotSupportedError(
            Unsupported(
                "A statement that has run can't be rolled back.", hint="Old rows stay readable: FOR VERSION AS OF."
            )
        )

    def close(self) -> None:
        """Close the connection, and the session where the connection opened it."""
        if not self._closed and self._owns:
            self.session.close()
        self._closed = True

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise InterfaceError(OloError("The connection is closed."))


class Cursor:
    """Runs one statement at a time and hands out its rows."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.query: str | None = None
        self._result: Result | None = None
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self._closed = False
        self._cancelled = threading.Event()

    def execute(self, operation: str, params: Sequence[Any] | None = None) -> Cursor:
        """Run one statement of Trino SQL and wait for it.

        Args:
            operation: The statement, without a semicolon at its end.
            params: Values for ``?``, in order.

        Raises:
            ProgrammingError, NotSupportedError, OperationalError: See there.
        """
        return self.execute_with(operation, params)

    def execute_with(
        self, operation: str, params: Sequence[Any] | None = None, results: Mapping[str, Result] | None = None
    ) -> Cursor:
        """Like :meth:`execute`; ``results`` are earlier results that the statement may use as tables by name."""
        self._check()
        self.query, self._result, self._rows = operation, None, iter(())
        self._cancelled.clear()
        try:
            text, values = _named(operation, params or ())
            result = self.connection.session.execute(
                text, parameters=values, results=results, on_progress=self._stop_if_cancelled
            )
        except OloError as error:
            raise _error(error) from error
        self._result, self._rows = result, result.rows()
        return self

    def executemany(self, operation: str, seq_of_params: Sequence[Sequence[Any]]) -> Cursor:
        """Run the statement once for each set of parameters; each run commits on its own."""
        for params in seq_of_params:
            self.execute(operation, params)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, None at the end."""
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """At most ``size`` (default ``arraysize``) rows."""
        return [row for _, row in zip(range(size or self.arraysize), self._rows, strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        return list(self._rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    @property
    def description(self) -> list[ColumnDescription] | None:
        """Name and Trino type of each column, None before a statement has run."""
        if self._result is None:
            return None
        return [ColumnDescription(column.name, column.type) for column in self._result.columns]

    @property
    def provenance(self) -> Provenance | None:
        """Where the rows came from and what was written, None before a statement has run."""
        return self._result.provenance if self._result else None

    @property
    def rowcount(self) -> int:
        """Rows written by the last statement; -1 where it wrote to no table."""
        return self._result.provenance.rows if self._result and self._result.provenance.written else -1

    @property
    def query_id(self) -> str | None:
        """The engine's id of the last execution."""
        return self._result.provenance.query_id if self._result else None

    @property
    def update_type(self) -> str | None:
        """What the last statement was where it changed something (``CREATE TABLE``, ``INSERT``), None for a query."""
        if self.query is None or self._result is None:
            return None
        words = "".join(
            self.query[part.start : part.end] for part in segments(self.query) if part.kind == "code"
        ).upper()
        first = words.replace("(", " ").split()
        if not first or first[0] in ("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "DESCRIBE", "EXPLAIN"):
            return None
        if first[0] == "CREATE":
            return (
                "CREATE VIEW" if "VIEW" in first[:4] else "CREATE SCHEMA" if "SCHEMA" in first[:2] else "CREATE TABLE"
            )
        return first[0] if first[0] in ("INSERT", "DELETE", "UPDATE", "MERGE") else " ".join(first[:2])

    @property
    def stats(self) -> dict[str, Any]:
        """Figures of the last execution, with Trino's names."""
        if self._result is None:
            return {}
        provenance = self._result.provenance
        return {
            "queryId": provenance.query_id,
            "state": "FINISHED",
            "processedRows": provenance.rows,
            "elapsedTimeMillis": round(provenance.seconds * 1000),
        }

    def cancel(self) -> None:
        """Stop the statement that runs on this cursor; it then raises OperationalError in its own thread."""
        self._cancelled.set()

    def close(self) -> None:
        """Forget the rows; the cursor can't be used afterwards."""
        self._result, self._rows, self._closed = None, iter(()), True

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """PEP 249 allows this to do nothing."""

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """PEP 249 allows this to do nothing."""

    def __enter__(self) -> Cursor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _stop_if_cancelled(self, _: Progress) -> None:
        """Called ten times a second while a statement runs; the engine stops it when this raises."""
        if self._cancelled.is_set():
            raise QueryCancelled("The query was cancelled.")

    def _check(self) -> None:
        if self._closed:
            raise InterfaceError(OloError("The cursor is closed."))
        self.connection._check()


def _named(text: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """``?`` in code as ``:p1``, ``:p2`` …, with their values.

    Raises:
        QueryError: ``invalid-parameter-usage``: more or fewer than there are values.

    Example:
        >>> _named("SELECT '?', ? -- ?", [7])
        ("SELECT '?', :p1 -- ?", {'p1': 7})
    """
    pieces: list[str] = []
    marks = 0
    for segment in segments(text):
        piece = text[segment.start : segment.end]
        if segment.kind == "code":
            head, *rest = piece.split("?")
            pieces.append(head)
            for part in rest:
                marks += 1
                pieces.append(f":p{marks}{part}")
        else:
            pieces.append(piece)
    if marks != len(values):
        raise QueryError(
            f"Incorrect number of parameters: expected {marks} but found {len(values)}", code="invalid-parameter-usage"
        )
    return "".join(pieces), {f"p{number}": value for number, value in enumerate(values, start=1)}


def _error(error: OloError) -> Error:
    if isinstance(error, Unsupported):
        return NotSupportedError(error)
    if isinstance(error, QueryCancelled) or error.code in _NOT_THE_STATEMENT or error.code == "transaction-conflict":
        return OperationalError(error)
    return ProgrammingError(error)
