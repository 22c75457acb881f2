"""One table: /olo/api/catalogs/…/tables/{table}/…, and the search for tables: /olo/api/tables.

All are answered by the person's own server, so that data is read and changed as the person.
"""

from __future__ import annotations

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.server.context import Context
from olo_jupyter.server.events import CATALOG_CHANGED
from olo_jupyter.server.models.tables import (
    Changed,
    DiffBody,
    FoundTables,
    HistoryQuery,
    RefBody,
    RollbackBody,
    Rows,
    RowsQuery,
    SearchQuery,
    SnapshotQuery,
    TableDiff,
    TableFacts,
    TableHistory,
    TableStatistics,
)
from olo_jupyter.server.routes.route import Route


def _search(context: Context, *, query: SearchQuery) -> FoundTables:
    from olo_jupyter.server.search import search_tables

    return search_tables(context.opened.session, query)


def _facts(context: Context, *, catalog: str, namespace: str, table: str) -> TableFacts:
    from olo_jupyter.server.governed import governed_facts
    from olo_jupyter.server.table_facts import table_facts

    opened, name = context.opened, TableName(catalog, namespace, table)
    pages = opened.settings.table_links
    if opened.settings.is_governed(catalog):
        return governed_facts(opened.session, name, pages)
    return table_facts(opened.catalogs, name, pages)


def _history(context: Context, *, catalog: str, namespace: str, table: str, query: HistoryQuery) -> TableHistory:
    from olo_jupyter.server.governed import governed_history
    from olo_jupyter.server.table_history import table_history

    opened, name = context.opened, TableName(catalog, namespace, table)
    if opened.settings.is_governed(catalog):
        return governed_history(opened.session, name, query)
    return table_history(opened.catalogs, name, query)


def _statistics(context: Context, *, catalog: str, namespace: str, table: str, query: SnapshotQuery) -> TableStatistics:
    from olo_jupyter.server.governed import governed_statistics
    from olo_jupyter.server.table_facts import table_statistics

    opened, name = context.opened, TableName(catalog, namespace, table)
    if opened.settings.is_governed(catalog):
        return governed_statistics(opened.session, name, query.snapshot)
    return table_statistics(opened.catalogs, name, query.snapshot)


def _partitions(context: Context, *, catalog: str, namespace: str, table: str, query: RowsQuery) -> Rows:
    from olo_jupyter.server.table_rows import partitions

    return partitions(context.opened.session, TableName(catalog, namespace, table), query)


def _files(context: Context, *, catalog: str, namespace: str, table: str, query: RowsQuery) -> Rows:
    from olo_jupyter.server.table_rows import files

    return files(context.opened.session, TableName(catalog, namespace, table), query)


def _sample(context: Context, *, catalog: str, namespace: str, table: str, query: RowsQuery) -> Rows:
    from olo_jupyter.server.table_rows import sample_rows

    name = TableName(catalog, namespace, table)
    if query.reveal:
        context.audit("reveal", f"table/{name}")
    return sample_rows(context.opened.session, name, query)


def _diff(context: Context, *, catalog: str, namespace: str, table: str, body: DiffBody) -> TableDiff:
    from olo_jupyter.server.table_changes import diff_table

    return diff_table(context.opened.session, TableName(catalog, namespace, table), body)


def _make_ref(context: Context, *, catalog: str, namespace: str, table: str, body: RefBody) -> Changed:
    from olo_jupyter.server.table_changes import make_ref

    name = TableName(catalog, namespace, table)
    context.audit(body.kind, f"table/{name}", after={"name": body.name, "snapshot": body.snapshot})
    made = make_ref(context.opened.catalogs, name, body)
    context.emit(CATALOG_CHANGED, {"catalog": catalog})
    return made


def _remove_ref(context: Context, *, catalog: str, namespace: str, table: str, ref: str) -> Changed:
    from olo_jupyter.server.table_changes import remove_ref

    name = TableName(catalog, namespace, table)
    context.audit("drop-ref", f"table/{name}", before={"name": ref})
    removed = remove_ref(context.opened.catalogs, name, ref)
    context.emit(CATALOG_CHANGED, {"catalog": catalog})
    return removed


def _roll_back(context: Context, *, catalog: str, namespace: str, table: str, body: RollbackBody) -> Changed:
    from olo_jupyter.server.table_changes import roll_back

    name = TableName(catalog, namespace, table)
    context.audit("rollback", f"table/{name}", before={"snapshot": body.current}, after={"snapshot": body.snapshot})
    changed = roll_back(context.opened.session, name, body)
    context.emit(CATALOG_CHANGED, {"catalog": catalog})
    return changed


_TABLE = "/catalogs/{catalog}/namespaces/{namespace}/tables/{table}"
ROUTES = [
    Route(
        "GET", "/tables", "catalog", "read", _search, FoundTables, SearchQuery,
        summary="Tables of all catalogs by words of their names.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/facts", "catalog", "read", _facts, TableFacts,
        summary="Location, partitioning, size, retention and properties of a table.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/snapshots", "catalog", "read", _history, TableHistory, HistoryQuery,
        summary="Snapshots of a table, newest first, with what each added and removed.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/statistics", "catalog", "read", _statistics, TableStatistics, SnapshotQuery,
        summary="Nulls, bounds, sizes of a table's columns by Iceberg's metadata; Trino's estimates of a governed one.",
        local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/partitions", "catalog", "read", _partitions, Rows, RowsQuery,
        summary="Rows, files and bytes of a table's partitions.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/files", "catalog", "read", _files, Rows, RowsQuery,
        summary="Data and delete files of a table.", local=True, apart=True,
    ),
    Route(
        "GET", f"{_TABLE}/rows", "catalog", "read", _sample, Rows, RowsQuery,
        summary="The first rows of a table; values of columns tagged pii or restricted only on demand.",
        local=True, apart=True,
    ),
    Route(
        "POST", f"{_TABLE}/diff", "catalog", "read", _diff, TableDiff, None, DiffBody,
        summary="What changed in a table between two pins.", local=True, apart=True,
    ),
    Route(
        "POST", f"{_TABLE}/refs", "catalog", "write", _make_ref, Changed, None, RefBody,
        summary="Make a tag or branch of a table.", local=True, apart=True,
    ),
    Route(
        "DELETE", f"{_TABLE}/refs/{{ref}}", "catalog", "write", _remove_ref, Changed,
        summary="Drop a tag or branch of a table.", local=True, apart=True,
    ),
    Route(
        "POST", f"{_TABLE}/rollback", "catalog", "deploy", _roll_back, Changed, None, RollbackBody,
        summary="Make an earlier snapshot a table's current one.", local=True, apart=True,
    ),
]  # fmt: skip
