"""Catalogs, namespaces, tables: /olo/api/catalogs/…"""

from __future__ import annotations

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.server.context import Context
from olo_jupyter.server.models.catalog import CatalogList, NamespaceList, TableDetail, TableList, TablesQuery
from olo_jupyter.server.routes.route import Route


def _catalogs(context: Context) -> CatalogList:
    from olo_jupyter.server.browse import list_catalogs

    return list_catalogs(context.opened.catalogs)


def _namespaces(context: Context, *, catalog: str) -> NamespaceList:
    from olo_jupyter.server.browse import list_namespaces
    from olo_jupyter.server.governed import governed_namespaces

    opened = context.opened
    if opened.settings.is_governed(catalog):
        return governed_namespaces(opened.session, catalog)
    return list_namespaces(opened.catalogs, catalog)


def _tables(context: Context, *, catalog: str, namespace: str, query: TablesQuery) -> TableList:
    from olo_jupyter.server.browse import list_tables
    from olo_jupyter.server.governed import governed_tables

    opened = context.opened
    if opened.settings.is_governed(catalog):
        return governed_tables(opened.session, catalog, namespace, query)
    return list_tables(opened.catalogs, catalog, namespace, query)


def _table(context: Context, *, catalog: str, namespace: str, table: str) -> TableDetail:
    from olo_jupyter.server.browse import describe_table
    from olo_jupyter.server.governed import describe_governed

    opened, name = context.opened, TableName(catalog, namespace, table)
    return (
        describe_governed(opened.session, name)
        if opened.settings.is_governed(catalog)
        else describe_table(opened.catalogs, name)
    )


_NAMESPACES = "/catalogs/{catalog}/namespaces"
_TABLES = f"{_NAMESPACES}/{{namespace}}/tables"
ROUTES = [
    Route(
        "GET", "/catalogs", "catalog", "read", _catalogs, CatalogList,
        summary="The catalogs.", local=True, apart=True,
    ),
    Route(
        "GET", _NAMESPACES, "catalog", "read", _namespaces, NamespaceList,
        summary="The namespaces of a catalog.", local=True, apart=True,
    ),
    Route(
        "GET", _TABLES, "catalog", "read", _tables, TableList, TablesQuery,
        summary="The tables and views of a namespace.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLES}/{{table}}", "catalog", "read", _table, TableDetail,
        summary="Columns, snapshots, branches and tags of a table; no rows.", local=True, apart=True,
    ),
]  # fmt: skip
