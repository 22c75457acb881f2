"""A table at two pins: the columns by field id, the rows of those data files that differ.

A snapshot's data files never change, so a file that both snapshots have, with the same deletes, holds the same rows on
both sides: it isn't read. (Only the key's columns of it are, to find keys that stand in it too.)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.arrow_types import conform
from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.diff.canonical import canonical
from olo_jupyter.lakehouse.diff.compare import Compared, Comparison
from olo_jupyter.lakehouse.diff.report import CHANGE, Diff, Files, Side
from olo_jupyter.lakehouse.diff.schema import schema_changes
from olo_jupyter.lakehouse.engines.embedded import EmbeddedEngine
from olo_jupyter.lakehouse.engines.table_source import TableSource
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.iceberg_types import table_schema, trino_type
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.reading import PinnedTable, Reading
from olo_jupyter.lakehouse.result import Column, Provenance, Result
from olo_jupyter.lakehouse.scan_sql import default_sql, duckdb_type
from olo_jupyter.lakehouse.sensitivity import SENSITIVE, sensitivities
from olo_jupyter.lakehouse.sql.expressions.duck import identifier
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import VARCHAR

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.types import NestedField

    from olo_jupyter.lakehouse.data_files import DataTask


@dataclass(frozen=True)
class _Column:
    """A column that is compared: its field, as the later of the two snapshots has it; ``new`` where before lacks it."""

    field: NestedField
    name: str
    new: bool


def diff_table(
    engine: EmbeddedEngine,
    catalogs: Catalogs,
    name: TableName,
    pins: tuple[Pin, Pin],
    written: tuple[str, str],
    key: Sequence[str] = (),
    *,
    limit: int = 1_000,
    full: bool = False,
) -> Diff:
    """What changed in a table from one pin to another.

    Args:
        pins: The two points, ``written`` as the user wrote them.
        key: Names of the columns that tell which row is which, as they are at the second pin (or the first).
        limit: Keep at most this many rows of each kind.
        full: Count the drift over all rows of both snapshots, not over the rows that differ: that reads everything.

    Raises:
        QueryError: No such table, pin or column; a file is gone or damaged.
        Unsupported: A column that the embedded engine can't read.
    """
    started = time.perf_counter()
    reading = Reading(catalogs)
    before, after = (reading.pinned(name, pin) for pin in pins)
    later = max(before, after, key=_age)
    columns, notes = _columns(before, after, later)
    keys = _key_positions(key, columns, before.schema)
    sides = (replace(before, schema=later.schema), replace(after, schema=later.schema))
    tasks = (engine.planner.tasks(sides[0]), engine.planner.tasks(sides[1]))
    same = _same_files(tasks, columns)
    compared = _Reads(engine, sides, tasks, same, columns).compared(keys, limit, full)
    fields = [_field(column) for column in columns]
    files = Files(len(tasks[0]), len(tasks[1]), len(same))
    for side, pinned in (("first", before), ("second", after)):
        if pinned.snapshot is None:
            notes = (*notes, f"The table has no snapshot at the {side} pin: it counts as empty there.")
    return Diff(
        what=str(name),
        before=_side(before, written[0], tasks[0]),
        after=_side(after, written[1], tasks[1]),
        added=compared.added,
        removed=compared.removed,
        changed=compared.changed,
        rows=rows_of(compared, fields, limit, str(name), _restricted(after)),
        key=tuple(columns[position].name for position in keys),
        schema=tuple(schema_changes(before.schema, after.schema)),
        drift=compared.drift,
        drift_rows="all rows of both snapshots" if full else "the rows that differ",
        repeated=compared.repeated,
        null_keys=compared.null_keys,
        files=files,
        method=_method(files, [columns[position].name for position in keys]),
        notes=(*notes, *key_notes(compared)),
        seconds=time.perf_counter() - started,
        snapshots={
            f"{name}@{pinned.snapshot.snapshot_id}": pinned.snapshot.snapshot_id
            for pinned in (before, after)
            if pinned.snapshot is not None
        },
    )


def key_notes(compared: Compared) -> tuple[str, ...]:
    """What is to be said of keys that don't tell rows apart."""
    notes = []
    if compared.repeated:
        notes.append(
            f"Keys of differing rows that occur more than once: {compared.repeated:,}. Their rows count as removed "
            "and added, never as changed."
        )
    if compared.null_keys:
        notes.append(
            f"Differing rows with NULL in the key: {compared.null_keys:,}. They count as removed and added, never as "
            "changed."
        )
    return tuple(notes)


def _age(pinned: PinnedTable) -> tuple[int, int]:
    if pinned.snapshot is None:
        return (-1, -1)
    return (pinned.snapshot.sequence_number or 0, pinned.snapshot.timestamp_ms)


def _columns(
    before: PinnedTable, after: PinnedTable, later: PinnedTable
) -> tuple[tuple[_Column, ...], tuple[str, ...]]:
    """The columns to compare, and notes on those that aren't."""
    table_schema(after.schema)  # refuses names and types that can't be read
    old = {field.field_id for field in before.schema.fields}
    newest = {field.field_id: field for field in later.schema.fields}
    columns, notes = [], []
    for field in after.schema.fields:
        if field.field_id in old:
            columns.append(_Column(newest[field.field_id], field.name.lower(), new=False))
        elif later is after:
            columns.append(_Column(field, field.name.lower(), new=True))
            notes.append(f"Column {field.name} is only at the second pin; it counts as {_initial(field)} before.")
        else:
            notes.append(f"Column {field.name} is only at the second pin, which is older: it isn't compared.")
    kept = {field.field_id for field in after.schema.fields}
    notes += [
        f"Column {field.name} is only at the first pin: it isn't compared."
        for field in before.schema.fields
        if field.field_id not in kept
    ]
    if not columns:
        raise QueryError("The two snapshots have no column in common.", code="not-supported")
    return tuple(columns), tuple(notes)


def _initial(field: NestedField) -> str:
    return "NULL" if field.initial_default is None else f"its default {field.initial_default}"


def _key_positions(key: Sequence[str], columns: Sequence[_Column], before: Schema) -> list[int]:
    names = [column.name for column in columns]
    ids = {field.name.lower(): field.field_id for field in before.fields}
    positions: list[int] = []
    for text in key:
        name = text.strip().strip('"').lower()
        renamed = [at for at, column in enumerate(columns) if column.field.field_id == ids.get(name)]
        found = [names.index(name)] if name in names else renamed
        if not found:
            raise QueryError(
                f"There is no column {name} to be a key.",
                code="column-not-found",
                hint=nearest(name, names),
            )
        if columns[found[0]].new:
            raise QueryError(
                f"Column {name} is only at the second pin: it can't tell which row was which.", code="column-not-found"
            )
        if found[0] in positions:
            raise QueryError(f"The key names column {name} twice.", code="duplicate-column-name")
        positions += found
    return positions


def _same_files(sides: Sequence[Sequence[DataTask]], columns: Sequence[_Column]) -> set[str]:
    """Paths of the files that hold the same rows on both sides."""
    first, second = ({task.file.file_path: task for task in tasks} for tasks in sides)
    new = [column.field.field_id for column in columns if column.new]
    return {
        path
        for path, task in first.items()
        if path in second
        and _deletes(task) == _deletes(second[path])
        and not any(id_ in (task.file.value_counts or {}) for id_ in new)  # it would hold what before doesn't show
    }


def _deletes(task: DataTask) -> set[tuple[str, tuple[int, int] | None]]:
    return {(delete.file.file_path, delete.extent) for delete in task.delete_files}


@dataclass(frozen=True)
class _Reads:
    """The two sides' files, read with the columns of the later snapshot.

    Args:
        sides: The table at both pins, with the later one's columns.
        tasks: Their files.
        same: Paths of the files that needn't be compared.
    """

    engine: EmbeddedEngine
    sides: tuple[PinnedTable, PinnedTable]
    tasks: tuple[Sequence[DataTask], Sequence[DataTask]]
    same: set[str]
    columns: Sequence[_Column]

    def compared(self, keys: Sequence[int], limit: int, full: bool) -> Compared:
        """Compare the files that differ; see :func:`diff_table`."""
        everything = range(len(self.columns))
        sources = [self._source(f"olo_side_{at}", at, everything, self._different(at)) for at in (0, 1)]
        elsewhere = ""
        if keys and self.same:
            shared = [task for task in self.tasks[1] if task.file.file_path in self.same]
            sources.append(self._source("olo_side_keys", 1, keys, shared))
            elsewhere = self._select("olo_side_keys", 1, keys)
        queries = [self._select(f"olo_side_{at}", at, everything) for at in (0, 1)]
        values = None
        if full:
            sources += [self._source(f"olo_side_all{at}", at, everything, self.tasks[at]) for at in (0, 1)]
            values = (self._select("olo_side_all0", 0, everything), self._select("olo_side_all1", 1, everything))
        fields = [_field(column) for column in self.columns]
        with self.engine.prepared(sources) as worker:
            return Comparison(worker, fields, keys, queries[0], queries[1], elsewhere, values).run(limit)

    def _different(self, at: int) -> list[DataTask]:
        return [task for task in self.tasks[at] if task.file.file_path not in self.same]

    def _source(self, alias: str, at: int, positions: Sequence[int], tasks: Sequence[DataTask]) -> TableSource:
        names = [self.columns[position].field.name.lower() for position in positions if self._has(at, position)]
        return TableSource(alias, self.engine.planner.plan_of(self.sides[at], names, tasks))

    def _has(self, at: int, position: int) -> bool:
        return at == 1 or not self.columns[position].new

    def _select(self, source: str, at: int, positions: Sequence[int]) -> str:
        written = []
        for position in positions:
            field = self.columns[position].field
            if self._has(at, position):
                value = canonical(f"t.{identifier(field.name.lower())}", trino_type(field.field_type))
            else:
                value = f"CAST({default_sql(field) or 'NULL'} AS {duckdb_type(field)})"
            written.append(f"{value} AS c{position}")
        return f"SELECT {', '.join(written)} FROM {identifier(source)} t"


def _field(column: _Column) -> Field:
    return Field(column.name, trino_type(column.field.field_type))


def _side(pinned: PinnedTable, pin: str, tasks: Sequence[DataTask]) -> Side:
    deleted = any(task.delete_files for task in tasks)
    rows = None if deleted else sum(task.file.record_count for task in tasks)
    if pinned.snapshot is None:
        return Side(pin, rows=0)
    at = datetime.fromtimestamp(pinned.snapshot.timestamp_ms / 1000, UTC)
    return Side(pin, pinned.snapshot.snapshot_id, at.isoformat(timespec="milliseconds"), rows)


def _restricted(pinned: PinnedTable) -> list[str]:
    """Columns whose values a notebook must not store."""
    tags = sensitivities(pinned.table.metadata.properties)
    return [column for column, tag in tags.items() if tag in SENSITIVE]


def rows_of(compared: Compared, fields: Sequence[Field], limit: int, what: str, masked: Sequence[str] = ()) -> Result:
    """The rows of a comparison as a result."""
    shown = _named_apart(fields)
    table = conform(compared.rows, [Field(CHANGE, VARCHAR), *shown])
    columns = (Column(CHANGE, "varchar"), *(Column(field.name, str(field.type)) for field in shown))
    more = any(count > limit for count in (compared.added, compared.removed, compared.changed))
    provenance = Provenance("embedded", f"-- diff of {what}", "", table.num_rows, 0.0)
    hidden = tuple(one.name for one, field in zip(shown, fields, strict=True) if field.name in masked)
    return Result(columns, table, provenance, more, hidden)


def _named_apart(fields: Sequence[Field]) -> list[Field]:
    """The fields; one that is called ``change`` itself gets another name beside ours."""
    return [replace(field, name=f"{field.name}_") if field.name == CHANGE else field for field in fields]


def _method(files: Files, key: Sequence[str]) -> str:
    how = f"Rows matched by ({', '.join(key)})" if key else "Rows compared as multisets (no key given)"
    read = (
        f"; {files.same:,} of {files.after:,} data files are the same with the same deletes on both sides "
        "by Iceberg's metadata and were not compared"
        if files.same
        else f"; all {files.before:,} and {files.after:,} data files read"
    )
    return f"{how}{read}; values are the same where Trino's IS DISTINCT FROM says so (NaN is NaN, 0.0 is -0.0)."
