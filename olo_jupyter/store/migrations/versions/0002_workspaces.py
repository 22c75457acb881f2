"""Members of workspaces, and what was applied last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "olo_workspace_members",
        sa.Column("workspace", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(5), primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("role", sa.String(30), nullable=False),
    )
    op.create_table(
        "olo_workspace_applied",
        sa.Column("workspace", sa.String(100), primary_key=True),
        sa.Column("commit", sa.String(64), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
