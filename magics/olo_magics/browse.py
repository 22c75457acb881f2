"""``%olo tables``, ``describe``, ``snapshots``, ``refs``: the catalog from a cell."""

from __future__ import annotations

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import quoted
from olo_jupyter.lakehouse.result import Result
from olo_magics.kernel import Kernel


def tables(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo tables [NAMESPACE]``: tables and views of a namespace, or of the whole catalog.

    NAMESPACE may name another catalog: ``%olo tables ana_sandbox.gold``.
    """
    catalog, namespace = kernel.session.catalog, line.strip()
    first, _, rest = namespace.partition(".")
    if first in kernel.session.catalogs.names():
        catalog, namespace = first, rest
    if namespace and namespace not in kernel.session.catalogs.namespaces(catalog):
        if rest and catalog != first:
            kernel.session.catalogs.namespaces(first)  # tells that there is no such catalog
        raise kernel.session.catalogs.no_namespace(catalog, namespace)
    where = "table_schema = :namespace" if namespace else "table_schema <> 'information_schema'"
    return kernel.session.sql(
        "SELECT table_schema AS namespace, table_name AS name, table_type AS type "
        f"FROM {quoted(catalog)}.information_schema.tables WHERE {where} ORDER BY 1, 2",
        parameters={"namespace": namespace},
    )


def describe(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo describe TABLE``: columns with types and comments."""
    return kernel.session.sql(f"DESCRIBE {_table(kernel, line)}")


def snapshots(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo snapshots TABLE``: the table's history, newest first: what FOR VERSION AS OF takes."""
    return _metadata(kernel, line, "snapshots", "ORDER BY committed_at DESC")


def refs(kernel: Kernel, line: str, cell: str | None) -> Result:
    """``%olo refs TABLE``: branches and tags: names that FOR VERSION AS OF takes."""
    return _metadata(kernel, line, "refs", "ORDER BY type, name")


def _metadata(kernel: Kernel, line: str, kind: str, order: str) -> Result:
    name = kernel.session.name(_given(line))
    table = quoted(f"{name.table}${kind}")
    return kernel.session.sql(f"SELECT * FROM {quoted(name.catalog)}.{quoted(name.namespace)}.{table} {order}")


def _table(kernel: Kernel, line: str) -> str:
    return str(kernel.session.name(_given(line)))


def _given(line: str) -> str:
    if not line:
        raise OloError("Name a table.", code="no-table", hint="For example: silver.flights")
    return line
