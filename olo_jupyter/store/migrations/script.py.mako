"""${message}."""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Only add: replicas of the version before go on working meanwhile."""
    ${upgrades if upgrades else "raise NotImplementedError"}
