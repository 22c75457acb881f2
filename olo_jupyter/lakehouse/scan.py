"""Plan a read of a table at a snapshot: which files, which of them DuckDB may read, and which deletes they need.

PyIceberg's metadata name the files of the snapshot; those that can't hold a wanted row are left out. DuckDB reads a
Parquet file by Iceberg field id only where the file's own footer shows that it reads every wanted column right: each
column has an id, its physical type is the table's or one that Iceberg promotes to it, and its nested fields are the
table's own. Every other file is read by :mod:`~olo_jupyter.lakehouse.file_rows`. The footer decides, not the table's
history: the history of a table may be gone, and DuckDB gives NULL without a word for a file without field ids.
Deleted rows are left out the same way whoever reads the file.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from olo_jupyter.lakehouse.column_bounds import unit_bounds
from olo_jupyter.lakehouse.data_files import DataTask, ManifestReader, plan_tasks
from olo_jupyter.lakehouse.deletes import KeyDeletes, deleted_positions, file_ages, key_deletes, key_rows
from olo_jupyter.lakehouse.errors import GONE_HINT, QueryError, Unsupported, one_line
from olo_jupyter.lakehouse.file_rows import FileReader, file_reader
from olo_jupyter.lakehouse.file_sizes import bytes_of
from olo_jupyter.lakehouse.parquet_footer import Footer, footers
from olo_jupyter.lakehouse.pruning import row_filter
from olo_jupyter.lakehouse.reading import PinnedTable
from olo_jupyter.lakehouse.scan_sql import default_sql
from olo_jupyter.lakehouse.sql.statement import Predicate
from olo_jupyter.lakehouse.storage import place_of

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import NestedField

_BOUNDED_FILES = 1_000
"""Files that are looked at for the bounds of a column."""


@dataclass(frozen=True)
class Plan:
    """How to read some columns of a table at a snapshot.

    Args:
        metadata: The table, with the columns of the read as its current ones.
        columns: The wanted columns, at least one.
        direct: The files that DuckDB reads, those without deleted rows first.
        indirect: All others.
        footers: Of the direct files (and others), by location.
        numbers: For each of :attr:`files`, the number that a located read gives it.
        key_deletes: The deletes by key that hold for any of the files.
        rows: Rows in all these files, deleted ones included.
        bytes: What is read of all these files; see :func:`~olo_jupyter.lakehouse.file_sizes.bytes_of`.
    """

    pinned: PinnedTable
    metadata: TableMetadata
    columns: tuple[NestedField, ...]
    direct: tuple[DataTask, ...]
    indirect: tuple[DataTask, ...]
    footers: Mapping[str, Footer]
    numbers: tuple[int, ...]
    key_deletes: tuple[KeyDeletes, ...]
    rows: int
    bytes: int

    @property
    def files(self) -> tuple[DataTask, ...]:
        """All files: ``direct``, then ``indirect``."""
        return (*self.direct, *self.indirect)

    @property
    def whole(self) -> int:
        """How many files, the first ones of :attr:`files`, DuckDB reads without a look at deletes."""
        return sum(not task.delete_files for task in self.direct)

    @property
    def read_columns(self) -> tuple[NestedField, ...]:
        """The wanted columns and, after them, those that only deletes by key look at."""
        return (*self.columns, *_others(self.key_deletes, self.columns))

    def positions(self) -> pa.Table:
        """The deleted positions in :attr:`files`, by index; see :data:`~olo_jupyter.lakehouse.deletes.POSITIONS`."""
        return deleted_positions(self.files, self.pinned.table.io, self._reader)

    def ages(self) -> pa.Table:
        """Sequence numbers and partitions of :attr:`files`; see :func:`~olo_jupyter.lakehouse.deletes.file_ages`."""
        return file_ages(self.files)

    def keys(self, deletes: KeyDeletes) -> Iterator[pa.RecordBatch]:
        """The deleted keys; see :func:`~olo_jupyter.lakehouse.deletes.key_rows`."""
        yield from key_rows(deletes, self.files, self._reader)

    def indirect_rows(self) -> Iterator[pa.RecordBatch]:
        """The read columns of the indirect files, with the index of the file and the row's position in it.

        All columns are named ``c<field id>``, the last two ``file`` and ``row``.
        """
        for index, task in enumerate(self.indirect, start=len(self.direct)):
            position = 0
            for batch in self._reader(task.file, self.read_columns):
                rows = pa.array(range(position, position + batch.num_rows), pa.int64())
                files = pa.repeat(pa.scalar(index, pa.int64()), batch.num_rows)
                position += batch.num_rows
                yield batch.append_column("file", files).append_column("row", rows)

    def only(self, numbers: Iterable[int], columns: Iterable[NestedField] | None = None) -> Plan:
        """The read of some of the files, by their numbers, of other ``columns`` if these are given."""
        wanted = set(numbers)
        number = {task: number for number, task in zip(self.numbers, self.files, strict=True) if number in wanted}
        fields = self.columns if columns is None else tuple(columns)
        return _planned_read(self.pinned, self.metadata, fields, tuple(number), number)

    def of(self, files: Iterable[DataFile]) -> Plan:
        """The read of the same columns from files that no snapshot has yet."""
        return _planned_read(self.pinned, self.metadata, self.columns, [DataTask(file, 0) for file in files])

    @property
    def _reader(self) -> FileReader:
        return file_reader(self.metadata, self.pinned.table.io)


class Planner:
    """Plans scans and remembers the file lists of the last ones: a snapshot's files never change."""

    def __init__(self, remembered: int = 32) -> None:
        self._remembered = remembered
        self._tasks: OrderedDict[tuple[str, int, int, str], tuple[DataTask, ...]] = OrderedDict()
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()
        self._read = ManifestReader()
        self._lock = threading.Lock()

    def plan(self, pinned: PinnedTable, columns: Sequence[str], predicates: Iterable[Predicate] = ()) -> Plan:
        """Plan the read of ``columns`` (lower-case names; none means that only the rows count).

        Raises:
            QueryError: A file that the snapshot names is gone or damaged.
        Unsupported: Rows were deleted by keys that can't be compared faithfully.
        """
        predicates = tuple(predicates)
        key = (pinned.name, *_identity(pinned), tuple(columns), repr(predicates))
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
        plan = self.plan_of(pinned, columns, self.tasks(pinned, predicates))
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > self._remembered:
                self._plans.popitem(last=False)
        return plan

    def tasks(self, pinned: PinnedTable, predicates: Iterable[Predicate] = ()) -> tuple[DataTask, ...]:
        """The files that a read with ``predicates`` needs, by the snapshot's manifests alone."""
        metadata = _as_read(pinned)
        return self._planned(pinned, metadata, row_filter(predicates, pinned.schema, metadata))

    def plan_of(self, pinned: PinnedTable, columns: Sequence[str], tasks: Sequence[DataTask]) -> Plan:
        """Plan the read of ``columns`` from some of the files that :meth:`tasks` gave; else as :meth:`plan`."""
        schema = pinned.schema
        wanted = set(columns)
        fields = tuple(field for field in schema.fields if field.name.lower() in wanted) or (_cheapest(schema),)
        return _planned_read(pinned, _as_read(pinned), fields, tasks)

    def bounds(self, pinned: PinnedTable, column: str) -> tuple[int, int] | None:
        """Bounds of a decimal column; see :func:`~olo_jupyter.lakehouse.column_bounds.unit_bounds`.

        None where the table has so many files that looking at all of them would take longer than what it saves.
        """
        from pyiceberg.expressions import AlwaysTrue

        summary = None if pinned.snapshot is None else pinned.snapshot.summary
        count = None if summary is None else summary["total-data-files"]
        if count is None or int(count) > _BOUNDED_FILES:
            return None
        field = next(field for field in pinned.schema.fields if field.name.lower() == column)
        return unit_bounds((task.file for task in self._planned(pinned, _as_read(pinned), AlwaysTrue())), field)

    def _planned(self, pinned: PinnedTable, metadata: TableMetadata, wanted: BooleanExpression) -> tuple[DataTask, ...]:
        if pinned.snapshot is None:
            return ()
        key = (*_identity(pinned), repr(wanted))
        with self._lock:
            if key in self._tasks:
                self._tasks.move_to_end(key)
                return self._tasks[key]
        io = pinned.table.io
        with readable(pinned):
            tasks = plan_tasks(metadata, io, pinned.snapshot.manifests(io), wanted, self._read)
        with self._lock:
            self._tasks[key] = tasks
            while len(self._tasks) > self._remembered:
                self._tasks.popitem(last=False)
        return tasks


def _as_read(pinned: PinnedTable) -> TableMetadata:
    """The table's metadata, with the columns of the read as its current ones."""
    return pinned.table.metadata.model_copy(update={"current_schema_id": pinned.schema.schema_id})


def _identity(pinned: PinnedTable) -> tuple[str, int, int]:
    """What the files and columns of a pinned table depend on."""
    snapshot = -1 if pinned.snapshot is None else pinned.snapshot.snapshot_id
    return pinned.table.metadata_location, snapshot, pinned.schema.schema_id


@contextmanager
def readable(pinned: PinnedTable) -> Iterator[None]:
    """Turn what reading the files of a table raises into one error that names the table.

    Raises:
        QueryError: A file is gone (``iceberg-cannot-open-split``) or damaged (``iceberg-bad-data``).
        Unsupported: A file has a column that neither DuckDB nor PyIceberg reads right.
    """
    from pyiceberg.exceptions import ResolveError

    try:
        yield
    except FileNotFoundError as error:
        at = f" of snapshot {pinned.snapshot.snapshot_id}" if pinned.snapshot else ""
        raise QueryError(
            f"A file{at} of table {pinned.name} is gone: {error}",
            code="iceberg-cannot-open-split",
            hint=GONE_HINT,
        ) from error
    except (ResolveError, NotImplementedError) as error:
        raise Unsupported(
            f"A file of table {pinned.name} has a column that this engine can't read: {error}",
            hint="Run the statement with --engine trino.",
        ) from error
    except (pa.ArrowException, OSError, ValueError, EOFError) as error:
        if "ORC timestamp" in str(error):
            raise Unsupported(
                f"A file of table {pinned.name} has a time that this engine can't read from ORC: {error}",
                hint="Its ORC reader holds the years 1677 to 2262. Run the statement with --engine trino.",
            ) from error
        raise QueryError(
            f"A file of table {pinned.name} can't be read: {one_line(error)}",
            code="iceberg-bad-data",
            hint="It is damaged; an older snapshot may still be whole: SELECT … FOR VERSION AS OF …",
        ) from error


def _planned_read(
    pinned: PinnedTable,
    metadata: TableMetadata,
    fields: tuple[NestedField, ...],
    tasks: Sequence[DataTask],
    number: Mapping[DataTask, int] | None = None,
) -> Plan:
    """The read of ``fields`` from the files of ``tasks``, numbered by ``number``, else as :attr:`Plan.files`."""
    keys = key_deletes(tasks, lambda id_: _field(pinned, metadata, id_))
    direct, indirect, found = _split(pinned, tasks, (*fields, *_others(keys, fields)))
    direct.sort(key=lambda task: bool(task.delete_files))
    files = [*direct, *indirect]
    return Plan(
        pinned=pinned,
        metadata=metadata,
        columns=fields,
        direct=tuple(direct),
        indirect=tuple(indirect),
        footers=found,
        numbers=tuple(number[task] for task in files) if number else tuple(range(len(files))),
        key_deletes=tuple(keys),
        rows=sum(task.file.record_count for task in files),
        bytes=bytes_of(files, (*fields, *_others(keys, fields))),
    )


def _others(keys: Iterable[KeyDeletes], fields: Sequence[NestedField]) -> tuple[NestedField, ...]:
    """The fields that deletes look at besides ``fields``, each once."""
    known = {field.field_id for field in fields}
    return tuple(
        {field.field_id: field for deletes in keys for field in deletes.fields if field.field_id not in known}.values()
    )


def _field(pinned: PinnedTable, metadata: TableMetadata, id_: int) -> NestedField:
    """The column of a field id: as the read has it, else as the newest schema that has it."""
    newest_first = sorted(metadata.schemas, key=lambda schema: -schema.schema_id)
    for schema in (pinned.schema, *newest_first):
        for field in schema.fields:
            if field.field_id == id_:
                return field
    raise Unsupported(
        f"Rows of table {pinned.name} were deleted by field {id_}, which is no column of it.",
        hint="Run the statement with --engine trino, or compact the table (ALTER TABLE … EXECUTE optimize).",
    )


def _split(
    pinned: PinnedTable, tasks: Sequence[DataTask], fields: Sequence[NestedField]
) -> tuple[list[DataTask], list[DataTask], Mapping[str, Footer]]:
    """The files that DuckDB reads right, the rest, and the footers of those that are Parquet."""
    from pyiceberg.manifest import FileFormat

    io = pinned.table.io
    places = {
        task.file.file_path: place
        for task in tasks
        if task.file.file_format == FileFormat.PARQUET and (place := place_of(io, task.file.file_path)) is not None
    }
    with readable(pinned):
        found = footers(places)
    direct: list[DataTask] = []
    indirect: list[DataTask] = []
    for task in tasks:
        footer = found.get(task.file.file_path)
        right = footer is not None and _reads_right(pinned, task, footer, fields)
        (direct if right else indirect).append(task)
    return direct, indirect, found


def _reads_right(pinned: PinnedTable, task: DataTask, footer: Footer, fields: Sequence[NestedField]) -> bool:
    if not footer.complete:
        return False
    for field in fields:
        if field.field_id in footer.columns:
            if not footer.reads(field):
                return False
        elif _in_partition(pinned, task, field) or (field.initial_default is not None and default_sql(field) is None):
            return False  # a column that the file lacks isn't NULL here, nor a value that DuckDB puts in
    return True


def _in_partition(pinned: PinnedTable, task: DataTask, field: NestedField) -> bool:
    """Whether the value of a column that a file lacks stands in its partition, as in tables migrated from Hive."""
    from pyiceberg.transforms import IdentityTransform

    spec = pinned.table.metadata.specs()[task.file.spec_id]
    return any(
        part.source_id == field.field_id and isinstance(part.transform, IdentityTransform) for part in spec.fields
    )


def _cheapest(schema: Schema) -> NestedField:
    """A column to read where only the number of rows matters: a plain one, if there is any."""
    return next((field for field in schema.fields if field.field_type.is_primitive), schema.fields[0])
