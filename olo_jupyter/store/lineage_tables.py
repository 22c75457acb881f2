"""The store's tables of lineage. As with tables.py: a change needs a migration beside it, and HEAD moved to it.

Whatever order events come in, the rows end up the same: each value carries the time of the event that told it
(microseconds since 1970, UTC), and only a later one replaces it. Nodes are known by a hash of their name, so that
nobody need ask for an id first: 63 bits, for a million nodes a chance of one in ten million that two share one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from olo_jupyter.store.tables import METADATA

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EVENTS = Table(
    "lineage_events",
    METADATA,
    Column("digest", LargeBinary(16), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Which events are in: one that comes twice is known by it."""

NODES = Table(
    "lineage_nodes",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(7), nullable=False),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("description", Text),
    Column("description_at", BigInteger),
    Column("owners", Text),
    Column("owners_at", BigInteger),
    Column("columns", Text),
    Column("columns_at", BigInteger),
    Column("parent", BigInteger),
    Column("parent_at", BigInteger),
    Column("writer", String(36)),
    Column("writer_job", BigInteger),
    Column("version", Text),
    Column("rows", BigInteger),
    Column("written_at", BigInteger),
    # Of jobs, worked out from the runs: the newest one, and the newest successful one that told what it read or wrote.
    Column("run", String(36)),
    Column("told_by", String(36)),
    Index("lineage_nodes_name", "namespace", "kind"),
    Index("lineage_nodes_parent", "parent"),
)

RUNS = Table(
    "lineage_runs",
    METADATA,
    Column("job", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(36), primary_key=True),
    Column("started", BigInteger, nullable=False),
    Column("state", String(9), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state_at", BigInteger, nullable=False),
    Column("message", Text, nullable=False),
    Column("parent", String(36), nullable=False),
    Column("told", Boolean, nullable=False),
    Index("lineage_runs_newest", "job", "started", "id"),
    Index("lineage_runs_told", "job", "told", "state", "state_at"),
    Index("lineage_runs_id", "id"),
)
"""``rank`` of a state: unknown 0, running 1, ended 2; a run that has ended doesn't run again when START comes late."""

EDGES = Table(
    "lineage_edges",
    METADATA,
    Column("job", BigInteger, primary_key=True, autoincrement=False),
    Column("dataset", BigInteger, primary_key=True, autoincrement=False),
    Column("output", Boolean, primary_key=True),
    Column("told_at", BigInteger, nullable=False),
    Column("columns_at", BigInteger),
    Index("lineage_edges_dataset", "dataset", "told_at"),
)
"""What jobs read and write; one told before the job's last successful run began is history."""

COLUMNS = Table(
    "lineage_columns",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("job", BigInteger, nullable=False),
    Column("target", BigInteger, nullable=False),
    Column("target_column", Text, nullable=False),
    Column("source", BigInteger, nullable=False),
    Column("source_column", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("how", Text, nullable=False),
    Column("masking", Boolean, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Index("lineage_columns_target", "target"),
    Index("lineage_columns_source", "source"),
)
"""Columns by what they are made of; ``job`` 0 is the dataset's own design. Those of an older facet are history."""

TESTS = Table(
    "lineage_tests",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("dataset", BigInteger, nullable=False),
    Column("assertion", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("success", Boolean, nullable=False),
    Column("severity", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("run", String(36), nullable=False),
    Index("lineage_tests_dataset", "dataset"),
)

LINEAGE = (EVENTS, NODES, RUNS, EDGES, COLUMNS, TESTS)
"""All of them."""


def key(*parts: str | int) -> int:
    """The id of what has this name: 63 bits of its BLAKE2 hash."""
    text = "\0".join(map(str, parts)).encode("utf-8")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) >> 1


def stamp(at: datetime) -> int:
    """A time as the tables hold it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(stamp: int) -> datetime:
    """The time that a stamp stands for."""
    return _EPOCH + timedelta(microseconds=stamp)
