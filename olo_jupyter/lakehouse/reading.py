"""What one statement sees of the catalogs: each table loaded once, at one snapshot, whoever asks and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse import information_schema, metadata_tables
from olo_jupyter.lakehouse.catalog import Catalogs, nearest
from olo_jupyter.lakehouse.definition import definition
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.iceberg_types import table_schema
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin, Pin, SnapshotPin
from olo_jupyter.lakehouse.sql.statement import TableDefinition, TableSchema, ViewSchema
from olo_jupyter.lakehouse.time_travel import schema_at, snapshot_at
from olo_jupyter.lakehouse.views import find_view, list_views

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot


State = tuple[str, int | None, int] | ViewSchema | None
"""What a relation's columns and values depend on; None for one that is made anew each time."""


@dataclass(frozen=True)
class PinnedTable:
    """A table at the point that a statement reads it.

    ``snapshot`` is None for a table that nothing was written to yet; ``schema`` are the columns that the read has.
    """

    name: TableName
    table: Table
    snapshot: Snapshot | None
    schema: Schema


class Reading:
    """The catalogs as one statement sees them. Implements the translator's ``Schemas``.

    A table changed by somebody else while the statement is translated and planned makes no difference to it.

    Args:
        catalogs: The project's catalogs.
        pins: Snapshot ids for tables that have no pin in the text.
        as_of: Pin for tables in neither.
        bounds: Gives the bounds of a table's column, by its lower-case name; see ``TableSchema``.
    """

    def __init__(
        self,
        catalogs: Catalogs,
        pins: Mapping[TableName, int] | None = None,
        as_of: Pin | None = None,
        bounds: Callable[[PinnedTable, str], tuple[int, int] | None] | None = None,
    ) -> None:
        self.catalogs = catalogs
        self._pins = dict(pins or {})
        self._as_of = as_of
        self._bounds = bounds
        self._tables: dict[TableName, Table] = {}
        self._views: dict[TableName, ViewSchema | None] = {}
        self.snapshots: dict[str, int] = {}
        """Snapshots of the tables that were read, by name; see Provenance."""
        self.bytes = 0
        """Size of the files that were planned so far."""

    def relation(self, table: TableName, pin: Pin | None, metadata: str | None) -> TableSchema | ViewSchema:
        """The columns of ``table`` at ``pin``, or the view of that name; see ``Schemas``."""
        if information_schema.answers(table):
            return information_schema.schema(self.catalogs, table)
        if metadata is not None:
            return metadata_tables.schema(metadata, self.pinned(table, pin))
        if not self._is_table(table):
            view = self._view(table)
            if view is not None:
                if pin is not None and not isinstance(pin, HeadPin):
                    raise QueryError(
                        f"View {table} has no snapshots of its own: it can't be read FOR VERSION or TIMESTAMP AS OF.",
                        code="not-supported",
                        hint="Pin the tables in its text, or the whole notebook with --as-of.",
                    )
                return view
        pinned = self.pinned(table, pin)
        schema = table_schema(pinned.schema)
        return schema if self._bounds is None else replace(schema, bounds=partial(self._bounds, pinned))

    def state(self, table: TableName, pin: Pin | None, metadata: str | None) -> State:
        """What :meth:`relation` gives for the same question depends on this alone.

        Raises:
            QueryError: As :meth:`relation`.
        """
        if information_schema.answers(table):
            return None
        if metadata is None and not self._is_table(table) and (view := self._view(table)) is not None:
            return view
        pinned = self.pinned(table, pin)
        snapshot = None if pinned.snapshot is None else pinned.snapshot.snapshot_id
        return pinned.table.metadata_location, snapshot, pinned.schema.schema_id

    def definition(self, table: TableName) -> TableDefinition | ViewSchema:
        """What ``table`` was made as; see ``Schemas``."""
        if information_schema.answers(table):
            return TableDefinition(information_schema.schema(self.catalogs, table).fields)
        return self._view(table) or definition(self.table(table))

    def schema_location(self, catalog: str, namespace: str) -> str:
        """Where a namespace keeps its tables, '' where the catalog doesn't tell."""
        return self.catalogs.location(catalog, namespace)

    def pinned(self, name: TableName, pin: Pin | None) -> PinnedTable:
        """The table at ``pin`` (as written in the text), else at the session's pins, else now.

        Raises:
            QueryError: No such table, snapshot, ref or time.
        """
        chosen = pin
        if chosen is None and name in self._pins:
            chosen = SnapshotPin(self._pins[name])
        chosen = chosen or self._as_of
        table = self.table(name)
        snapshot = snapshot_at(table.metadata, chosen, name)
        return PinnedTable(name, table, snapshot, schema_at(table.metadata, snapshot, chosen))

    def _view(self, name: TableName) -> ViewSchema | None:
        """The view as it was when the statement first asked for it."""
        if name not in self._views:
            self._views[name] = find_view(self.catalogs, name)
        return self._views[name]

    def _is_table(self, name: TableName) -> bool:
        """Whether there is a table of just this name: the usual case, and one question to the catalog."""
        if name not in self._tables:
            found = self.catalogs.find_exactly(name)
            if found is None:
                return False
            self._tables[name] = found
        return True

    def table(self, name: TableName) -> Table:
        """The table as it was when the statement first asked for it."""
        if name not in self._tables:
            try:
                self._tables[name] = self.catalogs.load(name)
            except QueryError as error:
                if error.code == "table-not-found":
                    known = list_views(self.catalogs, name.catalog, name.namespace)
                    close = nearest(name.table, known)
                    if close.startswith("Did you mean") and not error.hint.startswith("Did you mean"):
                        error.hint = close
                raise
        return self._tables[name]

    def note(self, pinned: PinnedTable, pin: Pin | None) -> None:
        """Remember that the query reads ``pinned``, with ``pin`` in its text.

        A table that is read at several snapshots has a plain entry for the read without a pin (else for the first), and
        entries ``name@snapshot`` for the others.
        """
        if pinned.snapshot is None:
            return
        name, snapshot_id = str(pinned.name), pinned.snapshot.snapshot_id
        before = self.snapshots.setdefault(name, snapshot_id)
        if before == snapshot_id:
            return
        if pin is None:
            self.snapshots[name], snapshot_id = snapshot_id, before
        self.snapshots[f"{name}@{snapshot_id}"] = snapshot_id
