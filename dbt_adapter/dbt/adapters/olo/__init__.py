"""The dbt adapter ``olo``: dbt-trino's SQL on the embedded lakehouse."""

from dbt.adapters.base.plugin import AdapterPlugin

from dbt.adapters.olo.connections import OloConnectionManager, OloCredentials
from dbt.adapters.olo.impl import OloAdapter
from dbt.include.olo import PACKAGE_PATH

__all__ = ["OloAdapter", "OloConnectionManager", "OloCredentials", "Plugin"]

Plugin = AdapterPlugin(
    adapter=OloAdapter,
    credentials=OloCredentials,
    include_path=PACKAGE_PATH,
    dependencies=["trino"],
)
