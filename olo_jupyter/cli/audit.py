"""``olo audit``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from olo_jupyter.cli.output import print_json, print_table
from olo_jupyter.errors import OloError

if TYPE_CHECKING:
    from olo_jupyter.store.audit import Audit, AuditFilter, Entry

_PAGE = 1000
_OUTCOMES = ("done", "failed", "denied")


def audit(
    who: Annotated[str, typer.Option(help="Of one person.")] = "",
    action: Annotated[str, typer.Option(help="trigger, backfill, deploy, rollback, promote, tag …")] = "",
    subject: Annotated[str, typer.Option(help="job/daily, table/dev.gold.delays …; job/* for all jobs.")] = "",
    outcome: Annotated[str, typer.Option(help="done, failed or denied.")] = "",
    since: Annotated[str, typer.Option(help="From a day or moment on: 2026-01-31, 2026-01-31T06:00Z; 7d, 12h.")] = "",
    until: Annotated[str, typer.Option(help="Before a day or moment.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="So many, the newest. Default: 50; with --json all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Export as JSON lines, the oldest first.")] = False,
) -> None:
    """Show who did what: jobs, promotions, deployments, triggers, backfills, rollbacks, tags, roles.

    Entries are only ever added. Times are UTC.

    Examples:

        olo audit --since 7d --action rollback

        olo audit --json > audit.jsonl
    """
    from olo_jupyter.config import project_settings
    from olo_jupyter.store.audit import Audit, AuditFilter
    from olo_jupyter.store.database import Database, store_url

    if outcome and outcome not in _OUTCOMES:
        raise OloError(
            f"There is no outcome {outcome!r}.", code="bad-parameter", hint=f"One of {', '.join(_OUTCOMES)}."
        )
    which = AuditFilter(who, action, subject, outcome, _moment(since), _moment(until))
    database = Database(store_url(project_settings()))
    try:
        found = list(_entries(Audit(database), which, limit or (0 if as_json else 50)))
    finally:
        database.close()
    if as_json:
        for entry in reversed(found):
            print_json(entry.as_json())
        return
    header = ("at", "who", "action", "subject", "outcome", "changed")
    rows = [
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, entry.action, entry.subject,
            f"{entry.outcome}: {entry.detail}" if entry.detail else entry.outcome, _changed(entry),
        )
        for entry in found
    ]  # fmt: skip
    print_table(header, rows, caption="" if rows else "Nothing yet.")


def _entries(audit: Audit, which: AuditFilter, limit: int) -> Iterator[Entry]:
    from dataclasses import replace

    left = limit or None
    while True:
        page = audit.entries(which, min(_PAGE, left or _PAGE))
        yield from page
        left = left - len(page) if left is not None else None
        if len(page) < _PAGE or left == 0:
            return
        which = replace(which, before_number=page[-1].number)


def _changed(entry: Entry) -> str:
    before, after = entry.before or {}, entry.after or {}
    parts = []
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            parts.append(f"{name}: {old} → {new}" if name in before else f"{name}: {new}")
    return ", ".join(parts)


def _moment(text: str) -> datetime | None:
    """A day or moment in UTC; ``7d`` and ``12h`` count back from now.

    Example:
        >>> _moment("2026-01-31"), _moment("")
        (datetime.datetime(2026, 1, 31, 0, 0, tzinfo=datetime.timezone.utc), None)

    Raises:
        OloError: bad-parameter.
    """
    if not text:
        return None
    units = {"d": "days", "h": "hours", "m": "minutes"}
    try:
        if text[:-1].isdecimal() and text[-1] in units:
            return datetime.now(UTC) - timedelta(**{units[text[-1]]: int(text[:-1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        hint = "2026-01-31, 2026-01-31T06:00Z, 7d, 12h"
        raise OloError(f"{text!r} is no day or moment.", code="bad-parameter", hint=hint) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
