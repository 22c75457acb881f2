"""A person's sandbox: their catalog with the namespace that promotions are proved in."""

from __future__ import annotations

from pathlib import Path

from olo_jupyter.lakehouse.catalog import Catalogs, reachable
from olo_jupyter.lakehouse.ddl import create_schema
from olo_jupyter.lakehouse.sql.statement import CreateSchema

NAMESPACE = "gold"


def ensure_sandbox(catalogs: Catalogs) -> bool:
    """Make the sandbox of the person that the catalogs' settings are for; whether anything was missing.

    Raises:
        QueryError: The catalog can't be opened, or doesn't allow it.
    """
    name = catalogs.settings.sandbox_catalog
    warehouse = catalogs.settings.catalogs[name].properties.get("warehouse", "") if name in catalogs.names() else ""
    if warehouse.startswith("file://"):
        Path(warehouse.removeprefix("file://")).mkdir(parents=True, exist_ok=True, mode=0o700)
    return ensure_namespace(catalogs, name, NAMESPACE)


def ensure_namespace(catalogs: Catalogs, catalog: str, namespace: str) -> bool:
    """Make a namespace where it is missing; whether it was.

    Raises:
        QueryError: The catalog can't be opened, or doesn't allow it.
    """
    if namespace in catalogs.namespaces(catalog):
        return False
    with reachable(catalog):
        create_schema(catalogs, CreateSchema(catalog=catalog, namespace=namespace, if_not_exists=True))
    return True
