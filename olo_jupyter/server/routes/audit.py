"""The audit: /olo/api/audit"""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.audit import AuditEntry, AuditList, AuditQuery
from olo_jupyter.server.routes.route import Route


def _audit(context: Context, *, query: AuditQuery) -> AuditList:
    from olo_jupyter.store.audit import Audit, AuditFilter

    which = AuditFilter(
        who=query.who,
        action=query.action,
        subject=query.subject,
        outcome=query.outcome or "",
        since=query.since,
        until=query.until,
        before_number=query.before,
    )
    found = Audit(context.opened.database).entries(which, query.limit + 1)
    entries = [AuditEntry.model_validate(entry.as_json()) for entry in found[: query.limit]]
    return AuditList(entries=entries, more=len(found) > query.limit)


ROUTES = [
    Route("GET", "/audit", "audit", "read", _audit, AuditList, query=AuditQuery, summary="Who did what, newest first."),
]
