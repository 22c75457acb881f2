"""Questions about the catalog, as results: tables, columns, snapshots, refs. No record of them is kept.

A governed catalog (``access: trino``) is asked about at Trino, as the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.errors import QueryError
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
    if session.settings.is_governed(catalog):
        return _allowed(session, catalog, namespace)
    if namespace and namespace not in session.catalogs.namespaces(catalog):
        if rest and catalog != first:
            session.catalogs.namespaces(first)  # tells that there is no such catalog
        raise session.catalogs.no_namespace(catalog, namespace)
    return _listed(session, catalog, namespace, None)


def describe(session: Session, table: str) -> Result:
    """A table's columns with types and comments."""
    name = session.name(table)
    return session.sql(f"DESCRIBE {name}", engine=_engine(session, name.catalog), recorded=False)


def snapshots(session: Session, table: str) -> Result:
    """A table's history, newest first."""
    return _metadata(session, table, "snapshots", "ORDER BY committed_at DESC")


def refs(session: Session, table: str) -> Result:
    """A table's branches and tags."""
    return _metadata(session, table, "refs", "ORDER BY type, name")


def _metadata(session: Session, table: str, kind: str, order: str) -> Result:
    name = session.name(table)
    return session.sql(
        f"SELECT * FROM {name.metadata(kind)} {order}", engine=_engine(session, name.catalog), recorded=False
    )


def _listed(session: Session, catalog: str, namespace: str, engine: str | None) -> Result:
    where = "table_schema = :namespace" if namespace else "table_schema <> 'information_schema'"
    return session.sql(
        "SELECT table_schema AS namespace, table_name AS name, table_type AS type "
        f"FROM {quoted(catalog)}.information_schema.tables WHERE {where} ORDER BY 1, 2",
        parameters={"namespace": namespace},
        engine=engine,
        recorded=False,
    )


def _engine(session: Session, catalog: str) -> str | None:
    return "trino" if session.settings.is_governed(catalog) else None


def _allowed(session: Session, catalog: str, namespace: str) -> Result:
    """Trino lists what the person may see only; nothing at all is no empty catalog, and isn't shown as one."""
    found = _listed(session, catalog, namespace, "trino")
    if not len(found):
        place = f"{quoted(catalog)}.{quoted(namespace)}" if namespace else quoted(catalog)
        raise QueryError(
            f"Trino shows {session.settings.user} no table in {place}: it is empty, or none is allowed.",
            code="access-denied",
            hint="Ask whoever runs Trino for the right to it.",
        )
    return found
