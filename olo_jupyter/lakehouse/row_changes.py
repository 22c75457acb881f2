"""DELETE, UPDATE, MERGE and TRUNCATE as one Iceberg commit: touched files leave, their remaining rows come anew.

Files are copied on write: readers need no delete files of ours, and those of others (by position or equality) are
applied to a touched file when it is read, and say nothing about the new one: it has another name and a newer
sequence number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.write import Written, head_of, refuse_version_3, retried

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table


@dataclass(frozen=True)
class Changes:
    """What a statement changes.

    Args:
        table: The table as it was when the changes were computed.
        rows: Rows deleted, updated and inserted.
        leaving: The data files that have a changed row, with their sequence numbers.
        streams: The rows that come, all columns of the table in its order; to be read once, one after the other.
    """

    table: Table
    rows: int
    leaving: Sequence[tuple[DataFile, int]]
    streams: Iterator[pa.RecordBatchReader]


def change_rows(name: TableName, branch: str, changes: Callable[[], AbstractContextManager[Changes]]) -> Written:
    """Commit the changes of a statement to a branch.

    Args:
        changes: Computes them from the table's present state; called again after each lost race.

    Raises:
        QueryError: What computing raises; ``constraint-violation`` (NULL for a NOT NULL column);
            ``transaction-conflict``.
        Unsupported: The table has format version 3.
    """

    def attempt() -> Written:
        with changes() as found:
            return _commit(name, branch, found)

    with writing(name):
        return retried(name, attempt)


def _commit(name: TableName, branch: str, changes: Changes) -> Written:
    from pyiceberg.exceptions import CommitFailedException

    from olo_jupyter.lakehouse.commit import Rewrite, begin, commit
    from olo_jupyter.lakehouse.data_writer import DataFiles

    table = changes.table
    refuse_version_3(table, name)
    columns = [field.name for field in table.schema().fields]
    files = DataFiles(table.metadata, table.io)
    try:
        for rows in changes.streams:
            files.write(rows, columns)
    except BaseException:
        files.discard()
        raise
    if not changes.leaving and not files.files:
        return Written(name, 0, head_of(table, branch))
    transaction = begin(table)
    leaving, sequences = [file for file, _ in changes.leaving], {sequence for _, sequence in changes.leaving}
    with Rewrite(transaction, table.io, leaving, files.files, branch, sequences) as producer:
        pass
    try:
        commit(transaction, producer.snapshot_id, files)
    except CommitFailedException:
        files.discard()
        raise
    return Written(name, changes.rows, producer.snapshot_id)


def delete_all(name: TableName, branch: str, present: Callable[[], tuple[Table, int]]) -> Written:
    """Remove all rows by metadata alone; the old snapshots keep them.

    Args:
        present: The table as it is now, and how many rows it has.

    Raises:
        QueryError, Unsupported: As :func:`change_rows`.
    """

    def attempt() -> Written:
        from pyiceberg.table.snapshots import Operation

        from olo_jupyter.lakehouse.commit import Replacement, begin, commit
        from olo_jupyter.lakehouse.data_writer import DataFiles

        table, rows = present()
        refuse_version_3(table, name)
        transaction = begin(table)
        with Replacement(transaction, table.io, Operation.DELETE, branch) as producer:
            pass
        commit(transaction, producer.snapshot_id, DataFiles(table.metadata, table.io))
        return Written(name, rows, producer.snapshot_id)

    with writing(name):
        return retried(name, attempt)
