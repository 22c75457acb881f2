"""Tables as Airflow's assets: ``iceberg://<catalog>/<namespace>/<table>``."""

from __future__ import annotations

from airflow.sdk import Asset

from olo_jobs.schedule import Schedule


def asset_of(table: str) -> Asset:
    """The asset of a table ``catalog.namespace.table``; anybody may post an event of it to Airflow's API.

    Example:
        asset_of("lake.silver.flights").uri == "iceberg://lake/silver/flights"
    """
    return Asset(name=table, uri=f"iceberg://{table.replace('.', '/')}")


def awaited(schedule: Schedule, catalogs: list[str]) -> list[list[Asset]]:
    """What an on-update schedule waits for: for each table its possible assets.

    Args:
        catalogs: Where a table without catalog may be: the one that the target writes, the one it reads.
    """
    tables = schedule.on_update or []
    return [
        [asset_of(table)] if table.count(".") == 2 else [asset_of(f"{catalog}.{table}") for catalog in catalogs]
        for table in tables
    ]
