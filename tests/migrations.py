"""Whether the migrations make what the tables of the code say."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from olo_jupyter.store import lineage_tables, tables


def differences(connection: Connection) -> list[Any]:
    """Where the database differs from the code's tables; the table of the version is the migrations' own."""
    context = MigrationContext.configure(connection, opts={"version_table": "olo_version"})
    assert lineage_tables.EVENTS.metadata is tables.METADATA
    return compare_metadata(context, tables.METADATA)
