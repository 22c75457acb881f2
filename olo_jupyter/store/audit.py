"""The audit: who did what to what, how it was before and after, and how it ended. Entries are only ever added."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.store.database import Database, store_url
from olo_jupyter.store.tables import AUDIT

DONE, FAILED, DENIED = "done", "failed", "denied"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did, or tried.

    Args:
        who: The account.
        action: A verb: ``trigger``, ``deploy``, ``tag`` …
        subject: Kind and name: ``job/daily``, ``table/dev.gold.delays``.
        before: How it was, where that is known.
        after: How it is, or would have been.
        outcome: ``done``, ``failed`` or ``denied``.
        detail: The error's code where it isn't done.
        number: Its place in the audit; 0 before it is kept.
    """

    who: str
    action: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    outcome: str = DONE
    detail: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    number: int = 0
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    def as_json(self) -> dict[str, Any]:
        """As `olo audit --json` prints it and the route answers it."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "who": self.who,
            "action": self.action,
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "outcome": self.outcome,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class AuditFilter:
    """Which entries; what is empty or None holds for all. ``subject`` may end with ``*``."""

    who: str = ""
    action: str = ""
    subject: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_number: int | None = None


class Audit:
    """The entries in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self) -> None:
        """That entries can be kept: asked before a change, so that none is made that nobody could see.

        Raises:
            StoreError: They can't.
        """
        self._database.check()

    def append(self, *entries: Entry) -> None:
        """Keep entries; waits for a database that is restarting, and never keeps one twice.

        Raises:
            StoreError: They can't be kept.
        """

        def work(connection: Connection) -> None:
            for entry in entries:
                known = connection.execute(select(AUDIT.c.id).where(AUDIT.c.key == entry.key)).first()
                if known is None:
                    connection.execute(insert(AUDIT).values(_row(entry)))

        if entries:
            self._database.write(work)

    def entries(self, which: AuditFilter | None = None, limit: int = 100) -> list[Entry]:
        """The newest entries first.

        Raises:
            StoreError: They can't be read.
        """
        which = which or AuditFilter()
        query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
        for name in ("who", "action", "outcome"):
            if wanted := getattr(which, name):
                query = query.where(AUDIT.c[name] == wanted)
        if which.subject.endswith("*"):
            query = query.where(AUDIT.c.subject.startswith(which.subject[:-1], autoescape=True))
        elif which.subject:
            query = query.where(AUDIT.c.subject == which.subject)
        if which.since is not None:
            query = query.where(AUDIT.c.at >= _micros(which.since))
        if which.until is not None:
            query = query.where(AUDIT.c.at < _micros(which.until))
        if which.before_number is not None:
            query = query.where(AUDIT.c.id < which.before_number)
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [
            Entry(
                who=row["who"],
                action=row["action"],
                subject=row["subject"],
                before=_value(row["before"]),
                after=_value(row["after"]),
                outcome=row["outcome"],
                detail=row["detail"],
                at=_EPOCH + row["at"] * _MICROSECOND,
                number=row["id"],
                key=row["key"],
            )
            for row in rows
        ]


@contextmanager
def audited(
    settings: Settings,
    action: str,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    who: str = "",
) -> Iterator[dict[str, Any]]:
    """Keep an entry of what the body does for ``who``, '' for the person of the settings, however it ends.

    The body gets ``after``, to add what it learns: the id of the run that it started.

    Raises:
        StoreError: No entry can be kept; the body isn't begun.
    """
    database = Database(store_url(settings))
    try:
        audit = Audit(database)
        audit.check()
        outcome, detail = FAILED, "interrupted"
        known = dict(after or {})
        try:
            yield known
            outcome, detail = DONE, ""
        except OloError as error:
            detail = error.code
            raise
        except Exception as error:
            detail = type(error).__name__
            raise
        finally:
            audit.append(Entry(who or settings.user, action, subject, before, known or None, outcome, detail))
    finally:
        database.close()


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "at": _micros(entry.at),
        "who": _text(entry.who),
        "action": _text(entry.action),
        "subject": _text(entry.subject),
        "before": _written(entry.before),
        "after": _written(entry.after),
        "outcome": entry.outcome,
        "detail": _text(entry.detail),
    }


def _text(value: str) -> str:
    """PostgreSQL keeps no NUL, and UTF-8 no half of a pair."""
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _written(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, default=str)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
