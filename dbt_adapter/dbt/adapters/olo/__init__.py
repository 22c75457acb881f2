"""The dbt adapter ``olo``: dbt-trino's SQL on the embedded lakehouse."""

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.olo.connections import OloConnectionManager, OloCredentials
from dbt.adapters.olo.impl import OloAdapter
from dbt.include import olo

__all__ = ["OloAdapter", "OloConnectionManager", "OloCredentials", "Plugin"]

Plugin = AdapterPlugin(
    adapter=OloAdapter,  # type: ignore[arg-type]
    credentials=OloCredentials,
    include_path=olo.PACKAGE_PATH,
    dependencies=["trino"],
)
