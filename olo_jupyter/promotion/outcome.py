"""What a promotion came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from olo_converters.artefact import Artefact
from olo_converters.findings import Finding
from olo_converters.options import PromoteOptions
from olo_jupyter.backends.hosts.base import PullRequest
from olo_jupyter.promotion.changes import Change
from olo_jupyter.promotion.editor import link
from olo_jupyter.promotion.publish import Publication
from olo_jupyter.promotion.verify import Verification

Status = Literal["planned", "refused", "verified", "different", "unverified"]


@dataclass(frozen=True)
class Promotion:
    """What a promotion came to.

    Args:
        status: ``planned``, ``refused`` (an error among the findings; nothing was published), or the proof's.
        artefacts: The files as they were converted.
        cells: Ids of the notebook's cells that went into them, in order; ``slice`` is their source.
        evidence: What the evidence file holds; empty before the proof.
        publication: Branch, commit, pushed, diff; None where nothing was published.
        pull_request: The open one, where one was asked for.
        folder: Where the branch is checked out to be edited; None where it is in none of ours.
        conflicts: Files with Git's conflict marks, outside of the checkout: what couldn't be merged.
        options: What was asked for.
        changes: What it does to each file of the project; empty where nothing was converted.
    """

    name: str
    kind: str
    layer: str
    relation: str
    branch: str
    status: Status
    artefacts: tuple[Artefact, ...]
    findings: tuple[Finding, ...]
    cells: tuple[str, ...] = ()
    slice: str = ""
    verification: Verification | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    publication: Publication | None = None
    pull_request: PullRequest | None = None
    wants_pull_request: bool = False
    folder: Path | None = None
    conflicts: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    options: PromoteOptions = field(default_factory=PromoteOptions)

    @property
    def succeeded(self) -> bool:
        """Whether everything that was asked for was done: planned without error, or pushed and proposed."""
        pushed = self.publication is not None and self.publication.pushed
        return self.status == "planned" or (pushed and (self.pull_request is not None or not self.wants_pull_request))

    @property
    def editor(self) -> str:
        """The address that opens its first file on its branch, in code-server or VS Code; '' without a folder."""
        path = next((change.path for change in self.changes if change.after is not None), "")
        return link(self.folder, path) if self.folder is not None else ""

    def _opened(self, change: Change) -> str:
        """The address that opens a changed file on its branch; '' where it isn't there to be opened."""
        return link(self.folder, change.path) if self.folder is not None and change.after is not None else ""

    @property
    def state(self) -> dict[str, Any]:
        """Where it stands in Git, as JSON values: for a cell's output and for ``as_json``."""
        publication, pull = self.publication, self.pull_request
        return {
            "name": self.name,
            "kind": self.kind,
            "relation": self.relation,
            "status": self.status,
            "branch": publication.branch if publication else None,
            "commit": publication.commit if publication else None,
            "pushed": publication.pushed if publication else False,
            "pull_request": {"number": pull.number, "url": pull.url} if pull else None,
            "editor": self.editor,
        }

    def as_json(self) -> dict[str, Any]:
        """The promotion as ``--json`` shows it, with the files' text."""
        return {
            **self.state,
            "options": self.options.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "cells": list(self.cells),
            "slice": self.slice,
            "artefacts": [{"path": made.path, "kind": made.kind, "text": made.text} for made in self.artefacts],
            "findings": [finding.as_json() for finding in self.findings],
            "conflicts": list(self.conflicts),
            "folder": str(self.folder) if self.folder is not None else "",
            "changes": [{**change.as_json(), "editor": self._opened(change)} for change in self.changes],
            "evidence": dict(self.evidence),
        }
