"""INSERT, and data frames, as one Iceberg commit each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.columns import check_names, fields_of
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.sql.statement import CreateTable, Insert, Query
from olo_jupyter.lakehouse.time_travel import snapshot_at
from olo_jupyter.lakehouse.write import Rows, Written, create_table, found, head_of, loaded, retried

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

Mode = Literal["replace", "append", "create", "overwrite_partitions"]
"""How a data frame is written; see :func:`write_frame`."""


def insert(catalogs: Catalogs, statement: Insert, rows: Rows) -> Written:
    """Append the query's rows in one commit, or let them be the only ones of the partitions that they are in.

    Args:
        catalogs: The project's catalogs.
        rows: The query's rows, columns in the order of ``statement.columns``.

    Raises:
        QueryError: ``table-not-found``, ``column-not-found``, ``branch-not-found``, ``constraint-violation`` (NULL for
            a NOT NULL column), ``transaction-conflict``.
        Unsupported: The table has format version 3, or partitions are to be overwritten and some files are of an older
            partitioning.
    """
    from pyiceberg.exceptions import CommitFailedException

    from olo_jupyter.lakehouse.commit import Rewrite, begin, commit
    from olo_jupyter.lakehouse.data_writer import DataFiles

    reads_itself = any(scan.table == statement.table for scan in statement.query.scans)
    pending: DataFiles | None = None
    shape: tuple[int, int] | None = None

    def append() -> Written:
        nonlocal pending, shape
        table = loaded(catalogs, statement.table)
        metadata = table.metadata
        snapshot_at(metadata, HeadPin(statement.branch), statement.table)  # a branch that isn't there
        if pending is not None and (reads_itself or shape != (metadata.current_schema_id, metadata.default_spec_id)):
            pending.discard()
            pending = None
        if pending is None:
            shape = (metadata.current_schema_id, metadata.default_spec_id)
            _check_columns(table, statement)
            files = DataFiles(metadata, table.io)
            with rows() as reader:
                files.write(reader, statement.columns)
            pending = files
        if not pending.files:  # as Trino: no rows, no snapshot
            return Written(statement.table, 0, head_of(table, statement.branch))
        transaction = begin(table)
        leaving = _in_partitions(table, statement, pending.files) if statement.overwrites else ()
        with Rewrite(transaction, table.io, leaving, pending.files, statement.branch) as producer:
            pass
        commit(transaction, producer.snapshot_id, pending)
        return Written(statement.table, pending.rows, producer.snapshot_id)

    with writing(statement.table):
        found(catalogs, statement.table)
        try:
            return retried(statement.table, append)
        except (CommitFailedException, QueryError):
            if pending is not None:
                pending.discard()
            raise


def write_frame(
    catalogs: Catalogs, name: TableName, frame: pa.Table, mode: Mode = "replace", branch: str = "main"
) -> Written:
    """Write an Arrow table in one commit.

    Args:
        catalogs: The project's catalogs.
        frame: The rows. Arrow types without an Iceberg equal (dictionaries aside) are refused.
        mode: ``replace`` makes the table hold exactly these rows and columns and keeps its history, and creates it
            where it is missing; ``append`` adds rows by column name; ``overwrite_partitions`` lets them be the only
            rows of the partitions that they are in (of the whole table where it has none), the other partitions stay;
            ``create`` fails where the table exists.
        branch: Where ``append`` and ``overwrite_partitions`` write to.

    Raises:
        QueryError: As :func:`create_table` and :func:`insert`; ``column-not-found`` for a column the table hasn't;
            ``invalid-arguments`` for a mode that isn't one.
        Unsupported: A column type that Iceberg can't hold; another mode on a branch.
    """
    if mode not in get_args(Mode):
        raise QueryError(
            f"There is no mode {mode!r} to write a frame.",
            code="invalid-arguments",
            hint=nearest(str(mode), get_args(Mode)),
        )
    if mode in ("append", "overwrite_partitions"):
        check_names(frame.column_names)
        columns, overwrites = tuple(frame.column_names), mode == "overwrite_partitions"
        return insert(catalogs, Insert(name, columns, Query("", ()), branch, overwrites), frame.to_reader)
    if branch != "main":
        raise Unsupported(
            f"A branch can't be written by mode={mode!r}: its columns are the table's.",
            hint="Use append or overwrite_partitions, or DELETE FROM … @ branch first.",
        )
    creation = CreateTable(name, fields_of(frame.schema), exists="replace" if mode == "replace" else "error")
    return create_table(catalogs, creation, frame.to_reader)


def _in_partitions(table: Table, statement: Insert, coming: Sequence[DataFile]) -> list[DataFile]:
    """The files of the branch in the partitions that ``coming`` are in.

    Raises:
        Unsupported: A file is of another partitioning than the table has now: its rows may be in any partition.
    """
    from pyiceberg.manifest import DataFileContent

    snapshot = table.metadata.snapshot_by_name(statement.branch)
    if snapshot is None:
        return []
    spec_id = table.metadata.default_spec_id
    partitions = {repr(file.partition) for file in coming}
    leaving = []
    for manifest in snapshot.manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
            if entry.data_file.content != DataFileContent.DATA:
                continue
            if entry.data_file.spec_id != spec_id:
                raise Unsupported(
                    f"'{statement.table}' has files of an older partitioning: which of their rows are in the "
                    "partitions that are overwritten can't be told by the files.",
                    hint="Rewrite them first (olo maintain --compact), or use DELETE and INSERT.",
                )
            if repr(entry.data_file.partition) in partitions:
                leaving.append(entry.data_file)
    return leaving


def _check_columns(table: Table, statement: Insert) -> None:
    names = {field.name.lower(): field for field in table.schema().fields}
    given = {column.lower() for column in statement.columns}
    for column in statement.columns:
        if column.lower() not in names:
            raise QueryError(
                f"Insert column name does not exist in target table: {column}",
                code="column-not-found",
                hint=f"It has: {', '.join(names)}.",
            )
    for name, field in names.items():
        if field.required and name not in given:
            raise QueryError(f"NULL value not allowed for NOT NULL column: {name}", code="constraint-violation")
