"""Questions about the catalog, as results: tables, columns, snapshots, refs. No record of them is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.names import quoted

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.result import Result
    from olo_jupyter.lakehouse.session import Session


def tables(session: Session, namespace: str = "") -> Result:
    """Tables and views of a namespace, ``CATALOG.NAMESPACE`` too, or of the session's whole catalog.

    Raises:
        QueryError: No such catalog or namespace; the nearest are offered.
    """
    catalog = session.catalog
    first, _, rest = namespace.partition(".")
    if first in session.catalogs.names():
        catalog, namespace = first, rest
    if namespace and namespace not in session.catalogs.namespaces(catalog):
        if rest and catalog != first:
            session.catalogs.namespaces(first)  # tells that there is no such catalog
        raise session.catalogs.no_namespace(catalog, namespace)
    where = "table_schema = :namespace" if namespace else "table_schema <> 'information_schema'"
    return session.sql(
        "SELECT table_schema AS namespace, table_name AS name, table_type AS type "
        f"FROM {quoted(catalog)}.information_schema.tables WHERE {where} ORDER BY 1, 2",
        parameters={"namespace": namespace},
        recorded=False,
    )


def describe(session: Session, table: str) -> Result:
    """A table's columns with types and comments."""
    return session.sql(f"DESCRIBE {session.name(table)}", recorded=False)


def snapshots(session: Session, table: str) -> Result:
    """A table's history, newest first."""
    return _metadata(session, table, "snapshots", "ORDER BY committed_at DESC")


def refs(session: Session, table: str) -> Result:
    """A table's branches and tags."""
    return _metadata(session, table, "refs", "ORDER BY type, name")


def _metadata(session: Session, table: str, kind: str, order: str) -> Result:
    name = session.name(table)
    source = f"{quoted(name.catalog)}.{quoted(name.namespace)}.{quoted(f'{name.table}${kind}')}"
    return session.sql(f"SELECT * FROM {source} {order}", recorded=False)
