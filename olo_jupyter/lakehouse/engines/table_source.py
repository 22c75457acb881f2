"""A table's planned scan as a relation in DuckDB."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.engines.remote import RemoteFiles
from olo_jupyter.lakehouse.hidden_columns import value_of
from olo_jupyter.lakehouse.scan import Plan, readable
from olo_jupyter.lakehouse.scan_layout import by_layout, by_name, numbered
from olo_jupyter.lakehouse.scan_sql import duckdb_type, empty, inner, outer, parquet, without_keys, without_positions
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier
from olo_jupyter.lakehouse.sql.statement import HIDDEN, LOCATION, Query
from olo_jupyter.lakehouse.storage import place_of

if TYPE_CHECKING:
    import duckdb
    from pyiceberg.types import NestedField

_HIDDEN_TYPES = {field.name: field.type for field in HIDDEN}


class TableSource:
    """A table at a snapshot, by its plan.

    Args:
        located: With the place of each row.
        hidden: With these columns of :data:`~olo_jupyter.lakehouse.sql.statement.HIDDEN`.
        inline: No view is made; the query that names the relation is given it by :func:`inlined`.
    """

    def __init__(
        self, alias: str, plan: Plan, *, located: bool = False, hidden: Sequence[str] = (), inline: bool = False
    ) -> None:
        self._alias = alias
        self.inline = inline
        self._text = ""
        self._plan = plan
        self._located = located
        self._hidden = hidden
        self._registered: list[str] = []
        self._tables: list[str] = []
        self._remote: RemoteFiles | None = None

    def install(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make it on the cursor.

        Raises:
            QueryError: A file is gone or damaged.
        """
        plan = self._plan
        whole, touched = plan.direct[: plan.whole], plan.direct[plan.whole :]
        paths = dict(zip(plan.direct, self._paths(cursor), strict=True))
        footers = {paths[task]: plan.footers[task.file.file_path] for task in plan.direct}
        parts = []
        if whole and (self._located or self._hidden):
            parts.append(self._select(f"({numbered([paths[task] for task in whole], footers, plan.columns)}) t"))
        elif whole:
            alike, others = by_layout({paths[task]: footers[paths[task]] for task in whole}, plan.columns)
            parts += [by_name(files, footers, plan.columns) for files in alike]
            parts += [self._select(f"{parquet(others, plan.columns)} t")] if others else []
        if touched:
            rows = numbered([paths[task] for task in touched], footers, plan.read_columns, first=len(whole))
            parts.append(self._select(f"({rows}) t{self._without_deleted(cursor)}"))
        if plan.indirect:
            # A table, not the stream itself: a query may read it twice, and a table can spill.
            rows = self._table(cursor, "rows", plan.read_columns, ("file", "row"), plan.indirect_rows())
            deleted = self._without_deleted(cursor) if any(task.delete_files for task in plan.indirect) else ""
            parts.append(self._select(f"{rows} t{deleted}"))
        if not parts:
            parts.append(self._select(f"({empty(plan.columns, ('file', 'row'))}) t"))
        self._text = " UNION ALL ".join(parts)
        if not self.inline:
            _run(cursor, f"CREATE TEMP VIEW {identifier(self._alias)} AS {self._text}")

    def remove(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Take it away again."""
        if not self.inline:
            _run(cursor, f"DROP VIEW temp.{identifier(self._alias)}")
        for table in self._tables:
            _run(cursor, f"DROP TABLE temp.{table}")
        for name in self._registered:
            cursor.unregister(name)
        if self._remote is not None:
            cursor.unregister_filesystem(self._remote.protocol)

    @property
    def common_table(self) -> str:
        """The relation as a query of WITH, once it is installed."""
        return f"{identifier(self._alias)} AS NOT MATERIALIZED ({self._text})"

    @property
    def only_files(self) -> bool:
        """Whether an inline query names nothing but files, once it is installed."""
        return self.inline and not self._registered and not self._tables and self._remote is None

    def _select(self, rows: str) -> str:
        """The columns from ``rows``, a relation ``t`` with ``file`` and ``row``."""
        columns = [f"t.{column}" for column in outer(self._plan.columns)]
        if self._located:
            file, position = map(identifier, LOCATION)
            columns += [f"{self._number()} AS {file}", f"t.row AS {position}"]
        for name in self._hidden:
            values = ", ".join(value_of(name, task, self._plan.pinned) for task in self._plan.files)
            text = f"([{values}])[t.file::BIGINT + 1]" if values else "NULL"
            columns.append(f"CAST({text} AS {duck_type(_HIDDEN_TYPES[name])}) AS {identifier(name)}")
        return f"SELECT {', '.join(columns)} FROM {rows}"

    def _number(self) -> str:
        """The number of the file that a row of ``t`` is in; a list is looked up for each row, which takes its time."""
        numbers = self._plan.numbers
        if numbers == tuple(range(len(numbers))):
            return "t.file::BIGINT"
        if len(numbers) == 1:
            return f"{numbers[0]}::BIGINT"
        return f"([{', '.join(map(str, numbers))}]::BIGINT[])[t.file::BIGINT + 1]"

    def _paths(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[str]:
        """What DuckDB calls the files that it reads: local paths, or names on a file system made for them."""
        places = [place_of(self._plan.pinned.table.io, task.file.file_path) for task in self._plan.direct]
        remote = [place for place in places if place is not None and not place.local]
        if remote:
            self._remote = RemoteFiles()
            cursor.register_filesystem(self._remote)
        for place, task in zip(places, self._plan.direct, strict=True):
            assert place is not None  # else it would not be read by DuckDB
            if place.local:
                yield place.path
            else:
                assert self._remote is not None
                yield self._remote.add(place, task.file.file_size_in_bytes)

    def _without_deleted(self, cursor: duckdb.DuckDBPyConnection) -> str:
        """The joins that take deleted rows away from ``t``; what they need is made at the first call."""
        plan = self._plan
        positions, ages = (identifier(f"{self._alias}_{name}") for name in ("positions", "ages"))
        if not self._registered:
            with readable(plan.pinned):
                self._register(cursor, "positions", plan.positions())
            self._register(cursor, "ages", plan.ages())
            for number, deletes in enumerate(plan.key_deletes):
                self._table(cursor, f"keys{number}", deletes.fields, ("sequence", "part"), plan.keys(deletes))
        joins = without_positions(positions)
        for number, deletes in enumerate(plan.key_deletes):
            keys = identifier(f"{self._alias}_keys{number}")
            joins += without_keys(keys, deletes.fields, ages, number, everywhere=deletes.everywhere)
        return joins

    def _register(self, cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
        name = f"{self._alias}_{name}"
        cursor.register(name, rows)
        self._registered.append(name)

    def _table(
        self,
        cursor: duckdb.DuckDBPyConnection,
        name: str,
        fields: tuple[NestedField, ...],
        numbers: tuple[str, str],
        batches: Iterator[pa.RecordBatch],
    ) -> str:
        """A temporary table of ``fields`` (by inner names) and two whole numbers, filled from ``batches``."""
        table, stream = identifier(f"{self._alias}_{name}"), f"{self._alias}_{name}_stream"
        _run(cursor, f"CREATE TEMP TABLE {table} AS {empty(fields, numbers)}")
        self._tables.append(table)
        with readable(self._plan.pinned):
            first = next(batches, None)
        if first is None:
            return table
        rows = _Stream(itertools.chain([first], batches))
        casts = [f"CAST({inner(field)} AS {duckdb_type(field)})" for field in fields]
        cursor.register(stream, pa.RecordBatchReader.from_batches(first.schema, rows))
        try:
            with readable(self._plan.pinned):
                try:
                    _run(
                        cursor, f"INSERT INTO {table} SELECT {', '.join([*casts, *numbers])} FROM {identifier(stream)}"
                    )
                except Exception:
                    # DuckDB tells what the reader raised as text only.
                    if rows.error is not None:
                        raise rows.error from None
                    raise
        finally:
            cursor.unregister(stream)
        return table


def inlined(query: Query, sources: Iterable[object]) -> Query:
    """``query`` with the installed tables that are inline in front: DuckDB then opens each file once, not twice.

    Example:
        >>> inlined(Query("WITH cte_1 AS (SELECT 1) SELECT * FROM cte_1", ()), []).sql
        'WITH cte_1 AS (SELECT 1) SELECT * FROM cte_1'
    """
    tables = [source.common_table for source in sources if isinstance(source, TableSource) and source.inline]
    if not tables:
        return query
    start, own = ("WITH ", "")
    for start in ("WITH RECURSIVE ", "WITH "):
        if query.sql.startswith(start):
            own = ", "
            break
    rest = query.sql[len(start) :] if own else query.sql
    return replace(query, sql=f"{start}{', '.join(tables)}{own or ' '}{rest}")


def only_files(source: object) -> bool:
    """Whether an installed source is all in the text of the query: local files by their names, nothing registered."""
    return isinstance(source, TableSource) and source.only_files


class _Stream:
    """Batches, and what reading them raised."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except Exception as error:
            self.error = error
            raise


def _run(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    cursor.execute(sql).fetchall()
