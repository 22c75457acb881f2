"""One table, one node: the names that other producers give a table, as this project's."""

from __future__ import annotations

from olo_jupyter.backends.lineage.rows import Rename
from olo_jupyter.config import Settings


def renaming(settings: Settings, namespaces: dict[str, str]) -> Rename:
    """How datasets are renamed.

    Our runner names the table ``lake.silver.flights`` by catalog and the rest: ``lake``, ``silver.flights``. The
    providers of dbt and Airflow say ``trino://host:port`` and ``catalog.schema.table`` of the same one; Spark's says
    what its catalog is set up with, which ``namespaces`` maps.

    Args:
        namespaces: Namespace of a producer → catalog; '' where the name itself begins with the catalog.
    """
    trino = settings.engines.trino
    found = {f"trino://{trino.host}:{trino.port}": ""} if trino else {}
    found |= {namespace.rstrip("/"): catalog for namespace, catalog in namespaces.items()}
    ours = {theirs: name for name, theirs in trino.catalogs.items()} if trino else {}

    def rename(namespace: str, name: str) -> tuple[str, str]:
        catalog = found.get(namespace.rstrip("/"))
        if catalog:
            return catalog, name
        first, _, rest = name.partition(".")
        return (ours.get(first, first), rest) if catalog == "" and rest else (namespace, name)

    return rename
