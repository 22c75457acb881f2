"""Tables of all catalogs by words of their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.views import list_views
from olo_jupyter.server.governed import governed_search
from olo_jupyter.server.models.tables import FoundTable, FoundTables, SearchQuery

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.session import Session


def search_tables(session: Session, query: SearchQuery) -> FoundTables:
    """The first tables and views whose full name has all words of the query in it; Trino is asked of those it governs.

    A catalog that can't be asked is named in the answer; the others are searched all the same.
    """
    catalogs = session.catalogs
    words = query.match.lower().split()
    found: list[FoundTable] = []
    left_out: dict[str, str] = {}
    for catalog in catalogs.names():
        try:
            for matching in _by_namespace(session, catalog, words, query.limit):
                found += [_found(name, kind) for name, kind in matching]
                if len(found) > query.limit:
                    return FoundTables(tables=found[: query.limit], more=True, left_out=left_out)
        except OloError as error:
            left_out[catalog] = error.message
    return FoundTables(tables=found, more=False, left_out=left_out)


def _by_namespace(
    session: Session, catalog: str, words: list[str], limit: int
) -> Iterator[list[tuple[TableName, str]]]:
    if session.settings.is_governed(catalog):
        yield governed_search(session, catalog, words, limit + 1)
        return
    for namespace in session.catalogs.namespaces(catalog):
        yield _matching(session.catalogs, catalog, namespace, words)


def _matching(catalogs: Catalogs, catalog: str, namespace: str, words: list[str]) -> list[tuple[TableName, str]]:
    place = f"{catalog}.{namespace}.".lower()
    named: list[tuple[str, str]] = [(name, "table") for name in catalogs.tables(catalog, namespace)]
    named += [(name, "view") for name in list_views(catalogs, catalog, namespace)]
    return [
        (TableName(catalog, namespace, name), kind)
        for name, kind in sorted(named)
        if all(word in place + name.lower() for word in words)
    ]


def _found(name: TableName, kind: str) -> FoundTable:
    told = {"catalog": name.catalog, "namespace": name.namespace, "name": name.table, "sql_name": str(name)}
    return FoundTable.model_validate({**told, "kind": kind})
