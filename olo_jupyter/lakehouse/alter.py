"""ALTER TABLE: columns, fields inside them, and properties; one commit each, the rows stay where they are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.columns import iceberg_schema, iceberg_type
from olo_jupyter.lakehouse.ddl import wrong_kind
from olo_jupyter.lakehouse.definition import iceberg_names, set_properties
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.iceberg_types import trino_type
from olo_jupyter.lakehouse.layout import order_updates, partition_spec, partitioning_updates, sort_order, unchanged
from olo_jupyter.lakehouse.promotions import check_promotion, parts_of
from olo_jupyter.lakehouse.sql.statement import AlterColumns, Field, SetProperties
from olo_jupyter.lakehouse.views import find_view
from olo_jupyter.lakehouse.write import refuse_version_3, retried

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.update.schema import UpdateSchema
    from pyiceberg.types import IcebergType, NestedField, StructType

    from olo_jupyter.lakehouse.catalog import Catalogs

_FIXED = ("location",)


def alter_columns(catalogs: Catalogs, statement: AlterColumns) -> None:
    """Run ALTER TABLE … ADD, DROP, RENAME COLUMN, SET DATA TYPE or DROP NOT NULL; a lost race is run again.

    Raises:
        QueryError: ``table-not-found``, ``column-not-found``, ``column-already-exists``, ``not-supported`` (what Trino
            refuses too: a NOT NULL column, a column that the layout needs), ``iceberg-commit-error`` (a type that
            Iceberg doesn't promote to), ``transaction-conflict``.
        Unsupported: A type that Iceberg can't hold, format version 3.
    """
    name = statement.table
    if find_view(catalogs, name) is not None:
        raise wrong_kind("Table", name, "A view has the columns of its query: CREATE OR REPLACE VIEW.")
    if statement.table_if_exists and catalogs.find(name) is None:
        return

    def attempt() -> None:
        table = catalogs.load(name)
        refuse_version_3(table, name)
        change = _Change(table, statement)
        if change.wanted():
            change.commit()

    with writing(name):
        retried(name, attempt)


def alter_properties(catalogs: Catalogs, statement: SetProperties) -> None:
    """Run ALTER TABLE … SET PROPERTIES in one commit; partitioning and order count for rows written from then on.

    Raises:
        QueryError: ``table-not-found``, ``invalid-table-property``, ``column-not-found``, ``not-supported``.
        Unsupported: Format version 3; the partitioning of a table of format version 1.
    """
    name = statement.table
    fixed = [key for key in _FIXED if key in statement.properties]
    if fixed:
        message = f"The following properties cannot be updated: {', '.join(fixed)}"
        raise QueryError(message, code="not-supported")
    if find_view(catalogs, name) is not None:
        raise wrong_kind("Table", name, "A view has no properties.")

    def attempt() -> None:
        table = catalogs.load(name)
        refuse_version_3(table, name)
        _set_properties(table, statement)

    with writing(name):
        retried(name, attempt)


def _set_properties(table: Table, statement: SetProperties) -> None:
    metadata = table.metadata
    version = statement.properties.get("format_version")
    if version is not None and version < metadata.format_version:
        message = f"The format version of '{statement.table}' can't go back from {metadata.format_version} to {version}"
        raise QueryError(message, code="iceberg-commit-error")
    defaults = {key: value for key, value in statement.properties.items() if value is None}
    with table.transaction() as transaction:
        transaction._apply((), unchanged(metadata))
        if version is not None and version > metadata.format_version:
            transaction.upgrade_table_version(version)
        changed = set_properties(statement.properties)
        if changed:
            transaction.set_properties(changed)
        gone = [key for key in iceberg_names(defaults) if key in metadata.properties]
        if gone:
            transaction.remove_properties(*gone)
        updates = []
        if statement.partitioning is not None:
            spec = partition_spec(statement.partitioning, table.schema())
            updates += partitioning_updates(transaction.table_metadata, spec)
        if statement.sorted_by is not None:
            updates += order_updates(metadata, sort_order(statement.sorted_by, table.schema()))
        if updates:
            transaction._apply(tuple(updates))


class _Change:
    """One change of the columns of ``table``, checked as Trino does before PyIceberg makes it."""

    def __init__(self, table: Table, statement: AlterColumns) -> None:
        self._table = table
        self._statement = statement
        self._path: list[str] = []
        self._found: NestedField | None = None

    def wanted(self) -> bool:
        """Whether there is something to do: an IF [NOT] EXISTS may say no.

        Raises:
            QueryError: See :func:`alter_columns`.
        """
        statement = self._statement
        parent = self._parent()
        if parent is None:
            return False
        self._found = _field(parent, statement.column[-1])
        what = "Column" if len(statement.column) == 1 else "Field"
        if statement.action == "add":
            if self._found is not None:
                if statement.if_exists:
                    return False
                raise QueryError(f"{what} '{statement.column[-1]}' already exists", code="column-already-exists")
            self._check_new()
            return True
        if self._found is None:
            if statement.if_exists:
                return False
            raise self._missing(statement.column[-1], parent)
        if statement.action == "rename" and _field(parent, statement.to) is not None:
            raise QueryError(f"{what} '{statement.to}' already exists", code="column-already-exists")
        if statement.action == "drop":
            self._check_drop(self._found, parent)
        if statement.action == "nullable" and self._found.optional:
            raise QueryError("Column is already nullable", code="not-supported")
        return True

    def commit(self) -> None:
        """Make the change, in one commit.

        Raises:
            CommitFailedException: Another writer was first.
        """
        from pyiceberg.exceptions import CommitFailedException, ValidationError

        try:
            with self._table.transaction() as transaction:
                transaction._apply((), unchanged(self._table.metadata))
                with transaction.update_schema() as update:
                    self._stage(update)
        except CommitFailedException:
            raise
        except (ValidationError, ValueError) as error:
            message = f"Failed to change the columns of '{self._statement.table}': {error}"
            raise QueryError(message, code="iceberg-commit-error") from error

    def _stage(self, update: UpdateSchema) -> None:
        statement, field = self._statement, self._statement.field
        name = self._found.name if self._found is not None else statement.column[-1]
        path = (*self._path, name)
        if statement.action == "add":
            assert field is not None
            update.add_column(path, _type(field), doc=field.comment or None)
            if statement.first:
                update.move_first(path)
            elif statement.after:
                update.move_after(path, (self._after(),))
        elif statement.action == "type":
            assert field is not None and self._found is not None
            wanted = _type(field)
            if not wanted.is_primitive or not self._found.field_type.is_primitive:
                self._widen(update, path, self._found.field_type, wanted)
            elif wanted != self._found.field_type:
                check_promotion(".".join(statement.column), self._found.field_type, wanted)
                update.update_column(path, wanted)
        elif statement.action == "nullable":
            update.make_column_optional(path)
        elif statement.action == "rename":
            update.rename_column(path, statement.to)
        else:
            update.delete_column(path)

    def _widen(self, update: UpdateSchema, path: tuple[str, ...], now: IcebergType, wanted: IcebergType) -> None:
        """A nested type: its fields, elements and values are widened where they stand; its shape can't change."""
        shape = f"Cannot change type from {trino_type(now)} to {trino_type(wanted)}"
        for part, old, new in parts_of(now, wanted, shape):
            inner = (*path, part)
            if old.is_primitive and new.is_primitive:
                if old != new:
                    check_promotion(".".join(inner), old, new)
                    update.update_column(inner, new)
            else:
                self._widen(update, inner, old, new)

    def _parent(self) -> StructType | None:
        """The row (or the table) that the last part of the path is in, None where IF EXISTS says that's all right."""
        from pyiceberg.types import ListType, StructType

        current: StructType = self._table.schema().as_struct()
        for part in self._statement.column[:-1]:
            field = _field(current, part)
            if field is None:
                if self._statement.if_exists and self._statement.action != "add":
                    return None
                raise self._missing(part, current)
            self._path.append(field.name)
            type_ = field.field_type
            if isinstance(type_, ListType) and isinstance(type_.element_type, StructType):
                type_ = StructType(type_.element_field)
            if not isinstance(type_, StructType):
                message = f"Unsupported type: {trino_type(field.field_type)}"
                hint = "Only fields of rows can be added, dropped, renamed and retyped, also in arrays: a.element.b."
                raise QueryError(message, code="not-supported", hint=hint)
            current = type_
        return current

    def _missing(self, name: str, parent: StructType) -> QueryError:
        known = [field.name.lower() for field in parent.fields]
        if not self._path:
            message = f"Column '{name}' does not exist"
        else:
            message = f"Field '{name}' does not exist within {trino_type(parent)}"
        return QueryError(message, code="column-not-found", hint=nearest(name, known))

    def _after(self) -> str:
        """The name, as it is stored, of the column that the new one goes after."""
        found = _field(self._table.schema().as_struct(), self._statement.after)
        if found is None:
            raise self._missing(self._statement.after, self._table.schema().as_struct())
        return found.name

    def _check_new(self) -> None:
        field = self._statement.field
        assert field is not None
        if not field.nullable:
            hint = "The rows that are there have no value for it: add it without NOT NULL."
            raise QueryError("This connector does not support adding not null columns", code="not-supported", hint=hint)
        iceberg_schema([field])  # refuses types and names that Iceberg can't hold
        if self._statement.after:
            self._after()

    def _check_drop(self, field: NestedField, parent: StructType) -> None:
        """What the layout needs stays: old files would be read wrongly without it."""
        metadata = self._table.metadata
        if len(parent.fields) == 1:
            only = "column in a table" if len(self._statement.column) == 1 else "field in a row type"
            raise QueryError(f"Cannot drop the only {only}", code="not-supported")
        inside = _ids(field)
        name = ".".join(self._statement.column)
        if any(part.source_id in inside for part in self._table.spec().fields):
            hint = "ALTER TABLE … SET PROPERTIES partitioning = ARRAY[…] first."
            raise QueryError(f"Cannot drop partition field: {name}", code="not-supported", hint=hint)
        if any(part.source_id in inside for spec in metadata.partition_specs for part in spec.fields):
            message = f"Cannot drop column which is used by an old partition spec: {name}"
            raise QueryError(message, code="not-supported", hint="Older snapshots are laid out by it.")
        order = metadata.sort_order_by_id(metadata.default_sort_order_id)
        if order is not None and any(part.source_id in inside for part in order.fields):
            hint = "ALTER TABLE … SET PROPERTIES sorted_by = DEFAULT first."
            raise QueryError(f"Cannot drop sort field: {name}", code="not-supported", hint=hint)


def _field(parent: StructType, name: str) -> NestedField | None:
    return next((field for field in parent.fields if field.name.lower() == name), None)


def _type(field: Field) -> IcebergType:
    return iceberg_type(field.type, itertools.count(1).__next__)


def _ids(field: NestedField) -> set[int]:
    """The ids of a column and of all that is inside it."""
    from pyiceberg.schema import Schema

    return set(Schema(field).field_ids)
