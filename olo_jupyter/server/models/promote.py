"""Promotions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from olo_jupyter.server.models.base import Answer, Query


class PromotionsQuery(Query):
    """``host``: whether to ask the remote and its host, too; without it what this machine knows counts."""

    host: bool = False


class CheckDetail(Answer):
    """What a check says of the pull request's commit."""

    name: str
    outcome: Literal["pending", "success", "failure", "neutral"]
    url: str


class ReviewDetail(Answer):
    """The last word of a reviewer."""

    user: str
    verdict: Literal["approved", "changes_requested", "commented"]


class PullRequestDetail(Answer):
    """A pull request as its host has it."""

    number: int
    title: str
    url: str
    state: Literal["open", "closed", "merged"]
    draft: bool


class CellDetail(Answer):
    """A promoted cell; ``changed``: not what was promoted any more, ``gone``: the notebook doesn't have it any more."""

    id: str
    state: Literal["promoted", "changed", "gone"]


class DeployedDetail(Answer):
    """A target that runs a promotion; ``newest``: what was promoted last. ``changed``: cells that aren't what runs."""

    target: str
    number: int
    commit: str
    release: str
    newest: bool
    changed: list[str]


class LastRunDetail(Answer):
    """The last run of a promotion's job."""

    id: str
    state: Literal["queued", "running", "success", "failed", "cancelled", "skipped"]
    target: str
    started: datetime | None


class PromotionDetail(Answer):
    """Where a promotion stands. ``path`` is the notebook's in the file browser, '' where it is not below its root."""

    name: str
    kind: str
    relation: str
    notebook: str
    path: str
    branch: str
    commit: str
    state: Literal["local", "pushed", "open", "merged", "closed"]
    pull_request: PullRequestDetail | None
    checks: list[CheckDetail]
    reviews: list[ReviewDetail]
    cells: list[CellDetail]
    job: str
    deployed: list[DeployedDetail]
    last_run: LastRunDetail | None


class PromotionList(Answer):
    """The person's promotions; ``unasked`` says why the host wasn't asked, '' where it was."""

    promotions: list[PromotionDetail]
    unasked: str


class PromoteForm(Answer):
    """What may be said about a promotion: a JSON Schema."""

    options: dict[str, Any]
