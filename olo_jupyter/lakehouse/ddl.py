"""DROP, CREATE SCHEMA, ALTER and COMMENT on catalogs: one commit, or one row of the catalog's database, each."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.columns import iceberg_schema, iceberg_type
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import AlterColumns, Comment, CreateSchema, Drop, Rename
from olo_jupyter.lakehouse.views import comment_view, drop_view, find_view, list_views, rename_view

if TYPE_CHECKING:
    from pyiceberg.manifest import ManifestFile
    from pyiceberg.table import Table

    from olo_jupyter.lakehouse.catalog import Catalogs


def drop(catalogs: Catalogs, statement: Drop) -> None:
    """Run DROP TABLE, VIEW or SCHEMA. A dropped table's files are deleted, as Trino does.

    Raises:
        QueryError: ``table-not-found``, ``schema-not-found`` (none with ``if_exists``), ``schema-not-empty``.
    """
    if statement.kind == "view":
        drop_view(catalogs, statement.table, statement.if_exists)
    elif statement.kind == "schema":
        _drop_schema(catalogs, statement)
    else:
        _drop_table(catalogs, statement.table, statement.if_exists)


def create_schema(catalogs: Catalogs, statement: CreateSchema) -> None:
    """Run CREATE SCHEMA.

    Raises:
        QueryError: ``schema-already-exists``.
    """
    from pyiceberg.exceptions import NamespaceAlreadyExistsError
    from sqlalchemy.exc import IntegrityError

    catalog = catalogs.catalog(statement.catalog)
    with writing(TableName(statement.catalog, statement.namespace, "")):
        try:
            catalog.create_namespace(tuple(statement.namespace.split(".")))
        except (NamespaceAlreadyExistsError, IntegrityError) as error:  # the latter: another thread was first
            if not statement.if_not_exists:
                raise QueryError(
                    f"Schema '{statement.catalog}.{statement.namespace}' already exists", code="schema-already-exists"
                ) from error


def rename(catalogs: Catalogs, statement: Rename) -> None:
    """Run ALTER TABLE or VIEW … RENAME TO; the table keeps its snapshots.

    Raises:
        QueryError: ``table-not-found``, ``schema-not-found``, ``table-already-exists``.
        Unsupported: The new name is in another catalog.
    """
    from pyiceberg.exceptions import NoSuchNamespaceError, TableAlreadyExistsError

    name, to = statement.table, statement.to
    if name.catalog != to.catalog:
        raise Unsupported(f"'{name}' can't be renamed into another catalog.")
    if statement.kind == "view":
        rename_view(catalogs, name, to)
        return
    table = catalogs.load(name)
    if find_view(catalogs, to) is not None:
        raise QueryError(f"'{to}' already exists, as a view", code="table-already-exists")
    with writing(name):
        try:
            catalogs.catalog(name.catalog).rename_table(table.name(), to.identifier)
        except TableAlreadyExistsError as error:
            raise QueryError(f"Table '{to}' already exists", code="table-already-exists") from error
        except NoSuchNamespaceError as error:
            raise catalogs.no_namespace(to.catalog, to.namespace) from error


def alter_columns(catalogs: Catalogs, statement: AlterColumns) -> None:
    """Run ALTER TABLE … ADD, DROP, RENAME COLUMN or SET DATA TYPE, in one commit.

    Raises:
        QueryError: ``table-not-found``, ``column-not-found``, ``column-already-exists``, ``transaction-conflict``.
        Unsupported: A type change that Iceberg doesn't allow, a NOT NULL column for old rows, format version 3.
    """
    from pyiceberg.exceptions import CommitFailedException, ValidationError

    name, column = statement.table, statement.column
    table = catalogs.load(name)
    if table.metadata.format_version > 2:
        raise Unsupported(f"'{name}' has Iceberg format version 3, which this engine can't write.")
    existing = {field.name.lower(): field.name for field in table.schema().fields}
    if statement.action == "add":
        if column in existing:
            if statement.if_exists:
                return
            raise QueryError(f"Column '{column}' already exists", code="column-already-exists")
    elif column not in existing:
        if statement.if_exists:
            return
        raise QueryError(
            f"Column '{column}' does not exist", code="column-not-found", hint=f"'{name}' has: {', '.join(existing)}."
        )
    if statement.action == "rename" and statement.to != column and statement.to in existing:
        raise QueryError(f"Column '{statement.to}' already exists", code="column-already-exists")
    with writing(name):
        try:
            _alter(table, statement, existing.get(column, column))
        except CommitFailedException as error:
            raise QueryError(
                f"Another writer changed '{name}' at the same time.",
                code="transaction-conflict",
                hint="Nothing was changed. Run the statement again.",
            ) from error
        except (ValidationError, ValueError) as error:
            raise Unsupported(f"ALTER TABLE '{name}': {error}") from error


def comment(catalogs: Catalogs, statement: Comment) -> None:
    """Run COMMENT ON TABLE, VIEW or COLUMN; None removes it.

    Raises:
        QueryError: ``table-not-found``, ``column-not-found``, ``transaction-conflict``.
    """
    from pyiceberg.exceptions import CommitFailedException

    name = statement.table
    if statement.kind == "view" or (statement.kind == "column" and find_view(catalogs, name) is not None):
        comment_view(catalogs, name, statement.text, statement.column)
        return
    table = catalogs.load(name)
    with writing(name):
        try:
            if statement.kind == "table":
                with table.transaction() as transaction:
                    if statement.text is not None:
                        transaction.set_properties(comment=statement.text)
                    elif "comment" in table.properties:
                        transaction.remove_properties("comment")
                return
            columns = {field.name.lower(): field.name for field in table.schema().fields}
            if statement.column not in columns:
                raise QueryError(f"Column does not exist: {statement.column}", code="column-not-found")
            with table.update_schema() as update:
                update.update_column((columns[statement.column],), doc=statement.text or "")
        except CommitFailedException as error:
            raise QueryError(
                f"Another writer changed '{name}' at the same time.", code="transaction-conflict", hint="Run it again."
            ) from error


def _alter(table: Table, statement: AlterColumns, column: str) -> None:
    if statement.action in ("add", "type"):
        assert statement.field is not None
        iceberg_schema([statement.field])  # refuses types and names that Iceberg can't hold
    with table.update_schema() as update:
        if statement.action == "add" and statement.field is not None:
            if not statement.field.nullable and table.current_snapshot() is not None:
                raise Unsupported(
                    f"A NOT NULL column can't be added to '{statement.table}': its rows have no value for it."
                )
            update.add_column(
                (column,),
                iceberg_type(statement.field.type, itertools.count(1).__next__),
                doc=statement.field.comment or None,
            )
        elif statement.action == "type" and statement.field is not None:
            new = iceberg_type(statement.field.type, itertools.count(1).__next__)
            if not new.is_primitive:
                raise Unsupported(f"The type of column '{column}' can't be changed to {statement.field.type}.")
            update.update_column((column,), new)
        elif statement.action == "rename":
            update.rename_column((column,), statement.to)
        else:
            update.delete_column((column,))


def _drop_table(catalogs: Catalogs, name: TableName, if_exists: bool) -> None:
    if find_view(catalogs, name) is not None:
        raise QueryError(f"Table '{name}' does not exist, but a view with that name exists", code="table-not-found")
    catalog = catalogs.catalog(name.catalog)
    try:
        table = catalogs.find(name)
    except QueryError as error:
        if error.code != "iceberg-missing-metadata":
            raise
        with writing(name):  # a table whose metadata is gone can still be dropped
            catalog.drop_table(name.identifier)
        return
    if table is None:
        if if_exists:
            return
        table = catalogs.load(name)  # raises, with the nearest names
    with writing(name):
        catalog.drop_table(table.name())
    if table.properties.get("gc.enabled", "true") != "false":
        _delete_files(table)


def _delete_files(table: Table) -> None:
    """Delete what belongs to a table that is dropped already; files that can't be deleted stay, unseen by anyone."""
    paths = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    manifests: dict[str, ManifestFile] = {}
    with suppress(OSError):
        for snapshot in table.snapshots():
            paths.add(snapshot.manifest_list)
            manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
        for path, manifest in manifests.items():
            paths.add(path)
            entries = manifest.fetch_manifest_entry(table.io, discard_deleted=False)
            paths |= {entry.data_file.file_path for entry in entries}
    for path in paths:
        with suppress(OSError):
            table.io.delete(path)


def _drop_schema(catalogs: Catalogs, statement: Drop) -> None:
    from pyiceberg.exceptions import NamespaceNotEmptyError, NoSuchNamespaceError

    catalog, namespace = statement.table.catalog, statement.table.namespace
    with writing(statement.table):
        if namespace not in catalogs.namespaces(catalog):
            if statement.if_exists:
                return
            raise catalogs.no_namespace(catalog, namespace)
        tables, views = catalogs.tables(catalog, namespace), list_views(catalogs, catalog, namespace)
        if (tables or views) and not statement.cascade:
            raise QueryError(
                f"Cannot drop non-empty schema '{namespace}'",
                code="schema-not-empty",
                hint=f"It has {len(tables)} tables and {len(views)} views. CASCADE drops them too.",
            )
        for view in views:
            drop_view(catalogs, TableName(catalog, namespace, view))
        for table in tables:
            _drop_table(catalogs, TableName(catalog, namespace, table), if_exists=True)
        try:
            catalogs.catalog(catalog).drop_namespace(tuple(namespace.split(".")))
        except NamespaceNotEmptyError as error:
            raise QueryError(f"Cannot drop non-empty schema '{namespace}'", code="schema-not-empty") from error
        except NoSuchNamespaceError as error:
            if not statement.if_exists and not statement.cascade:
                raise catalogs.no_namespace(catalog, namespace) from error
