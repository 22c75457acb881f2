"""Rows that the catalog shows: a sample of a table, its partitions, its files. Each is one query, in no history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.json_rows import json_rows
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import SnapshotPin
from olo_jupyter.lakehouse.sensitive_rows import masked_columns
from olo_jupyter.server.models.tables import RowColumn, Rows, RowsQuery

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.result import Result
    from olo_jupyter.lakehouse.session import Session

_FILES = "content, file_path, file_format, record_count, file_size_in_bytes"


def sample_rows(session: Session, name: TableName, query: RowsQuery) -> Rows:
    """The first rows of a table or view; values of tagged columns are left out, unless ``query.reveal``.

    Raises:
        QueryError: As ``Session.sql``.
    """
    return _read(session, str(name), name, query, "*", tagged=not query.reveal)


def partitions(session: Session, name: TableName, query: RowsQuery) -> Rows:
    """Rows, files and bytes of each partition, the largest first."""
    columns = "partition, record_count, file_count, total_size"
    if session.settings.is_governed(name.catalog):
        columns = "*"  # whether it is partitioned is Trino's to tell
    elif not session.catalogs.load(name).spec().fields:
        columns = "record_count, file_count, total_size"
    return _read(session, str(name.metadata("partitions")), name, query, columns, "ORDER BY record_count DESC")


def files(session: Session, name: TableName, query: RowsQuery) -> Rows:
    """The data and delete files of a snapshot, the largest first."""
    return _read(session, str(name.metadata("files")), name, query, _FILES, "ORDER BY file_size_in_bytes DESC")


def _read(
    session: Session,
    source: str,
    name: TableName,
    query: RowsQuery,
    columns: str,
    order: str = "",
    *,
    tagged: bool = False,
) -> Rows:
    result = session.execute(
        f"SELECT {columns} FROM {source} {order} LIMIT {query.limit + 1}",
        engine="trino" if session.settings.is_governed(name.catalog) else "embedded",
        as_of=SnapshotPin(int(query.snapshot)) if query.snapshot else None,
        recorded=False,
    )
    hidden = masked_columns(session, result, {}) if tagged else ()
    return rows_of(result, query.limit, hidden, query.snapshot)


def rows_of(result: Result, limit: int, hidden: tuple[str, ...] = (), snapshot: str = "") -> Rows:
    """A result as an answer, without the values of the ``hidden`` columns."""
    at = {index for index, column in enumerate(result.columns) if column.name in hidden}
    rows = json_rows(result, limit)
    read = next(iter(result.provenance.snapshots.values()), None)
    return Rows(
        columns=[
            RowColumn(name=column.name, type=column.type, masked=index in at)
            for index, column in enumerate(result.columns)
        ],
        rows=[[None if index in at else value for index, value in enumerate(row)] for row in rows] if at else rows,
        truncated=result.truncated or len(result) > limit,
        snapshot=snapshot or (str(read) if read is not None else None),
    )
