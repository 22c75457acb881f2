"""Plan a read of a table at a snapshot: which files, which of them DuckDB may read, and the SQL that reads them.

PyIceberg plans the files of the snapshot, leaving out those that can't hold a wanted row. DuckDB reads a Parquet file
by Iceberg field id only where the file's own footer shows that it reads every wanted column right: each column has an
id, its physical type is the table's or one that Iceberg promotes to it, its nested fields are the table's own, and no
row of it is deleted. Every other file is read by PyIceberg's own scan. The footer decides, not the table's history: the
history of a table may be gone, and DuckDB gives NULL without a word for a file without field ids.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.parquet_footer import Footer, footers
from olo_jupyter.lakehouse.position_deletes import teach_pyiceberg
from olo_jupyter.lakehouse.pruning import row_filter
from olo_jupyter.lakehouse.reading import PinnedTable
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier, text
from olo_jupyter.lakehouse.sql.statement import Predicate

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.schema import Schema
    from pyiceberg.table import FileScanTask
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.types import NestedField

_FILES_AT_ONCE = 4
"""Files that PyIceberg's own scan holds in memory at a time."""


@dataclass(frozen=True)
class Plan:
    """How to read some columns of a table at a snapshot.

    Args:
        metadata: The table, with the columns of the read as its current ones.
        columns: The wanted columns, at least one.
        direct: Local paths of the files that DuckDB reads.
        indirect: What PyIceberg reads.
        rows: Rows in all these files, deleted ones included.
        bytes: Size of all these files.
    """

    pinned: PinnedTable
    metadata: TableMetadata
    columns: tuple[NestedField, ...]
    direct: tuple[str, ...]
    indirect: tuple[FileScanTask, ...]
    rows: int
    bytes: int

    def direct_sql(self) -> str:
        """DuckDB SQL that gives the columns, by lower-case name, from the files that DuckDB reads."""
        names = ", ".join(identifier(field.name.lower()) for field in self.columns)
        if not self.direct:
            nothing = ", ".join(
                f"CAST(NULL AS {_duckdb_type(field)}) AS {identifier(field.name.lower())}" for field in self.columns
            )
            return f"SELECT {nothing} WHERE false"
        files = ", ".join(text(_no_glob(path)) for path in self.direct)
        schema = ", ".join(
            f"{field.field_id}: {{name: {text(field.name.lower())}, type: {text(_duckdb_type(field))}, "
            "default_value: NULL}"
            for field in self.columns
        )
        return f"SELECT {names} FROM read_parquet([{files}], schema = MAP {{{schema}}}, hive_partitioning = false)"

    def indirect_rows(self) -> pa.RecordBatchReader:
        """The columns, by lower-case name, from the files that PyIceberg reads; to be read once."""
        from pyiceberg.io.pyarrow import schema_to_pyarrow

        schema = self._projection()
        target = schema_to_pyarrow(schema, include_field_ids=False)
        named = pa.schema([field.with_name(field.name.lower()) for field in target])
        return pa.RecordBatchReader.from_batches(named, self._batches(schema, target, named))

    def _projection(self) -> Schema:
        from pyiceberg.schema import Schema

        return Schema(*self.columns, schema_id=self.pinned.schema.schema_id)

    def _batches(self, schema: Schema, target: pa.Schema, named: pa.Schema) -> Iterator[pa.RecordBatch]:
        from pyiceberg.expressions import AlwaysTrue
        from pyiceberg.io.pyarrow import ArrowScan

        teach_pyiceberg()
        for start in range(0, len(self.indirect), _FILES_AT_ONCE):
            scan = ArrowScan(self.metadata, self.pinned.table.io, schema, AlwaysTrue())
            for batch in scan.to_record_batches(self.indirect[start : start + _FILES_AT_ONCE]):
                # Batches of one scan differ in their string types (large or not).
                yield pa.RecordBatch.from_arrays(batch.cast(target).columns, schema=named)


class Planner:
    """Plans scans and remembers the file lists of the last ones: a snapshot's files never change."""

    def __init__(self, remembered: int = 32) -> None:
        self._remembered = remembered
        self._tasks: OrderedDict[tuple[str, int, int, str], tuple[FileScanTask, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, pinned: PinnedTable, columns: Sequence[str], predicates: Iterable[Predicate] = ()) -> Plan:
        """Plan the read of ``columns`` (lower-case names; none means that only the rows count).

        Raises:
            QueryError: A file that the snapshot names is gone or damaged; ``Unsupported`` for a table that neither
                DuckDB nor PyIceberg reads right.
        """
        schema = pinned.schema
        wanted = set(columns)
        fields = tuple(field for field in schema.fields if field.name.lower() in wanted) or (_cheapest(schema),)
        metadata = pinned.table.metadata.model_copy(update={"current_schema_id": schema.schema_id})
        tasks = self._planned(pinned, metadata, row_filter(predicates, schema, metadata))
        direct, indirect = _split(pinned, tasks, fields)
        return Plan(
            pinned=pinned,
            metadata=metadata,
            columns=fields,
            direct=direct,
            indirect=indirect,
            rows=sum(task.file.record_count for task in tasks),
            bytes=sum(task.file.file_size_in_bytes for task in tasks),
        )

    def _planned(
        self, pinned: PinnedTable, metadata: TableMetadata, wanted: BooleanExpression
    ) -> tuple[FileScanTask, ...]:
        if pinned.snapshot is None:
            return ()
        key = (pinned.table.metadata_location, pinned.snapshot.snapshot_id, pinned.schema.schema_id, repr(wanted))
        with self._lock:
            if key in self._tasks:
                self._tasks.move_to_end(key)
                return self._tasks[key]
        tasks = _plan_files(pinned, metadata, wanted)
        with self._lock:
            self._tasks[key] = tasks
            while len(self._tasks) > self._remembered:
                self._tasks.popitem(last=False)
        return tasks


def _plan_files(pinned: PinnedTable, metadata: TableMetadata, wanted: BooleanExpression) -> tuple[FileScanTask, ...]:
    from pyiceberg.expressions import AlwaysTrue
    from pyiceberg.table import ManifestGroupPlanner

    class Everything:
        def residual_for(self, _: object) -> BooleanExpression:
            return AlwaysTrue()

    class WholeFiles(ManifestGroupPlanner):
        """Without what is left of the filter for each file: most of the planning's time, and nobody asks for it."""

        def _build_residual_evaluator(self, _spec_id: int) -> Any:
            return lambda _: Everything()

    assert pinned.snapshot is not None
    io = pinned.table.io
    try:
        return tuple(WholeFiles(metadata, io, wanted).plan_files(pinned.snapshot.manifests(io)))
    except FileNotFoundError as error:
        raise _gone(pinned, error) from error
    except ValueError as error:
        if "equality deletes" not in str(error):
            raise
        raise Unsupported(
            f"Table {pinned.name} has rows deleted by equality at snapshot {pinned.snapshot.snapshot_id}; the embedded "
            "engine can't apply such deletes.",
            hint="Run the statement with --engine trino, or compact the table (ALTER TABLE … EXECUTE optimize).",
        ) from error


def _split(
    pinned: PinnedTable, tasks: Sequence[FileScanTask], fields: Sequence[NestedField]
) -> tuple[tuple[str, ...], tuple[FileScanTask, ...]]:
    """The files that DuckDB reads right, and the rest."""
    from pyiceberg.manifest import FileFormat

    local = {id(task): _local_path(task.file.file_path) for task in tasks}
    candidates = [
        task
        for task in tasks
        if local[id(task)] is not None and task.file.file_format == FileFormat.PARQUET and not task.delete_files
    ]
    try:
        found = footers([str(local[id(task)]) for task in candidates])
    except FileNotFoundError as error:
        raise _gone(pinned, error) from error
    except (pa.ArrowInvalid, OSError) as error:
        raise QueryError(
            f"A data file of table {pinned.name} can't be read: {error}", code="iceberg-bad-data"
        ) from error
    direct: list[str] = []
    readable: set[int] = set()
    for task in candidates:
        path = str(local[id(task)])
        if _reads_right(pinned, task, found[path], fields):
            direct.append(path)
            readable.add(id(task))
    return tuple(direct), tuple(task for task in tasks if id(task) not in readable)


def _reads_right(pinned: PinnedTable, task: FileScanTask, footer: Footer, fields: Sequence[NestedField]) -> bool:
    if not footer.complete:
        return False
    for field in fields:
        if field.field_id in footer.columns:
            if not footer.reads(field):
                return False
        elif field.initial_default is not None or _in_partition(pinned, task, field):
            return False  # a column that the file lacks isn't NULL here
    return True


def _in_partition(pinned: PinnedTable, task: FileScanTask, field: NestedField) -> bool:
    """Whether the value of a column that a file lacks stands in its partition, as in tables migrated from Hive."""
    from pyiceberg.transforms import IdentityTransform

    spec = pinned.table.metadata.specs()[task.file.spec_id]
    return any(
        part.source_id == field.field_id and isinstance(part.transform, IdentityTransform) for part in spec.fields
    )


def _local_path(location: str) -> str | None:
    from pyiceberg.io.pyarrow import PyArrowFileIO

    scheme, _, path = PyArrowFileIO.parse_location(location)
    return path if scheme == "file" else None


def _no_glob(path: str) -> str:
    """``path`` such that DuckDB's file patterns match it alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _duckdb_type(field: NestedField) -> str:
    return duck_type(trino_type(field.field_type))


def _cheapest(schema: Schema) -> NestedField:
    """A column to read where only the number of rows matters: a plain one, if there is any."""
    return next((field for field in schema.fields if field.field_type.is_primitive), schema.fields[0])


def _gone(pinned: PinnedTable, error: OSError) -> QueryError:
    at = f" of snapshot {pinned.snapshot.snapshot_id}" if pinned.snapshot else ""
    return QueryError(
        f"A file{at} of table {pinned.name} is gone: {error}",
        code="iceberg-cannot-open-split",
        hint="Someone removed it from storage; an older or newer snapshot may still be whole.",
    )
