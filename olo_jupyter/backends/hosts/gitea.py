"""Gitea and Forgejo, by their API v1: a draft is a pull request whose title starts with ``WIP:``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import Check, Outcome, Proposal, PullRequest, Review, Verdict, latest
from olo_jupyter.backends.hosts.transport import HostClient

_DRAFT = "WIP: "
_PAGE = 50
_LABEL_COLOUR = "#4c6ef5"
_OUTCOMES: dict[str, Outcome] = {"success": "success", "pending": "pending", "warning": "neutral", "skipped": "neutral"}
_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved", "REQUEST_CHANGES": "changes_requested", "COMMENT": "commented",
}  # fmt: skip


def headers(token: str) -> dict[str, str]:
    """What every request carries."""
    return {"Authorization": f"token {token}"}


class _Branch(Answer):
    ref: str
    sha: str = ""
    label: str = ""


class _Pull(Answer):
    number: int
    html_url: str
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    draft: bool = False
    merged: bool = False
    merge_commit_sha: str | None = None
    head: _Branch
    base: _Branch

    def told(self) -> PullRequest:
        return PullRequest(
            self.number, self.html_url, self.title.removeprefix(_DRAFT), "merged" if self.merged else self.state,
            self.draft or self.title.startswith(_DRAFT), self.head.ref, self.base.ref, self.head.sha,
            (self.merge_commit_sha or "") if self.merged else "", self.body or "",
        )  # fmt: skip


class _Label(Answer):
    id: int
    name: str


class _Comment(Answer):
    html_url: str


class _Status(Answer):
    id: int
    context: str
    status: str
    target_url: str | None = None


class _User(Answer):
    login: str


class _Review(Answer):
    user: _User | None = None
    state: str
    dismissed: bool = False


class Gitea:
    """One repository.

    Args:
        path: ``owner/name``.
        web: The host's pages.
    """

    kind = "gitea"

    def __init__(self, client: HostClient, path: str, web: str) -> None:
        self._client = client
        self._page = f"{web}/{path}"
        self._root = f"repos/{path}"

    def find(self, head: str, base: str, *, ended: bool = False) -> PullRequest | None:
        """The open pull request from ``head`` to ``base``, or the newest of all."""
        owner, _, branch = head.rpartition(":")
        found = None
        state = "all" if ended else "open"
        for item in self._client.pages(f"{self._root}/pulls", state=state, sort="recentupdate", limit=_PAGE):
            pull = read(_Pull, item)
            names = {pull.head.ref, pull.head.label}
            same = pull.base.ref == base and (head in names if owner else branch in names)
            if same and (found is None or pull.number > found.number):
                found = pull
        return found.told() if found is not None else None

    def get(self, number: int) -> PullRequest:
        """A pull request."""
        return read(_Pull, self._client.get(f"{self._root}/pulls/{number}")).told()

    def create(self, proposal: Proposal) -> PullRequest:
        """Open a pull request."""
        body = {
            "title": f"{_DRAFT if proposal.draft else ''}{proposal.title}", "head": proposal.head,
            "base": proposal.base, "body": proposal.body,
        }  # fmt: skip
        return read(_Pull, self._client.send("POST", f"{self._root}/pulls", body)).told()

    def update(self, number: int, *, title: str, body: str) -> PullRequest:
        """Set title and body."""
        draft = _DRAFT if self.get(number).draft else ""
        return self._change(number, title=f"{draft}{title}", body=body)

    def set_draft(self, number: int, draft: bool) -> PullRequest:
        """Make it a draft, or ready."""
        now = self.get(number)
        return now if now.draft == draft else self._change(number, title=f"{_DRAFT if draft else ''}{now.title}")

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels; those that the repository lacks are made."""
        known = {
            label.name: label.id
            for item in self._client.pages(f"{self._root}/labels", limit=_PAGE)
            for label in [read(_Label, item)]
        }
        for name in labels:
            if name not in known:
                made = self._client.send("POST", f"{self._root}/labels", {"name": name, "color": _LABEL_COLOUR})
                known[name] = read(_Label, made).id
        self._client.send("POST", f"{self._root}/issues/{number}/labels", {"labels": [known[name] for name in labels]})

    def request_reviews(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask people and teams (``org/team``) for reviews."""
        people = [name for name in reviewers if "/" not in name]
        teams = [name.split("/")[-1] for name in reviewers if "/" in name]
        body = {"reviewers": people, "team_reviewers": teams}
        self._client.send("POST", f"{self._root}/pulls/{number}/requested_reviewers", body)

    def comment(self, number: int, body: str) -> str:
        """Write a comment."""
        made = self._client.send("POST", f"{self._root}/issues/{number}/comments", {"body": body})
        return read(_Comment, made).html_url

    def checks(self, sha: str) -> list[Check]:
        """The statuses of a commit, the newest of each context."""
        # By number: statuses of one second come in any order.
        newest: dict[str, _Status] = {}
        for item in self._client.pages(f"{self._root}/commits/{quote(sha)}/statuses", limit=_PAGE):
            status = read(_Status, item)
            if status.context not in newest or status.id > newest[status.context].id:
                newest[status.context] = status
        return [
            Check(status.context, _OUTCOMES.get(status.status, "failure"), status.target_url or "")
            for status in newest.values()
        ]

    def reviews(self, number: int) -> list[Review]:
        """The last word of each reviewer; dismissed ones don't count."""
        pages = self._client.pages(f"{self._root}/pulls/{number}/reviews", limit=_PAGE)
        found = [review for item in pages if not (review := read(_Review, item)).dismissed]
        return latest(
            [Review(r.user.login, _VERDICTS[r.state]) for r in found if r.user is not None and r.state in _VERDICTS]
        )

    def file_url(self, path: str, revision: str, line: int | None = None) -> str:
        """The page of a file at a commit."""
        return f"{self._page}/src/commit/{quote(revision)}/{quote(path)}{f'#L{line}' if line else ''}"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _change(self, number: int, **values: object) -> PullRequest:
        return read(_Pull, self._client.send("PATCH", f"{self._root}/pulls/{number}", values)).told()
