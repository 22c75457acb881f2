"""DROP, CREATE SCHEMA, RENAME and COMMENT on catalogs: one commit, or one row of the catalog's database, each."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import Comment, CreateSchema, Drop, Rename
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
            catalog.create_namespace(
                tuple(statement.namespace.split(".")), {"location": statement.location} if statement.location else {}
            )
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
    if find_view(catalogs, name) is not None:
        raise wrong_kind("Table", name, f"Write ALTER VIEW {name} RENAME TO …")
    if statement.if_exists and catalogs.find(name) is None:
        return
    table = catalogs.load(name)
    if find_view(catalogs, to) is not None:
        raise QueryError(f"Target table '{to}' already exists, as a view", code="table-already-exists")
    with writing(name, to):
        try:
            catalogs.catalog(name.catalog).rename_table(table.name(), to.identifier)
        except TableAlreadyExistsError as error:
            raise QueryError(f"Table '{to}' already exists", code="table-already-exists") from error
        except NoSuchNamespaceError as error:
            raise catalogs.no_namespace(to.catalog, to.namespace) from error


def wrong_kind(kind: str, name: TableName, hint: str) -> QueryError:
    """The error of a statement for tables on a view, or the other way round."""
    other = "view" if kind == "Table" else "table"
    message = f"{kind} '{name}' does not exist, but a {other} with that name exists."
    return QueryError(message, code="generic-user-error", hint=hint)


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
                if statement.text is None:  # PyIceberg can only empty a comment
                    for id_, field in update._updates.items():
                        update._updates[id_] = field.model_copy(update={"doc": None})
        except CommitFailedException as error:
            raise QueryError(
                f"Another writer changed '{name}' at the same time.", code="transaction-conflict", hint="Run it again."
            ) from error


def _drop_table(catalogs: Catalogs, name: TableName, if_exists: bool) -> None:
    if find_view(catalogs, name) is not None:
        raise wrong_kind("Table", name, f"Write DROP VIEW {name}.")
    catalog = catalogs.catalog(name.catalog)
    try:
        table = catalogs.find(name)
    except QueryError as error:
        if error.code not in ("iceberg-missing-metadata", "iceberg-invalid-metadata"):
            raise
        with writing(name):  # a table whose metadata is gone can still be dropped; what files it had nobody knows
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
