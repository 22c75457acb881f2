"""Catalogs, namespaces and tables as the panel shows them: metadata only, never rows of data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.names import TableName, quoted
from olo_jupyter.lakehouse.sensitivity import sensitivities
from olo_jupyter.server.models.catalog import (
    CatalogList,
    CatalogSummary,
    ColumnDetail,
    NamespaceList,
    RefDetail,
    SnapshotDetail,
    TableDetail,
    TableList,
    TablesQuery,
    TableSummary,
)

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot
    from pyiceberg.types import NestedField

SNAPSHOTS_LISTED = 100


def list_catalogs(catalogs: Catalogs) -> CatalogList:
    """All catalogs that the settings name; none is opened."""
    settings = catalogs.settings
    names = sorted(catalogs.names(), key=lambda name: (name != settings.default_catalog, name))
    return CatalogList(
        catalogs=[
            CatalogSummary(name=name, access=settings.catalogs[name].access, sandbox=name == settings.sandbox_catalog)
            for name in names
        ]
    )


def list_namespaces(catalogs: Catalogs, catalog: str) -> NamespaceList:
    """The namespaces of a catalog.

    Raises:
        QueryError: As ``Catalogs.namespaces``.
    """
    return NamespaceList(namespaces=list(catalogs.namespaces(catalog)))


def list_tables(catalogs: Catalogs, catalog: str, namespace: str, query: TablesQuery) -> TableList:
    """The tables and views of a namespace, by name, a page of them.

    Raises:
        QueryError: As ``Catalogs.tables``.
    """
    from olo_jupyter.lakehouse.views import list_views

    tables = dict.fromkeys(catalogs.tables(catalog, namespace), "table")
    kinds = {**tables, **dict.fromkeys(list_views(catalogs, catalog, namespace), "view")}
    return table_page(catalog, namespace, kinds, query)


def table_page(catalog: str, namespace: str, kinds: Mapping[str, str], query: TablesQuery) -> TableList:
    """A page of a namespace.

    Args:
        kinds: ``table`` or ``view`` for each name in the namespace.
    """
    words = query.match.lower().split()
    names = [name for name in sorted(kinds) if all(word in name.lower() for word in words)]
    # By name, not by number: a page stays right when tables come and go.
    rest = names[bisect_right(names, query.after) :] if query.after else names
    page = rest[: query.limit]
    return TableList(
        tables=[
            TableSummary.model_validate(
                {"name": name, "sql_name": str(TableName(catalog, namespace, name)), "kind": kinds[name]}
            )
            for name in page
        ],
        count=len(names),
        next=page[-1] if len(page) < len(rest) else None,
    )


def describe_table(catalogs: Catalogs, name: TableName) -> TableDetail:
    """A table's or view's columns, snapshots, branches and tags.

    Raises:
        QueryError: As ``Catalogs.load``.
    """
    table = catalogs.find(name)
    if table is None:
        return _view(catalogs, name)
    metadata = table.metadata
    snapshots = sorted(metadata.snapshots, key=lambda snapshot: snapshot.timestamp_ms, reverse=True)
    return TableDetail(
        catalog=name.catalog,
        namespace=name.namespace,
        name=name.table,
        sql_name=str(name),
        kind="table",
        comment=table.properties.get("comment", ""),
        columns=_columns(table),
        snapshots=[_snapshot(snapshot) for snapshot in snapshots[:SNAPSHOTS_LISTED]],
        snapshot_count=len(snapshots),
        refs=[
            RefDetail(name=ref_name, kind=ref.snapshot_ref_type.value, snapshot=str(ref.snapshot_id))
            for ref_name, ref in sorted(metadata.refs.items())
        ],
    )


def _view(catalogs: Catalogs, name: TableName) -> TableDetail:
    from olo_jupyter.lakehouse.views import find_view, view_comment

    view = find_view(catalogs, name)
    if view is None:
        catalogs.load(name)  # raises what is missing, with the nearest names
        raise AssertionError(f"{name} came back while it was looked for")
    return TableDetail(
        catalog=name.catalog,
        namespace=name.namespace,
        name=name.table,
        sql_name=str(name),
        kind="view",
        comment=view_comment(catalogs, name),
        columns=[
            ColumnDetail(
                name=field.name,
                sql_name=quoted(field.name),
                type=str(field.type),
                required=False,
                comment=field.comment or "",
            )
            for field in view.fields
        ],
        snapshots=[],
        snapshot_count=0,
        refs=[],
    )


def _columns(table: Table) -> list[ColumnDetail]:
    tags = sensitivities(table.properties)
    return [
        ColumnDetail(
            name=field.name.lower(),
            sql_name=quoted(field.name.lower()),
            type=shown_type(field),
            required=field.required,
            comment=field.doc or "",
            sensitivity=tags.get(field.name.lower(), ""),
        )
        for field in table.schema().fields
    ]


def shown_type(field: NestedField) -> str:
    """Trino's type; a type that has none is shown in Iceberg's words, so that one column doesn't hide the others."""
    from olo_jupyter.lakehouse.iceberg_types import trino_type

    try:
        return str(trino_type(field.field_type))
    except Unsupported:
        return str(field.field_type)


def _snapshot(snapshot: Snapshot) -> SnapshotDetail:
    summary = snapshot.summary
    rows = summary.additional_properties.get("total-records") if summary else None
    return SnapshotDetail(
        id=str(snapshot.snapshot_id),
        at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        operation=summary.operation.value if summary else "",
        rows=int(rows) if rows is not None and rows.isdecimal() else None,
    )
