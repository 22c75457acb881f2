"""Views of SQL catalogs: Iceberg view metadata in files, a row of type VIEW beside the tables' rows.

PyIceberg's SqlCatalog has no views, but its database has a place for them: Iceberg's JDBC catalogs (schema version
V1) keep tables and views in one table whose key is the name. So a view and a table can never share a name, and
creating and replacing are atomic.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from olo_jupyter.lakehouse.catalog import nearest
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.faults import explained_faults, writing
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.sql.statement import CreateView, ViewSchema
from olo_jupyter.lakehouse.sql_catalog import location_question
from olo_jupyter.lakehouse.view_metadata import (
    delete_metadata,
    new_metadata,
    owner_of,
    read_metadata,
    view_schema,
    write_metadata,
)

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from sqlalchemy import ColumnElement, Select

    from olo_jupyter.lakehouse.catalog import Catalogs


def find_view(catalogs: Catalogs, name: TableName) -> ViewSchema | None:
    """The view as it is now, None where there is none of that name.

    Raises:
        Unsupported: The view has no Trino text (another engine made it).
    """
    catalog = _sql_catalog(catalogs, name.catalog)
    if catalog is None:
        return None
    with explained_faults(name):
        location = _location(catalog, name)
        return None if location is None else view_schema(read_metadata(catalog, location), name)


def list_views(catalogs: Catalogs, catalog: str, namespace: str) -> tuple[str, ...]:
    """Names of the views in a namespace, sorted; none where the catalog can't hold views."""
    from pyiceberg.catalog.sql import IcebergTables
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    opened = _sql_catalog(catalogs, catalog)
    if opened is None:
        return ()
    query = select(IcebergTables.table_name).where(
        IcebergTables.catalog_name == opened.name,
        IcebergTables.table_namespace == namespace,
        IcebergTables.iceberg_type == "VIEW",
    )
    with explained_faults(TableName(catalog, namespace, "")), Session(opened.engine) as session:
        return tuple(sorted(session.scalars(query)))


def create_view(
    catalogs: Catalogs, statement: CreateView, default_catalog: str, default_namespace: str, owner: str = ""
) -> None:
    """Run CREATE [OR REPLACE] VIEW, in one row of the catalog's database.

    Args:
        catalogs: The project's catalogs.
        default_catalog, default_namespace: Where unqualified names in the text count from.
        owner: Whose rights count in Trino; default: the person of the settings.

    Raises:
        QueryError: ``schema-not-found``; the name is taken (``table-already-exists``).
        Unsupported: The catalog can't hold views, or Iceberg has no type for a column.
    """
    from pyiceberg.catalog.sql import IcebergTables
    from sqlalchemy import insert, update
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import Session

    name, owner = statement.table, owner or catalogs.settings.user
    catalog = _must_hold_views(catalogs, name)
    with writing(name):
        old = _location(catalog, name)
        if old is None:
            _must_be_free(catalogs, name)
        elif not statement.replace:
            raise QueryError(
                f"View already exists: '{name}'",
                code="table-already-exists",
                hint="CREATE OR REPLACE VIEW replaces it.",
            )
        before = read_metadata(catalog, old) if old is not None else None
        new = write_metadata(
            catalog, new_metadata(catalog, statement, default_catalog, default_namespace, before, owner)
        )
        with Session(catalog.engine) as session:
            try:
                if old is None:
                    values: dict[str, Any] = {
                        "catalog_name": catalog.name,
                        "table_namespace": name.namespace,
                        "table_name": name.table,
                        "metadata_location": new,
                        "iceberg_type": "VIEW",
                    }
                    session.execute(insert(IcebergTables).values(**values))
                    taken = False
                else:
                    result = session.execute(
                        update(IcebergTables)
                        .where(*_row(catalog, name), IcebergTables.metadata_location == old)
                        .values(metadata_location=new, previous_metadata_location=old)
                    )
                    taken = result.rowcount < 1  # type: ignore[attr-defined]
                session.commit()
            except IntegrityError:
                taken = True
        if taken:
            delete_metadata(catalog, new)
            raise QueryError(
                f"Another writer took the name '{name}' at the same time.",
                code="table-already-exists",
                hint="Nothing was changed. Run the statement again.",
            )


def _must_be_free(catalogs: Catalogs, name: TableName) -> None:
    """Refuse the name of a table, and a name in a namespace that isn't there."""
    if name.namespace not in catalogs.namespaces(name.catalog):
        raise catalogs.no_namespace(name.catalog, name.namespace)
    if catalogs.find(name) is not None:
        raise QueryError(
            f"Table already exists: '{name}'",
            code="table-already-exists",
            hint="A view can't replace a table: drop the table first, or choose another name.",
        )


def drop_view(catalogs: Catalogs, name: TableName, if_exists: bool = False) -> None:
    """Remove a view.

    Raises:
        QueryError: ``table-not-found``.
    """
    from pyiceberg.catalog.sql import IcebergTables
    from sqlalchemy import delete
    from sqlalchemy.orm import Session

    catalog = _sql_catalog(catalogs, name.catalog)
    with writing(name):
        location = _location(catalog, name) if catalog is not None else None
        if catalog is None or location is None:
            if if_exists:
                return
            raise missing_view(catalogs, name)
        with Session(catalog.engine) as session:
            session.execute(delete(IcebergTables).where(*_row(catalog, name)))
            session.commit()
        delete_metadata(catalog, location)


def rename_view(catalogs: Catalogs, name: TableName, to: TableName) -> None:
    """Give a view another name or namespace in its catalog.

    Raises:
        QueryError: ``table-not-found``, ``schema-not-found``, or the new name is taken (``table-already-exists``).
    """
    from pyiceberg.catalog.sql import IcebergTables
    from sqlalchemy import update
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import Session

    catalog = _must_hold_views(catalogs, name)
    with writing(name, to):
        if to.namespace not in catalogs.namespaces(to.catalog):
            raise catalogs.no_namespace(to.catalog, to.namespace)
        with Session(catalog.engine) as session:
            try:
                result = session.execute(
                    update(IcebergTables)
                    .where(*_row(catalog, name))
                    .values(table_namespace=to.namespace, table_name=to.table)
                )
                session.commit()
            except IntegrityError as error:
                raise QueryError(f"'{to}' already exists", code="table-already-exists") from error
        if result.rowcount < 1:  # type: ignore[attr-defined]
            raise missing_view(catalogs, name)


def comment_view(catalogs: Catalogs, name: TableName, text: str | None, column: str = "") -> None:
    """Set or remove (``text`` None) the comment of a view or of one of its columns.

    Raises:
        QueryError: ``table-not-found``, ``column-not-found``.
    """
    view = find_view(catalogs, name)
    if view is None:
        raise missing_view(catalogs, name)
    fields, comment = view.fields, view.comment
    if column:
        if all(field.name != column for field in fields):
            raise QueryError(f"Column does not exist: {column}", code="column-not-found")
        fields = tuple(replace(field, comment=text or "") if field.name == column else field for field in fields)
    else:
        comment = text or ""
    again = CreateView(name, view.sql, fields, replace=True, comment=comment, security=view.security)
    create_view(catalogs, again, view.catalog, view.namespace, owner=_owner(catalogs, name))


def missing_view(catalogs: Catalogs, name: TableName) -> QueryError:
    """The error for a view that isn't there."""
    if catalogs.find(name) is not None:
        message = f"View '{name}' does not exist, but a table with that name exists."
        return QueryError(message, code="table-not-found", hint="Use the statement for tables.")
    close = nearest(name.table, list_views(catalogs, name.catalog, name.namespace))
    return QueryError(f"View '{name}' does not exist", code="table-not-found", hint=close)


def _owner(catalogs: Catalogs, name: TableName) -> str:
    catalog = _must_hold_views(catalogs, name)
    location = _location(catalog, name)
    return owner_of(read_metadata(catalog, location)) if location is not None else ""


def view_comment(catalogs: Catalogs, name: TableName) -> str:
    """The comment of the view ``name``, '' where it has none or there is no such view."""
    catalog = _sql_catalog(catalogs, name.catalog)
    with explained_faults(name):
        location = _location(catalog, name) if catalog is not None else None
        if catalog is None or location is None:
            return ""
        return read_metadata(catalog, location).properties.get("comment", "")


def view_location(catalogs: Catalogs, name: TableName) -> str:
    """The folder of the view's metadata files, '' where there is no such view."""
    catalog = _sql_catalog(catalogs, name.catalog)
    with explained_faults(name):
        location = _location(catalog, name) if catalog is not None else None
    return "" if location is None else location.rpartition("/metadata/")[0]


def _sql_catalog(catalogs: Catalogs, name: str) -> SqlCatalog | None:
    """The catalog if its database can hold views: a SQL catalog whose table has the column ``iceberg_type``."""
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = catalogs.catalog(name)
    return catalog if isinstance(catalog, SqlCatalog) and catalog._schema_version == "v1" else None


def _must_hold_views(catalogs: Catalogs, name: TableName) -> SqlCatalog:
    catalog = _sql_catalog(catalogs, name.catalog)
    if catalog is None:
        raise Unsupported(
            f"The catalog {name.catalog} can't hold views here.",
            hint="Views are kept in SQL catalogs; for one made by an old version set its property schema_version: v1.",
        )
    return catalog


def _row(catalog: SqlCatalog, name: TableName) -> tuple[ColumnElement[bool], ...]:
    from pyiceberg.catalog.sql import IcebergTables

    return (
        IcebergTables.catalog_name == catalog.name,
        IcebergTables.table_namespace == name.namespace,
        IcebergTables.table_name == name.table,
        IcebergTables.iceberg_type == "VIEW",
    )


def _location(catalog: SqlCatalog, name: TableName) -> str | None:
    values = {"catalog": catalog.name, "namespace": name.namespace, "name": name.table}
    with catalog.engine.connect() as connection:
        location: str | None = connection.execute(_location_question(), values).scalar()
    return location


@cache
def _location_question() -> Select[str | None]:
    from pyiceberg.catalog.sql import IcebergTables

    return location_question(IcebergTables.iceberg_type == "VIEW")
