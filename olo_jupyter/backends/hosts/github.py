"""GitHub and GitHub Enterprise, by the REST API of 2022-11-28 (drafts by GraphQL: REST can't change them)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import Check, HostError, Outcome, Proposal, PullRequest, Review, Verdict
from olo_jupyter.backends.hosts.shared import Label, PullHost, User, owned
from olo_jupyter.backends.hosts.transport import HostClient

_GRAPHQL = {True: "convertPullRequestToDraft", False: "markPullRequestReadyForReview"}
_CONCLUSIONS: dict[str | None, Outcome] = {
    None: "pending", "success": "success", "neutral": "neutral", "skipped": "neutral", "stale": "neutral",
}  # fmt: skip
_STATES: dict[str, Outcome] = {"success": "success", "pending": "pending"}
_VERDICTS: dict[str, Verdict] = {
    "APPROVED": "approved", "CHANGES_REQUESTED": "changes_requested", "COMMENTED": "commented",
}  # fmt: skip


def headers(token: str) -> dict[str, str]:
    """What every request carries."""
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


class _Branch(Answer):
    ref: str
    sha: str


class _Team(Answer):
    slug: str


class _Pull(Answer):
    number: int
    node_id: str
    html_url: str
    title: str
    body: str | None = None
    state: Literal["open", "closed"]
    draft: bool = False
    merged_at: str | None = None
    merge_commit_sha: str | None = None
    head: _Branch
    base: _Branch
    labels: tuple[Label, ...] = ()
    requested_reviewers: tuple[User, ...] | None = None
    requested_teams: tuple[_Team, ...] | None = None

    def told(self) -> PullRequest:
        merged = self.merged_at is not None
        return PullRequest(
            self.number, self.html_url, self.title, "merged" if merged else self.state, self.draft,
            self.head.ref, self.base.ref, self.head.sha, (self.merge_commit_sha or "") if merged else "",
            self.body or "", tuple(label.name for label in self.labels),
            (*(u.login for u in self.requested_reviewers or ()), *(team.slug for team in self.requested_teams or ())),
        )  # fmt: skip


class _CheckRun(Answer):
    name: str
    conclusion: str | None = None
    html_url: str | None = None


class _Status(Answer):
    context: str
    state: str
    target_url: str | None = None


class GitHub(PullHost):
    """One repository.

    Args:
        path: ``owner/name``.
        web: The host's pages, e.g. ``https://git.example.org``.
        graphql: Address of the GraphQL API, relative to the REST API.
    """

    kind = "github"

    def __init__(self, client: HostClient, path: str, web: str, graphql: str = "graphql") -> None:
        super().__init__(client, path, web)
        self._owner = path.split("/")[0]
        self._graphql = graphql

    def find(self, head: str, base: str, *, ended: bool = False) -> PullRequest | None:
        """The open pull request from ``head`` to ``base``, or the newest of all: it is listed first."""
        head = owned(head)
        found = self._client.pages(
            f"{self._root}/pulls",
            head=head if ":" in head else f"{self._owner}:{head}",
            base=base,
            state="all" if ended else "open",
            per_page=100,
        )
        return next((read(_Pull, item).told() for item in found), None)

    def get(self, number: int) -> PullRequest:
        """A pull request."""
        return self._pull(number).told()

    def create(self, proposal: Proposal) -> PullRequest:
        """Open a pull request."""
        body = {
            "title": proposal.title, "head": owned(proposal.head), "base": proposal.base, "body": proposal.body,
            "draft": proposal.draft,
        }  # fmt: skip
        try:
            made = self._client.send("POST", f"{self._root}/pulls", body)
        except HostError as error:
            if error.code == "host-invalid" and "already exists" in error.message:
                raise HostError(error.message, code="host-exists") from error
            raise
        return read(_Pull, made).told()

    def update(self, number: int, *, title: str, body: str) -> PullRequest:
        """Set title and body."""
        changed = self._client.send("PATCH", f"{self._root}/pulls/{number}", {"title": title, "body": body})
        return read(_Pull, changed).told()

    def set_draft(self, number: int, draft: bool) -> PullRequest:
        """Make it a draft, or ready."""
        pull = self._pull(number)
        if pull.draft != draft:
            mutation = (
                f"mutation($id: ID!) {{ {_GRAPHQL[draft]}(input: {{pullRequestId: $id}}) {{ clientMutationId }} }}"
            )
            answer: Any = self._client.send(
                "POST", self._graphql, {"query": mutation, "variables": {"id": pull.node_id}}
            )
            if isinstance(answer, dict) and answer.get("errors"):
                raise HostError(f"GitHub refused: {answer['errors'][0].get('message', '')}", code="host-invalid")
        return self.get(number)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels; GitHub makes those that the repository lacks."""
        self._client.send("POST", f"{self._root}/issues/{number}/labels", {"labels": list(labels)})

    def checks(self, sha: str) -> list[Check]:
        """Check runs (Actions and apps) and commit statuses."""
        runs = self._client.get(f"{self._root}/commits/{sha}/check-runs", filter="latest", per_page=100)
        found = [read(_CheckRun, run) for run in runs.get("check_runs", [])]
        checks = [
            Check(run.name, _CONCLUSIONS.get(run.conclusion, "failure"), run.html_url or "")
            for run in found
        ]  # fmt: skip
        status = self._client.get(f"{self._root}/commits/{sha}/status", per_page=100)
        told = [read(_Status, item) for item in status.get("statuses", [])]
        return [*checks, *(Check(s.context, _STATES.get(s.state, "failure"), s.target_url or "") for s in told)]

    def reviews(self, number: int) -> list[Review]:
        """The last word of each reviewer."""
        return self._last_words(number, _VERDICTS, per_page=100)

    def file_url(self, path: str, revision: str, line: int | None = None) -> str:
        """The page of a file."""
        return f"{self._page}/blob/{quote(revision)}/{quote(path)}{f'#L{line}' if line else ''}"

    def _pull(self, number: int) -> _Pull:
        return read(_Pull, self._client.get(f"{self._root}/pulls/{number}"))
