"""A session of the embedded engine on a lakehouse that holds the tables of Trino's tpch.tiny."""

from __future__ import annotations

from pathlib import Path

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session

CATALOG, NAMESPACE = "tpch", "tiny"


def open_session(folder: Path) -> Session:
    """A session on an empty lakehouse in ``folder``; ``tpch.tiny`` is its catalog and namespace."""
    properties = {"uri": f"sqlite:///{folder / 'catalog.db'}", "warehouse": f"file://{folder / 'warehouse'}"}
    settings = Settings(
        root=folder,
        user="parity",
        state=folder / "state",
        catalogs={CATALOG: CatalogSettings(type="sql", properties=properties)},
        default_catalog=CATALOG,
    )
    return Session(settings, namespace=NAMESPACE)
