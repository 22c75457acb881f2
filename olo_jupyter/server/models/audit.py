"""The audit: who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from olo_jupyter.server.models.base import Answer, Query

Outcome = Literal["done", "failed", "denied"]


class AuditQuery(Query):
    """Which entries: what isn't given holds for all. ``subject`` may end with ``*``; ``before`` pages on."""

    who: str = ""
    action: str = ""
    subject: str = ""
    outcome: Outcome | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int | None = Field(default=None, ge=1, le=2**62, description="Entries with a smaller number.")
    limit: int = Field(default=100, ge=1, le=1000)


class AuditEntry(Answer):
    """One thing that somebody did, or tried. ``detail`` is the error's code where it isn't done."""

    number: int
    at: datetime
    who: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    outcome: Outcome
    detail: str


class AuditList(Answer):
    """Entries, the newest first; ``more`` where there are older ones."""

    entries: list[AuditEntry]
    more: bool
