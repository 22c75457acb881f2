"""The Trino engine: statements run on a Trino server, with the pins, values and results of the product."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.errors import QueryCancelled, QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.sql.grammar.syntax import BranchText
from olo_jupyter.lakehouse.sql.table_places import TablePlace
from olo_jupyter.lakehouse.trino.connection import Connection, Where, tags
from olo_jupyter.lakehouse.trino.run import Outcome, Statement
from olo_jupyter.lakehouse.trino.tables import Tables
from olo_jupyter.lakehouse.trino.text import Prepared, prepare

_ROW_COUNT = (Column("rows", "bigint"),)
_WRITES = frozenset(
    ["INSERT", "DELETE", "UPDATE", "MERGE", "CREATE TABLE", "TRUNCATE TABLE", "REFRESH MATERIALIZED VIEW"]
)


class TrinoEngine:
    """Runs statements on the server that ``engines.trino`` of olo.yml names.

    Args:
        catalogs: The project's catalogs; Trino reads the same tables.
        settings: The project's configuration.

    Raises:
        QueryError: ``engine-not-configured``.
    """

    name = "trino"

    def __init__(self, catalogs: Catalogs, settings: Settings) -> None:
        if settings.engines.trino is None:
            raise QueryError(
                "olo.yml doesn't say where Trino is.",
                code="engine-not-configured",
                hint="Add to it: engines: {trino: {host: trino.example.org, port: 443, http_scheme: https}}",
            )
        self.catalogs = catalogs
        self.names = settings.engines.trino.catalogs
        self.connection = Connection(settings.engines.trino, settings.user)

    def execute(self, request: Request) -> Result:
        """Run one statement; see :class:`~olo_jupyter.lakehouse.engines.base.Engine`."""
        started = time.perf_counter()
        tables = Tables(request, self.catalogs, self.names)
        prepared = self._prepared(request, tables)
        outcome = self._run(request, tables, prepared, prepared.text)
        written = self._written(outcome, prepared, request, tables)
        columns, table, rows = outcome.columns, outcome.table, outcome.table.num_rows
        if outcome.update_type in _WRITES and outcome.update_count is not None:
            columns, rows = _ROW_COUNT, outcome.update_count
            table = pa.table({"rows": pa.array([rows], pa.int64())})
        elif outcome.update_type:
            columns, table, rows = (), pa.table({}), 0
        return Result(
            columns,
            table,
            Provenance(
                engine=self.name,
                sql=request.sql,
                query_id=outcome.query_id,
                rows=rows,
                seconds=time.perf_counter() - started,
                parameters=prepared.parameters,
                snapshots=tables.confirm(),
                written=written,
                dropped=_dropped(outcome, prepared, request, tables),
                bytes=outcome.bytes,
                cpu_seconds=outcome.cpu_seconds,
            ),
            outcome.truncated,
        )

    def explain(self, request: Request) -> str:
        """Trino's distributed plan; see :class:`~olo_jupyter.lakehouse.engines.base.Engine`."""
        tables = Tables(request, self.catalogs, self.names)
        prepared = self._prepared(request, tables, bound=False)
        outcome = self._run(request, tables, prepared, f"EXPLAIN {prepared.text}", ahead=len("EXPLAIN "))
        return "\n".join(str(row) for row in outcome.table.column(0).to_pylist())

    def close(self) -> None:
        """Close the connections to the server."""
        self.connection.close()

    def _prepared(self, request: Request, tables: Tables, *, bound: bool = True) -> Prepared:
        if request.dialect != "trino":
            raise Unsupported(
                f"Trino runs its own SQL, not the dialect {request.dialect}.",
                hint="Leave out --dialect, or choose --engine spark.",
            )
        try:
            prepared = prepare(request, tables, bound=bound)
        except KeyboardInterrupt:  # while the catalogs were asked; nothing was sent yet
            raise QueryCancelled("The query was cancelled.") from None
        statement = prepared.statement
        if isinstance(statement, BranchText) or getattr(statement, "branch", None) is not None:
            raise Unsupported(
                "Trino's Iceberg connector neither makes branches nor writes to one.",
                hint="Run it with --engine embedded or spark. To read one: FOR VERSION AS OF 'name'.",
            )
        return prepared

    def _run(self, request: Request, tables: Tables, prepared: Prepared, text: str, *, ahead: int = 0) -> Outcome:
        where = Where(
            tables.trino_name(request.catalog), request.namespace, ("olo", *tags(request.notebook, request.cell))
        )

        def place(line: int, column: int) -> tuple[int, int] | None:
            return prepared.place(line, max(column - ahead, 1) if line == 1 else column)

        statement = Statement(self.connection, where, place=place, limit=request.limit, on_progress=request.on_progress)
        try:
            return statement.run(text)
        except QueryError as error:
            self._told(error, tables, request, prepared)
            raise

    def _told(self, error: QueryError, tables: Tables, request: Request, prepared: Prepared) -> None:
        """Put an error that Trino tells without a place at the table that it names; offer the nearest names."""
        if error.line is None:
            named = [place for place in prepared.places if place.node.name.lower() in error.message.lower()]
            if len(named) == 1:
                error.line, error.column = named[0].node.meta["place"]
        if error.hint or error.code not in ("table-not-found", "schema-not-found"):
            return
        for place in tables.unknown:
            if place.node.meta["place"] == (error.line, error.column):
                name = _name(place, request, tables)
                with contextlib.suppress(QueryError):  # not to be looked up from here
                    spaces = self.catalogs.namespaces(name.catalog)
                    known = self.catalogs.tables(name.catalog, name.namespace) if name.namespace in spaces else spaces
                    error.hint = nearest(name.table if name.namespace in spaces else name.namespace, known)

    def _written(self, outcome: Outcome, prepared: Prepared, request: Request, tables: Tables) -> Mapping[str, int]:
        """The snapshots that this very statement made: Trino writes its query id into them."""
        if outcome.update_type not in _WRITES:
            return {}
        written: dict[str, int] = {}
        for name in _names(prepared, request, tables):
            try:
                table = self.catalogs.find(name)
            except QueryError:
                continue  # governed, or a catalog of Trino's own: it can't be looked up from here
            for snapshot in reversed(table.metadata.snapshots if table is not None else []):
                summary: Mapping[str, Any] = snapshot.summary.additional_properties if snapshot.summary else {}
                if summary.get("trino_query_id") == outcome.query_id:
                    written[str(name)] = snapshot.snapshot_id
                    break
        return written


def _name(place: TablePlace, request: Request, tables: Tables) -> TableName:
    """The full name that a place in the text means."""
    parts = [part.name.lower() for part in place.node.parts]
    catalog, namespace, table = [*(request.catalog, request.namespace)[: 3 - len(parts)], *parts]
    return TableName(tables.catalog_of(catalog) or catalog, namespace, table)


def _names(prepared: Prepared, request: Request, tables: Tables) -> list[TableName]:
    return [_name(place, request, tables) for place in prepared.places if place.role == "named"]


def _dropped(outcome: Outcome, prepared: Prepared, request: Request, tables: Tables) -> tuple[str, ...]:
    if outcome.update_type not in ("DROP TABLE", "DROP VIEW", "RENAME TABLE", "RENAME VIEW"):
        return ()
    return tuple(str(name) for name in _names(prepared, request, tables)[:1])
