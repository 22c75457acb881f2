"""Catalogs, namespaces, tables: /olo/api/catalogs/…"""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.server.browse import describe_table, list_catalogs, list_namespaces, list_tables
from olo_jupyter.server.routes.base import API, NAME, OloHandler


class CatalogHandler(OloHandler):
    """The base of the area."""

    auth_resource = "olo-catalog"


class CatalogsHandler(CatalogHandler):
    """GET: the catalogs."""

    @authenticated
    @authorized
    async def get(self) -> None:
        await self.answer(lambda opened: list_catalogs(opened.catalogs))


class NamespacesHandler(CatalogHandler):
    """GET: the namespaces of a catalog."""

    @authenticated
    @authorized
    async def get(self, catalog: str) -> None:
        await self.answer(lambda opened: list_namespaces(opened.catalogs, catalog))


class TablesHandler(CatalogHandler):
    """GET: the tables and views of a namespace."""

    @authenticated
    @authorized
    async def get(self, catalog: str, namespace: str) -> None:
        await self.answer(lambda opened: list_tables(opened.catalogs, catalog, namespace))


class TableHandler(CatalogHandler):
    """GET: columns, snapshots, branches and tags of a table; no rows."""

    @authenticated
    @authorized
    async def get(self, catalog: str, namespace: str, table: str) -> None:
        name = TableName(catalog, namespace, table)
        await self.answer(lambda opened: describe_table(opened.catalogs, name))


_NAMESPACES = f"{API}/catalogs/{NAME}/namespaces"
HANDLERS = [
    (f"{API}/catalogs", CatalogsHandler),
    (_NAMESPACES, NamespacesHandler),
    (f"{_NAMESPACES}/{NAME}/tables", TablesHandler),
    (f"{_NAMESPACES}/{NAME}/tables/{NAME}", TableHandler),
]
