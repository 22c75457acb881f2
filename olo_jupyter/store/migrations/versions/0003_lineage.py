"""Lineage, which had its tables made by itself before: where they are, they stay as they are, with what is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make those tables and indexes that are missing."""
    op.create_table(
        "lineage_events",
        sa.Column("digest", sa.LargeBinary(16), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "lineage_nodes",
        _id("id"),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("namespace", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("description_at", sa.BigInteger),
        sa.Column("owners", sa.Text),
        sa.Column("owners_at", sa.BigInteger),
        sa.Column("columns", sa.Text),
        sa.Column("columns_at", sa.BigInteger),
        sa.Column("parent", sa.BigInteger),
        sa.Column("parent_at", sa.BigInteger),
        sa.Column("writer", sa.String(36)),
        sa.Column("writer_job", sa.BigInteger),
        sa.Column("version", sa.Text),
        sa.Column("rows", sa.BigInteger),
        sa.Column("written_at", sa.BigInteger),
        sa.Column("run", sa.String(36)),
        sa.Column("told_by", sa.String(36)),
        if_not_exists=True,
    )
    op.create_table(
        "lineage_runs",
        _id("job"),
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("state_at", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("parent", sa.String(36), nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "lineage_edges",
        _id("job"),
        _id("dataset"),
        sa.Column("output", sa.Boolean, primary_key=True, autoincrement=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.Column("columns_at", sa.BigInteger),
        if_not_exists=True,
    )
    op.create_table(
        "lineage_columns",
        _id("id"),
        sa.Column("job", sa.BigInteger, nullable=False),
        sa.Column("target", sa.BigInteger, nullable=False),
        sa.Column("target_column", sa.Text, nullable=False),
        sa.Column("source", sa.BigInteger, nullable=False),
        sa.Column("source_column", sa.Text, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("masking", sa.Boolean, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "lineage_tests",
        _id("id"),
        sa.Column("dataset", sa.BigInteger, nullable=False),
        sa.Column("assertion", sa.Text, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("success", sa.Boolean, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("run", sa.String(36), nullable=False),
        if_not_exists=True,
    )
    for name, table, columns in (
        ("lineage_nodes_name", "lineage_nodes", ["namespace", "kind"]),
        ("lineage_nodes_parent", "lineage_nodes", ["parent"]),
        ("lineage_runs_newest", "lineage_runs", ["job", "started", "id"]),
        ("lineage_runs_told", "lineage_runs", ["job", "told", "state", "state_at"]),
        ("lineage_runs_id", "lineage_runs", ["id"]),
        ("lineage_edges_dataset", "lineage_edges", ["dataset", "told_at"]),
        ("lineage_columns_target", "lineage_columns", ["target"]),
        ("lineage_columns_source", "lineage_columns", ["source"]),
        ("lineage_tests_dataset", "lineage_tests", ["dataset"]),
    ):
        op.create_index(name, table, columns, if_not_exists=True)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)
