"""The store's tables, on SQLite and PostgreSQL alike; those of lineage are in lineage_tables.py.

A change needs a migration beside it, and HEAD moved to it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

HEAD = "0003"
"""The migration that these tables are of."""

METADATA = MetaData()
_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself in INTEGER only

AUDIT = Table(
    "olo_audit",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("olo_audit_at", "at"),
    Index("olo_audit_subject", "subject", "id"),
)
"""Who did what, when (microseconds since 1970, UTC), how it was before and after (JSON). Rows are only ever added."""

EVENTS = Table(
    "olo_events",
    METADATA,
    Column("id", _ID, primary_key=True, autoincrement=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("at", BigInteger, nullable=False),
    Column("schema_id", Text, nullable=False),
    Column("data", Text, nullable=False),
    Index("olo_events_at", "at"),
    sqlite_autoincrement=True,
)
"""Events that every replica passes on to its browsers, in the order of their ids."""

MEMORY = Table(
    "olo_memory",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What the elected poller saw last, so that the next one goes on where it ended."""

MEMBERS = Table(
    "olo_workspace_members",
    METADATA,
    Column("workspace", String(100), primary_key=True),
    Column("kind", String(5), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("role", String(30), nullable=False),
)
"""Members of workspaces: kind is user or group."""

APPLIED = Table(
    "olo_workspace_applied",
    METADATA,
    Column("workspace", String(100), primary_key=True),
    Column("commit", String(64), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""When each workspace was applied last (microseconds since 1970, UTC), and the commit of its file."""
