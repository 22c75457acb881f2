"""A promotion's outcome as a cell's output."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from olo_converters.findings import Finding
    from olo_jupyter.promotion.promote import Promotion

_MARKS = {"verified": "✓", "planned": "·", "unverified": "?", "different": "✗", "refused": "✗"}


MIME_TYPE = "application/vnd.olo.promotion+json"
_LINK = re.compile(r"((?:pull request|edit): )((?:https?|vscode)://[^\s<]+)")


class PromotionView:
    """Shows a promotion as text and HTML; ``promotion`` is the value itself."""

    def __init__(self, promotion: Promotion) -> None:
        self.promotion = promotion

    def lines(self) -> list[str]:
        """The outcome in plain text: status, proof, files, branch, findings."""
        promotion = self.promotion
        lines = [f"{_MARKS[promotion.status]} {promotion.name}: {self._headline()}"]
        if promotion.status != "refused":
            lines += [f"  {artefact.kind}: {artefact.path}" for artefact in promotion.artefacts]
        publication = promotion.publication
        if publication is not None:
            state = "pushed" if publication.pushed else "committed, not pushed"
            lines.append(f"  branch: {publication.branch} at {publication.commit[:12]} ({state})")
        lines += [f"  conflict: {path}" for path in promotion.conflicts]
        if promotion.pull_request is not None:
            lines.append(f"  pull request: {promotion.pull_request.url}")
        if promotion.editor:
            lines.append(f"  edit: {promotion.editor}")
        for finding in promotion.findings:
            lines += _finding_lines(finding)
        return lines

    def _headline(self) -> str:
        promotion = self.promotion
        rows = promotion.evidence.get("rows")
        counted = f", {rows:,} {'row' if rows == 1 else 'rows'}" if rows is not None else ""
        proved = promotion.status == "verified"  # of all else a finding tells the reason
        label = promotion.evidence.get("label", promotion.status) if proved else promotion.status
        return f"{promotion.kind} → {promotion.relation} · {label}{counted}"

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        first, *rest = self.lines()
        body = html.escape("\n".join(rest))
        return {
            "text/plain": "\n".join([first, *rest]),
            "text/html": f"<strong>{html.escape(first)}</strong><pre>{_linked(body)}</pre>",
            MIME_TYPE: self.promotion.state,
        }


def _finding_lines(finding: Finding) -> Iterator[str]:
    where = f" (cell {finding.cell}" + (f", line {finding.line})" if finding.line else ")") if finding.cell else ""
    yield f"  {finding.severity}: {finding.message}{where} [{finding.code}]"
    if finding.hint:
        yield f"    → {finding.hint}"


def _linked(escaped: str) -> str:
    """The addresses of the pull request and of the editor as links."""
    return _LINK.sub(r'\1<a href="\2" target="_blank" rel="noopener">\2</a>', escaped)
