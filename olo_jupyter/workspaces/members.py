"""Who is in which workspace with which role: the store that the shared service asks, and what was applied last."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.workspaces.spec import Role

DATABASE = "OLO_SERVICE_DATABASE"
"""The variable that names the shared service's database."""

_metadata = sa.MetaData()
_members = sa.Table(
    "workspace_members",
    _metadata,
    sa.Column("workspace", sa.String(100), primary_key=True),
    sa.Column("kind", sa.String(5), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("role", sa.String(30), nullable=False),
)
_applied = sa.Table(
    "workspace_applied",
    _metadata,
    sa.Column("workspace", sa.String(100), primary_key=True),
    sa.Column("commit_id", sa.String(64), nullable=False),
    sa.Column("by", sa.String(100), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)


class StoreError(OloError):
    """The store can't be used."""

    default_code = "store"


@dataclass(frozen=True)
class Applied:
    """The last time that a workspace was applied: the commit of its file ('' outside Git), who, when (UTC)."""

    commit: str
    by: str
    at: datetime


def store_url(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """The store's database: the shared service's where there is one, else a file of this person's."""
    return environ.get(DATABASE) or f"sqlite:///{settings.state / 'workspaces.db'}"


class MemberStore:
    """Members and their roles. Safe to use from several threads and processes.

    Args:
        url: The database, as SQLAlchemy writes it; its tables are made when missing.

    Raises:
        StoreError: It can't be opened.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(parsed, pool_pre_ping=True)
        except (sa.exc.SQLAlchemyError, OSError, ModuleNotFoundError) as error:
            raise _unusable(error) from error
        with self._begun() as connection:
            _metadata.create_all(connection)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def members(self, workspace: str) -> dict[str, str]:
        """Role by member, members named as ``user ana`` or ``group analysts``."""
        wanted = sa.select(_members.c.kind, _members.c.name, _members.c.role).where(_members.c.workspace == workspace)
        with self._begun() as connection:
            return {f"{row.kind} {row.name}": str(row.role) for row in connection.execute(wanted)}

    def workspaces(self) -> list[str]:
        """Workspaces with members, sorted."""
        with self._begun() as connection:
            return sorted(connection.scalars(sa.select(_members.c.workspace).distinct()))

    def roles_of(self, workspace: str, user: str, groups: Iterable[str] = ()) -> frozenset[str]:
        """The roles that a person has in a workspace, by name and by groups."""
        mine = sa.or_(
            sa.and_(_members.c.kind == "user", _members.c.name == user),
            sa.and_(_members.c.kind == "group", _members.c.name.in_(sorted(groups))),
        )
        wanted = sa.select(_members.c.role).where(_members.c.workspace == workspace, mine)
        with self._begun() as connection:
            return frozenset(connection.scalars(wanted))

    def set_role(self, workspace: str, kind: str, name: str, role: Role | None) -> None:
        """Give a member (kind: user or group) a role in place of the one it has; None takes it away."""
        key = sa.and_(_members.c.workspace == workspace, _members.c.kind == kind, _members.c.name == name)
        with self._begun() as connection:
            connection.execute(sa.delete(_members).where(key))
            if role is not None:
                row = {"workspace": workspace, "kind": kind, "name": name, "role": role}
                connection.execute(sa.insert(_members).values(**row))

    def applied(self, workspace: str) -> Applied | None:
        """When the workspace was applied last; None for never."""
        wanted = sa.select(_applied).where(_applied.c.workspace == workspace)
        with self._begun() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        at: datetime = row.at
        return Applied(row.commit_id, row.by, at if at.tzinfo else at.replace(tzinfo=UTC))

    def set_applied(self, workspace: str, commit: str, by: str) -> None:
        """Note that the workspace was applied, now."""
        row = {"workspace": workspace, "commit_id": commit, "by": by, "at": datetime.now(UTC)}
        with self._begun() as connection:
            connection.execute(sa.delete(_applied).where(_applied.c.workspace == workspace))
            connection.execute(sa.insert(_applied).values(**row))

    @contextlib.contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise _unusable(error) from error


def _unusable(error: Exception) -> StoreError:
    """The driver's first line only: what follows names statements and addresses."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0][:200]
    hint = f"Check {DATABASE}, and that its server runs."
    return StoreError(f"The store of workspaces can't be used: {type(error).__name__}: {said}", hint=hint)
