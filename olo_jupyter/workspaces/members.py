"""Who is in which workspace with which role, and what was applied last: in the store that the shared service asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, or_, select

from olo_jupyter.store.database import Database
from olo_jupyter.store.tables import APPLIED, MEMBERS
from olo_jupyter.workspaces.spec import Role

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Applied:
    """The last time that a workspace was applied: the commit of its file ('' outside Git), who, when (UTC)."""

    commit: str
    by: str
    at: datetime


class MemberStore:
    """Members and their roles.

    Args:
        database: The store; its methods raise StoreError where it can't be used.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def members(self, workspace: str) -> dict[str, str]:
        """Role by member, named as ``user ana`` or ``group analysts``."""
        wanted = select(MEMBERS).where(MEMBERS.c.workspace == workspace)
        rows = self.database.read(lambda connection: connection.execute(wanted).all())
        return {f"{row.kind} {row.name}": str(row.role) for row in rows}

    def roles_in(self, workspaces: Iterable[str], user: str, groups: Iterable[str] = ()) -> frozenset[str]:
        """The roles that a person has in any of these workspaces, by name and by groups. Doesn't wait for the store."""
        mine = or_(
            and_(MEMBERS.c.kind == "user", MEMBERS.c.name == user),
            and_(MEMBERS.c.kind == "group", MEMBERS.c.name.in_(sorted(groups))),
        )
        wanted = select(MEMBERS.c.role).where(MEMBERS.c.workspace.in_(sorted(workspaces)), mine)
        return frozenset(self.database.read(lambda connection: connection.scalars(wanted).all(), patience=0.0))

    def set_role(self, workspace: str, kind: str, name: str, role: Role | None) -> None:
        """Give a member (kind: user or group) a role in place of the one it has; None takes it away."""
        key = and_(MEMBERS.c.workspace == workspace, MEMBERS.c.kind == kind, MEMBERS.c.name == name)

        def work(connection: Connection) -> None:
            connection.execute(delete(MEMBERS).where(key))
            if role is not None:
                row = {"workspace": workspace, "kind": kind, "name": name, "role": role}
                connection.execute(insert(MEMBERS).values(**row))

        self.database.write(work)

    def applied(self, workspace: str) -> Applied | None:
        """When the workspace was applied last; None for never."""
        wanted = select(APPLIED).where(APPLIED.c.workspace == workspace)
        row = self.database.read(lambda connection: connection.execute(wanted).one_or_none())
        return None if row is None else Applied(row.commit, row.who, _EPOCH + row.at * _MICROSECOND)

    def set_applied(self, workspace: str, commit: str, by: str) -> None:
        """Note that the workspace was applied, now."""
        at = (datetime.now(UTC) - _EPOCH) // _MICROSECOND
        row = {"workspace": workspace, "commit": commit, "who": by, "at": at}

        def work(connection: Connection) -> None:
            connection.execute(delete(APPLIED).where(APPLIED.c.workspace == workspace))
            connection.execute(insert(APPLIED).values(**row))

        self.database.write(work)
