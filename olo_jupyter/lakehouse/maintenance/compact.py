"""Rewrite small data files, and files with deleted rows, into fewer; the rows stay the same, and that is proved.

Each group of files of one partition becomes one file. A group's rows are counted and fingerprinted as they are read,
and once more from the file that was written. One commit of the operation ``replace`` swaps all groups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine, streamed
from olo_jupyter.lakehouse.engines.table_source import TableSource
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.maintenance.reports import Compacted, OnStep, silent
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.partition_rows import in_order
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.sql.expressions.duck import identifier
from olo_jupyter.lakehouse.sql.statement import Query
from olo_jupyter.lakehouse.write import refuse_version_3, retried

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata

    from olo_jupyter.lakehouse.data_files import DataTask
    from olo_jupyter.lakehouse.scan import Plan

SMALL_BYTES = 100 * 2**20
"""Files below this size are rewritten, as in Trino's optimize."""
_TOGETHER_BYTES = 128 * 2**20
"""A group's files have at most this size together: its rows are held in memory while they are written."""
TARGET_SIZE = "write.target-file-size-bytes"
_WHOLE = str(2**62)
_RELATION = "olo_compacted"


@dataclass
class _Group:
    """Files that become one file."""

    tasks: list[DataTask]
    written: list[DataFile] = field(default_factory=list)
    rows: int = 0

    def still_there(self, tasks: Iterable[DataTask]) -> bool:
        """Whether its files are still in the table, with the same deletes."""
        now = {_key(task) for task in tasks}
        return all(_key(task) in now for task in self.tasks)


def compact(
    engine: EmbeddedEngine,
    name: TableName,
    small_bytes: int = SMALL_BYTES,
    *,
    dry_run: bool = False,
    on_step: OnStep = silent,
) -> Compacted:
    """Rewrite the files of a table's present snapshot that are small or have deleted rows.

    Args:
        engine: Reads the rows.
        name: The table.
        small_bytes: Files below this size count as small.
        dry_run: Only tell; sizes after are not known then.
        on_step: Called while it runs.

    Raises:
        QueryError: ``table-not-found``; a file that can't be read; ``transaction-conflict``;
            ``compaction-mismatch`` where the rows written weren't the rows read: nothing is committed then.
        Unsupported: Format version 3.
    """
    groups: list[_Group] | None = None
    shape: tuple[int, int] | None = None

    def attempt() -> Compacted:
        nonlocal groups, shape
        reading = Reading(engine.catalogs)
        pinned = reading.pinned(name, HeadPin("main"))
        refuse_version_3(pinned.table, name)
        plan = engine.planner.plan(pinned, [column.name.lower() for column in pinned.schema.fields])
        metadata = pinned.table.metadata
        if groups is None:
            groups = list(chosen(plan.files, metadata, small_bytes))
        elif shape != (metadata.current_schema_id, metadata.default_spec_id):
            _discard(pinned.table, groups)  # written for other columns or partitions than the table has now
        shape = (metadata.current_schema_id, metadata.default_spec_id)
        for group in groups:
            if not group.still_there(plan.files):
                _discard(pinned.table, [group])
                group.tasks = []
        groups = [group for group in groups if group.tasks]
        if dry_run or not groups:
            return _report(groups, ())
        for number, group in enumerate(groups):
            on_step("rewriting files", number / len(groups))
            if not group.written:
                _rewrite(engine, plan, group, name)
        on_step("committing", 1.0)
        removable = _unneeded_deletes(plan, groups)
        return _report(groups, removable, _commit(pinned.table, groups, removable))

    with writing(name):
        try:
            return retried(name, attempt)
        except BaseException:
            if groups:
                _discard(engine.catalogs.load(name), groups)
            raise


def together_bytes(properties: Mapping[str, str], small_bytes: int = SMALL_BYTES) -> int:
    """The size (bytes) up to which files are joined, by a table's properties."""
    target = properties.get(TARGET_SIZE, "")
    most = max(_TOGETHER_BYTES, small_bytes)
    return min(int(target), most) if target.isdigit() else most


def chosen(tasks: Iterable[DataTask], metadata: TableMetadata, small_bytes: int = SMALL_BYTES) -> Iterator[_Group]:
    """The groups that are worth rewriting: two files or more, or a file with deletes; each of one partition.

    Files are taken in order of size, as many as fit together. What comes out is large, or alone: a second run finds
    nothing to do.
    """
    most = together_bytes(metadata.properties, small_bytes)
    partitions: dict[object, list[DataTask]] = defaultdict(list)
    for task in tasks:
        outdated = task.file.spec_id != metadata.default_spec_id
        if task.file.file_size_in_bytes < small_bytes or task.delete_files:
            # Files of an old partitioning don't stay together: their rows go where the present one puts them.
            partitions[("old", task.partition) if outdated else task.partition].append(task)
    for found in partitions.values():
        for group in _packed(found, most):
            if len(group) > 1 or group[0].delete_files:
                yield _Group(group)


def _packed(tasks: Sequence[DataTask], most: int) -> Iterator[list[DataTask]]:
    group: list[DataTask] = []
    size = 0
    for task in sorted(tasks, key=lambda task: (task.file.file_size_in_bytes, task.file.file_path)):
        if group and size + task.file.file_size_in_bytes > most:
            yield group
            group, size = [], 0
        group.append(task)
        size += task.file.file_size_in_bytes
    if group:
        yield group


def _rewrite(engine: EmbeddedEngine, plan: Plan, group: _Group, name: TableName) -> None:
    """Write a group's rows as one file, and prove that the file has them."""
    from olo_jupyter.lakehouse.data_writer import DataFiles

    table = plan.pinned.table
    metadata = table.metadata.model_copy(update={"properties": {**table.properties, TARGET_SIZE: _WHOLE}})
    wanted = {_key(task) for task in group.tasks}
    numbers = [number for number, task in zip(plan.numbers, plan.files, strict=True) if _key(task) in wanted]
    rows = _read(engine, plan.only(numbers))
    files = DataFiles(metadata, table.io)
    names = [column.name for column in plan.columns]
    files.write(in_order(metadata, rows.rename_columns(names)).to_reader(), names)
    group.written, group.rows = files.files, rows.num_rows
    before, after = fingerprint(rows), fingerprint(_read(engine, plan.of(files.files)))
    if before != after:
        raise QueryError(
            f"Compacting '{name}' would have changed its rows: read {before}, written {after}.",
            code="compaction-mismatch",
            hint="Nothing was committed. Please report it, with the table's schema.",
        )


def _read(engine: EmbeddedEngine, plan: Plan) -> pa.Table:
    fields = table_schema(plan.pinned.schema).fields
    names = ", ".join(identifier(column.name) for column in fields)
    query = Query(f"SELECT {names} FROM {_RELATION}", fields)
    with engine.prepared([TableSource(_RELATION, plan)]) as worker, streamed(worker, query) as rows:
        return rows.read_all()


def _unneeded_deletes(plan: Plan, groups: Iterable[_Group]) -> tuple[DataFile, ...]:
    """The delete files that hold for no file that stays."""
    leaving = {_key(task) for group in groups for task in group.tasks}
    staying = {id(delete) for task in plan.files if _key(task) not in leaving for delete in task.delete_files}
    held = {id(delete): delete for task in plan.files for delete in task.delete_files}
    return tuple(delete.file for id_, delete in held.items() if id_ not in staying and delete.extent is None)


def _commit(table: Table, groups: Iterable[_Group], removable: Iterable[DataFile]) -> int:
    from olo_jupyter.lakehouse.commit import begin, commit
    from olo_jupyter.lakehouse.data_writer import DataFiles
    from olo_jupyter.lakehouse.maintenance.replace_files import ReplaceFiles

    groups = list(groups)
    transaction = begin(table)
    leaving = [task.file for group in groups for task in group.tasks]
    coming = [file for group in groups for file in group.written]
    with ReplaceFiles(transaction, table.io, leaving, coming, removable) as producer:
        pass
    files = DataFiles(table.metadata, table.io)
    files.files = coming
    commit(transaction, producer.snapshot_id, files)
    return int(producer.snapshot_id)


def _discard(table: Table, groups: Iterable[_Group]) -> None:
    """Delete what was written for a commit that didn't come."""
    from olo_jupyter.lakehouse.data_writer import DataFiles

    for group in groups:
        files = DataFiles(table.metadata, table.io)
        files.files, group.written = group.written, []
        files.discard()


def _report(groups: Iterable[_Group], removable: Sequence[DataFile], snapshot_id: int | None = None) -> Compacted:
    groups = list(groups)
    before = [task.file for group in groups for task in group.tasks]
    after = [file for group in groups for file in group.written]
    return Compacted(
        len(before),
        len(after) if snapshot_id is not None else len(groups),
        sum(file.file_size_in_bytes for file in before),
        sum(file.file_size_in_bytes for file in after),
        len(removable),
        sum(group.rows for group in groups),
        snapshot_id,
    )


def _key(task: DataTask) -> tuple[str, frozenset[tuple[str, object]]]:
    """A data file and what is deleted of it."""
    return task.file.file_path, frozenset((delete.file.file_path, delete.extent) for delete in task.delete_files)
