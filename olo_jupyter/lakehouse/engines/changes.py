"""The rows that DELETE, UPDATE and MERGE change, computed by DuckDB: first which, then each touched file's new rows.

The first step reads only the columns that the statement needs and keeps a temporary table of places and values. The
second reads the touched files whole, one group after the other, and puts the new values in. Files that no row of the
statement touches are neither read whole nor written.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine, bound, streamed
from olo_jupyter.lakehouse.engines.table_source import TableSource
from olo_jupyter.lakehouse.engines.worker import Worker
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.row_changes import Changes
from olo_jupyter.lakehouse.scan import Plan
from olo_jupyter.lakehouse.sql.dml import CASE
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier
from olo_jupyter.lakehouse.sql.statement import LOCATION, ChangeRows, DeleteAll, Query

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

_FILE, _POSITION = map(identifier, LOCATION)
_CASE = identifier(CASE)
_TABLE = "olo_changes"
_TOGETHER_BYTES = 32 * 2**20
"""Touched files up to this size are rewritten together: small ones become fewer, large ones keep their keys apart."""


@contextmanager
def computed(
    engine: EmbeddedEngine,
    statement: ChangeRows,
    reading: Reading,
    results: Mapping[str, Result],
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Changes]:
    """The changes of ``statement`` to its table as ``reading`` has it.

    Raises:
        QueryError: What the statement's expressions raise; ``merge-target-row-multiple-matches``.
    """
    (target,) = (scan for scan in statement.query.scans if scan.located)
    pinned = reading.pinned(statement.table, target.pin)
    plan = engine.planner.plan(pinned, target.columns, target.predicates)
    files = {number: task.file for number, task in zip(plan.numbers, plan.files, strict=True)}
    sequences = {number: task.sequence for number, task in zip(plan.numbers, plan.files, strict=True)}
    located = TableSource(target.alias, plan, located=True, hidden=target.hidden)
    sources = [*engine.sources(statement.query, reading, results), located]
    with engine.prepared(sources, statement.query.sql, on_progress) as worker:
        _collect(worker, statement)
        if statement.kind == "MERGE":
            _refuse_doubles(worker)
        touched = _touched(worker, statement)
        staying = [number for number, deleted in touched.items() if deleted < files[number].record_count]
        # Closed before the worker is, also where the writer stops in the middle.
        with closing(_streams(worker, statement, plan, list(_groups(files, staying)))) as streams:
            yield Changes(
                table=pinned.table,
                rows=worker.run(lambda cursor: _number(cursor, f"SELECT count(*) FROM {_TABLE} WHERE {_CASE} >= 0")),
                leaving=tuple((files[number], sequences[number]) for number in touched),
                streams=streams,
            )
        worker.run(lambda cursor: cursor.execute(f"DROP TABLE temp.{_TABLE}").fetchall())


def counted(engine: EmbeddedEngine, statement: DeleteAll, reading: Reading) -> tuple[Table, int]:
    """The table of ``statement`` as ``reading`` has it, and how many rows it has: by metadata, unless rows are deleted.

    Raises:
        QueryError: No such table or branch, or its files can't be read.
    """
    pinned = reading.pinned(statement.table, HeadPin(statement.branch))
    plan = engine.planner.plan(pinned, ())
    if not statement.counted or not any(task.delete_files for task in plan.files):
        return pinned.table, plan.rows
    with engine.prepared([TableSource("olo_counted", plan)]) as worker:
        return pinned.table, worker.run(lambda cursor: _number(cursor, "SELECT count(*) FROM olo_counted"))


def _collect(worker: Worker, statement: ChangeRows) -> None:
    query = statement.query
    as_written = statement.kind == "MERGE" and query.sql.count(" JOIN ") == 1
    with _sides_kept(worker) if as_written else nullcontext():
        sql = f"CREATE TEMP TABLE {_TABLE} AS {query.sql}"
        worker.run(lambda cursor: cursor.execute(sql, bound(query)).fetchall())


@contextmanager
def _sides_kept(worker: Worker) -> Iterator[None]:
    """Joins that are planned meanwhile keep in memory the side that is written last.

    DuckDB doesn't know how many rows are in files that it reads by field id, and may keep the table in memory instead
    of the source. So this is for queries whose only join is the one that this module writes.
    """
    worker.run(lambda cursor: cursor.execute("SET disabled_optimizers = 'build_side_probe_side'"))
    try:
        yield
    finally:
        worker.run(lambda cursor: cursor.execute("RESET disabled_optimizers"))


def _refuse_doubles(worker: Worker) -> None:
    """As Trino, which finds a row that one case takes twice, or that is left alone twice. A row that two different
    cases take is refused as well: Trino would delete it once and insert each of its new versions."""
    doubles = worker.run(
        lambda cursor: _number(
            cursor,
            f"SELECT count(*) FROM (SELECT 1 FROM {_TABLE} WHERE {_FILE} IS NOT NULL GROUP BY {_FILE}, {_POSITION} "
            f"HAVING count(*) FILTER ({_CASE} >= 0) > 1 OR count(*) FILTER ({_CASE} < 0) > 1)",
        )
    )
    if doubles:
        raise QueryError(
            "One MERGE target table row matched more than one source row",
            code="merge-target-row-multiple-matches",
            hint="Keep one source row for each key: SELECT … GROUP BY key, or row_number() … = 1.",
        )


def _touched(worker: Worker, statement: ChangeRows) -> dict[int, int]:
    """The numbers of the files with a changed row, in order, and how many rows of each are deleted."""
    deleting = _numbers(statement, "delete")
    rows: list[tuple[int, int]] = worker.run(
        lambda cursor: cursor.execute(
            f"SELECT {_FILE}, count(*) FILTER ({_CASE} IN ({deleting})) FROM {_TABLE} "
            f"WHERE {_FILE} IS NOT NULL AND {_CASE} >= 0 GROUP BY 1 ORDER BY 1"
        ).fetchall()
    )
    return dict(rows)


def _groups(files: Mapping[int, DataFile], numbers: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of files that are rewritten together."""
    group: list[int] = []
    size = 0
    for number in numbers:
        if group and size + files[number].file_size_in_bytes > _TOGETHER_BYTES:
            yield group
            group, size = [], 0
        group.append(number)
        size += files[number].file_size_in_bytes
    if group:
        yield group


def _streams(
    worker: Worker, statement: ChangeRows, plan: Plan, groups: Sequence[Sequence[int]]
) -> Generator[pa.RecordBatchReader, None, None]:
    """The rows that come: those that stay in the touched files, group by group, and the inserted ones."""
    for group in groups:
        source = TableSource("olo_touched", plan.only(group, plan.pinned.schema.fields), located=True)
        worker.run(source.install)
        with _sides_kept(worker), streamed(worker, _rewritten(statement, group)) as rows:
            yield rows
        worker.run(source.remove)
    if any(case.action == "insert" for case in statement.cases):
        with streamed(worker, _inserted(statement)) as rows:
            yield rows


def _rewritten(statement: ChangeRows, group: Sequence[int]) -> Query:
    """The rows of the files ``group`` that stay; only what changes in these files is kept in memory."""
    cells = []
    for field in statement.fields:
        old, at = f"t.{identifier(field.name)}", _at(statement, field.name)
        changing = _numbers(statement, "update", field.name)
        cells.append(f"CASE WHEN c.{_CASE} IN ({changing}) THEN c.c{at} ELSE {old} END" if at is not None else old)
    sql = (
        f"SELECT {', '.join(cells)} FROM olo_touched AS t LEFT JOIN (SELECT * FROM {_TABLE} WHERE {_CASE} >= 0 "
        f"AND {_FILE} IN ({', '.join(map(str, group))})) AS c "
        f"ON t.{_FILE} = c.{_FILE} AND t.{_POSITION} = c.{_POSITION} "
        f"WHERE c.{_CASE} IS NULL OR c.{_CASE} NOT IN ({_numbers(statement, 'delete')})"
    )
    return Query(sql, statement.fields)


def _inserted(statement: ChangeRows) -> Query:
    cells = [
        f"CAST(NULL AS {duck_type(field.type)})" if (at := _at(statement, field.name)) is None else f"c{at}"
        for field in statement.fields
    ]
    return Query(
        f"SELECT {', '.join(cells)} FROM {_TABLE} WHERE {_CASE} IN ({_numbers(statement, 'insert')})", statement.fields
    )


def _at(statement: ChangeRows, column: str) -> int | None:
    """The place of a column among those that the statement gives values to."""
    return statement.columns.index(column) if column in statement.columns else None


def _numbers(statement: ChangeRows, action: str, column: str | None = None) -> str:
    """The numbers of the cases with ``action`` (on ``column``), for IN; -2 stands for none."""
    chosen = [
        str(number)
        for number, case in enumerate(statement.cases)
        if case.action == action and (column is None or column in case.columns)
    ]
    return ", ".join(chosen) or "-2"


def _number(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((number,),) = cursor.execute(sql).fetchall()
    return int(number)
