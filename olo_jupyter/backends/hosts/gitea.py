"""Gitea and Forgejo, by their API v1: a draft is a pull request whose title starts with ``WIP:``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote, urljoin

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import Check, Outcome, Proposal, PullRequest, Review, Verdict, forked
from olo_jupyter.backends.hosts.shared import Label, PullHost, TitledDrafts, User, owned

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


class _Where(Answer):
    full_name: str


class _Branch(Answer):
    repo: _Where | None = None
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
    labels: tuple[Label, ...] | None = None
    requested_reviewers: tuple[User, ...] | None = None

    def comes_from(self, fork: str) -> bool:
        """Whether its branch is in this fork, or in the repository itself; of one that was removed nobody knows."""
        if self.head.repo is None or self.base.repo is None:
            return True
        return self.head.repo.full_name.lower() == (fork or self.base.repo.full_name).lower()

    def told(self) -> PullRequest:
        return PullRequest(
            self.number, self.html_url, self.title.removeprefix(_DRAFT), "merged" if self.merged else self.state,
            self.draft or self.title.startswith(_DRAFT), self.head.ref, self.base.ref, self.head.sha,
            (self.merge_commit_sha or "") if self.merged else "", self.body or "",
            tuple(label.name for label in self.labels or ()),
            tuple(user.login for user in self.requested_reviewers or ()),
        )  # fmt: skip


class _Label(Label):
    id: int


class _Status(Answer):
    id: int
    context: str
    status: str
    target_url: str | None = None


class Gitea(PullHost, TitledDrafts):
    """One repository.

    Args:
        path: ``owner/name``.
        web: The host's pages.
    """

    kind = "gitea"
    draft_prefix = _DRAFT

    def find(self, head: str, base: str, *, ended: bool = False) -> PullRequest | None:
        """The open pull request from ``head`` to ``base``, or the newest of all."""
        fork, branch = forked(head)
        found = None
        state = "all" if ended else "open"
        for item in self._client.pages(f"{self._root}/pulls", state=state, sort="recentupdate", limit=_PAGE):
            pull = read(_Pull, item)
            same = pull.base.ref == base and branch in (pull.head.ref, pull.head.label) and pull.comes_from(fork)
            if same and (found is None or pull.number > found.number):
                found = pull
        return found.told() if found is not None else None

    def get(self, number: int) -> PullRequest:
        """A pull request."""
        return read(_Pull, self._client.get(f"{self._root}/pulls/{number}")).told()

    def create(self, proposal: Proposal) -> PullRequest:
        """Open a pull request."""
        body = {
            "title": self._titled(proposal.title, proposal.draft), "head": owned(proposal.head),
            "base": proposal.base, "body": proposal.body,
        }  # fmt: skip
        return read(_Pull, self._client.send("POST", f"{self._root}/pulls", body)).told()

    def update(self, number: int, *, title: str, body: str) -> PullRequest:
        """Set title and body."""
        return self._change(number, title=self._titled(title, self.get(number).draft), body=body)

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

    def checks(self, sha: str) -> list[Check]:
        """The statuses of a commit, the newest of each context."""
        # By number: statuses of one second come in any order.
        newest: dict[str, _Status] = {}
        for item in self._client.pages(f"{self._root}/commits/{quote(sha)}/statuses", limit=_PAGE):
            status = read(_Status, item)
            if status.context not in newest or status.id > newest[status.context].id:
                newest[status.context] = status
        # The addresses of its own workflows are without the host.
        return [
            Check(status.context, _OUTCOMES.get(status.status, "failure"), _absolute(self._page, status.target_url))
            for status in newest.values()
        ]

    def reviews(self, number: int) -> list[Review]:
        """The last word of each reviewer; dismissed ones don't count."""
        return self._last_words(number, _VERDICTS, limit=_PAGE)

    def file_url(self, path: str, revision: str, line: int | None = None) -> str:
        """The page of a file at a commit."""
        return f"{self._page}/src/commit/{quote(revision)}/{quote(path)}{f'#L{line}' if line else ''}"

    def _change(self, number: int, **values: object) -> PullRequest:
        return read(_Pull, self._client.send("PATCH", f"{self._root}/pulls/{number}", values)).told()


def _absolute(page: str, address: str | None) -> str:
    """An address on the host as a whole one.

    Example:
        >>> _absolute("https://example.org/git/ana/flights", "/git/ana/flights/actions/runs/5")
        'https://example.org/git/ana/flights/actions/runs/5'
    """
    return urljoin(page, address) if address else ""
