"""The tables of TPC-DS at scale 0.01: a schema that a Trino fills from its tpcds connector, and both engines read.

Text is an unbounded varchar, because Iceberg has no other.
"""

from __future__ import annotations

from pathlib import Path

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import ask, must

SCHEMA = "tpcds"
TABLES = (
    *("call_center", "catalog_page", "catalog_returns", "catalog_sales", "customer", "customer_address"),
    *("customer_demographics", "date_dim", "household_demographics", "income_band", "inventory", "item"),
    *("promotion", "reason", "ship_mode", "store", "store_returns", "store_sales", "time_dim", "warehouse"),
    *("web_page", "web_returns", "web_sales", "web_site"),
)


def prepare(uri: str) -> str:
    """Make the tables in the schema ``tpcds`` of a Trino, where they are missing.

    Returns:
        The catalog they are in: ``iceberg`` where the Trino has it, else ``memory``.
    """
    catalog = "iceberg" if ["iceberg"] in must(ask(uri, "SHOW CATALOGS")).rows else "memory"
    must(ask(uri, f"CREATE SCHEMA IF NOT EXISTS {catalog}.{SCHEMA}"))
    for name in TABLES:
        columns = must(ask(uri, f"DESCRIBE tpcds.tiny.{name}")).rows
        listed = ", ".join(
            f"CAST({column} AS varchar) AS {column}" if "char" in type_ else column for column, type_, *_ in columns
        )
        must(
            ask(uri, f"CREATE TABLE IF NOT EXISTS {catalog}.{SCHEMA}.{name} AS SELECT {listed} FROM tpcds.tiny.{name}")
        )
    return catalog


def open_session(postgres: str, catalog: str, folder: Path, namespace: str = SCHEMA) -> Session:
    """The embedded engine on the Iceberg catalog in which ``prepare`` made the tables.

    Args:
        postgres: SQLAlchemy's URI of the database behind it.
        catalog: The catalog's name there.
        folder: For the session's own files.
        namespace: Where unqualified names count from.
    """
    properties = {"uri": postgres, "warehouse": f"file://{folder / 'warehouse'}"}
    settings = Settings(
        root=folder,
        user="parity",
        state=folder / "state",
        catalogs={catalog: CatalogSettings(type="sql", properties=properties)},
        default_catalog=catalog,
    )
    return Session(settings, namespace=namespace)
