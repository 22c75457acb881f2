"""What all questions share: edges that count, nodes by their names, a run from its row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from olo_jupyter.backends.lineage.base import LineageError, NodeName, Run, not_found
from olo_jupyter.store.lineage_tables import EDGES, NODES, RUNS, TESTS, key, moment

_JOB = NODES.alias("job")
_TOLD = RUNS.alias("told")
# Looked up for each edge by two keys, which no planner can do badly: joined, a PostgreSQL without fresh statistics
# reads all nodes and all runs for a graph of twenty.
SINCE = func.coalesce(
    select(_TOLD.c.started)
    .select_from(_JOB.join(_TOLD, and_(_TOLD.c.job == _JOB.c.id, _TOLD.c.id == _JOB.c.told_by)))
    .where(_JOB.c.id == EDGES.c.job)
    .correlate(EDGES)
    .scalar_subquery(),
    0,
)
"""When the last successful run of an edge's job began, 0 before there is one."""
CURRENT = EDGES.c.told_at >= SINCE
"""Edges that the job's last successful run, or one after it, told of; the older ones are history."""
FAILING = and_(~TESTS.c.success, TESTS.c.severity != "warn")


def ask(connection: Connection, statement: Select[Any]) -> Any:
    """A statement's rows; what is in their columns, tables.py says."""
    return connection.execute(statement)


def current_edges(*columns: Any) -> Select[Any]:
    """Columns of the edges that count."""
    return select(*columns).select_from(EDGES).where(CURRENT)


def dataset_of(connection: Connection, node: str) -> int:
    """The key of a dataset.

    Raises:
        LineageError: lineage-bad-node, lineage-not-found.
    """
    if NodeName.of(node).kind != "dataset":
        raise LineageError("Only datasets have columns and tests.", code="lineage-bad-node")
    return node_of(connection, node)


def node_of(connection: Connection, node: str) -> int:
    """The key of a node.

    Raises:
        LineageError: lineage-not-found.
    """
    name = NodeName.of(node)
    id = key(*name)
    if ask(connection, select(NODES.c.id).where(NODES.c.id == id)).first() is None:
        raise not_found(name)
    return id


def run_of(row: Row[Any], job: str) -> Run:
    """A run from its row."""
    ended = moment(row.state_at) if row.rank == 2 else None
    return Run(row.id, job, row.state, moment(row.started), ended, row.message, row.parent)
