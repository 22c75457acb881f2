"""GitLab, by its REST API v4: pull requests are merge requests, a draft is one whose title says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import (
    Check,
    Fork,
    HostError,
    Outcome,
    Proposal,
    PullRequest,
    Review,
    State,
    Verdict,
    forked,
)
from olo_jupyter.backends.hosts.shared import TitledDrafts, until_there
from olo_jupyter.backends.hosts.transport import HostClient

_DRAFT = "Draft: "
_DEVELOPER = 30
"""The access level from which on an account may push: https://docs.gitlab.com/api/access_requests/."""
_STATES: dict[str, State] = {"opened": "open", "locked": "open", "closed": "closed", "merged": "merged"}
_OUTCOMES: dict[str, Outcome] = {"success": "success", "failed": "failure", "skipped": "neutral", "manual": "neutral"}
_ENDED_BADLY = {"canceled", "canceling"}


def headers(token: str) -> dict[str, str]:
    """What every request carries; a Bearer is taken for personal, project and OAuth tokens alike."""
    return {"Authorization": f"Bearer {token}"}


class _User(Answer):
    id: int
    username: str


class _MergeRequest(Answer):
    iid: int
    web_url: str
    title: str
    description: str | None = None
    state: Literal["opened", "closed", "locked", "merged"]
    draft: bool = False
    source_branch: str
    source_project_id: int | None = None
    target_branch: str
    sha: str | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[_User, ...] = ()

    def told(self) -> PullRequest:
        merged_as = self.merge_commit_sha or self.squash_commit_sha or self.sha or ""
        return PullRequest(
            self.iid, self.web_url, self.title.removeprefix(_DRAFT), _STATES[self.state], self.draft,
            self.source_branch, self.target_branch, self.sha or "", merged_as if self.state == "merged" else "",
            self.description or "", self.labels, tuple(user.username for user in self.reviewers),
        )  # fmt: skip


class _Access(Answer):
    access_level: int = 0


class _Permissions(Answer):
    project_access: _Access | None = None
    group_access: _Access | None = None

    @property
    def may_push(self) -> bool:
        levels = [access.access_level for access in (self.project_access, self.group_access) if access is not None]
        return max(levels, default=0) >= _DEVELOPER


class _Project(Answer):
    id: int
    path_with_namespace: str
    http_url_to_repo: str
    ssh_url_to_repo: str
    import_status: str | None = None
    permissions: _Permissions | None = None

    @property
    def is_there(self) -> bool:
        if self.import_status == "failed":
            raise HostError(f"GitLab couldn't copy {self.path_with_namespace}.", hint="Remove it, then try again.")
        return self.import_status in (None, "none", "finished")


class _Note(Answer):
    id: int


class _Status(Answer):
    name: str
    status: str
    target_url: str | None = None


class _Approval(Answer):
    user: _User


class _Approvals(Answer):
    approved_by: tuple[_Approval, ...] = ()


class _Reviewer(Answer):
    user: _User
    state: str


class GitLab(TitledDrafts):
    """One project.

    Args:
        path: ``group/…/name``.
        web: The host's pages.
    """

    kind = "gitlab"
    draft_prefix = _DRAFT

    def __init__(self, client: HostClient, path: str, web: str) -> None:
        self._client = client
        self._page = f"{web}/{path}"
        self._root = f"projects/{quote(path, safe='')}"
        self._requests = f"{self._root}/merge_requests"

    def find(self, head: str, base: str, *, ended: bool = False) -> PullRequest | None:
        """The open merge request from ``head`` to ``base``, or the newest of all: it is listed first."""
        path, branch = forked(head)
        found = self._client.pages(
            self._requests, source_branch=branch, target_branch=base, state="all" if ended else "opened", per_page=100
        )
        source = self._project(path).id if path else None
        requests = (read(_MergeRequest, item) for item in found)
        return next((each.told() for each in requests if source in (None, each.source_project_id)), None)

    def get(self, number: int) -> PullRequest:
        """A merge request."""
        return read(_MergeRequest, self._client.get(f"{self._requests}/{number}")).told()

    def create(self, proposal: Proposal) -> PullRequest:
        """Open a merge request."""
        path, branch = forked(proposal.head)
        body = {
            "source_branch": branch, "target_branch": proposal.base, "description": proposal.body,
            "title": self._titled(proposal.title, proposal.draft), "remove_source_branch": True,
        }  # fmt: skip
        if not path:
            return read(_MergeRequest, self._client.send("POST", self._requests, body)).told()
        # A request from a fork is made in the fork.
        body["target_project_id"] = self._project().id
        made = self._client.send("POST", f"projects/{quote(path, safe='')}/merge_requests", body)
        return read(_MergeRequest, made).told()

    def update(self, number: int, *, title: str, body: str) -> PullRequest:
        """Set title and description."""
        return self._change(number, title=self._titled(title, self.get(number).draft), description=body)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels; GitLab makes those that the project lacks."""
        if any("," in label for label in labels):
            raise HostError("A label of GitLab holds no comma.", code="host-invalid")
        self._change(number, add_labels=list(labels))

    def request_reviews(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask people for reviews, beside those asked before."""
        ids = [self._user(name) for name in reviewers]
        asked = [read(_Reviewer, item) for item in self._client.pages(f"{self._requests}/{number}/reviewers")]
        self._change(number, reviewer_ids=list(dict.fromkeys([*(item.user.id for item in asked), *ids])))

    def comment(self, number: int, body: str) -> str:
        """Write a note."""
        made = read(_Note, self._client.send("POST", f"{self._requests}/{number}/notes", {"body": body}))
        return f"{self._page}/-/merge_requests/{number}#note_{made.id}"

    def checks(self, sha: str) -> list[Check]:
        """The statuses of a commit: jobs of pipelines, and those that others set."""
        found = self._client.pages(f"{self._root}/repository/commits/{quote(sha)}/statuses", per_page=100)
        told = [read(_Status, item) for item in found]
        return [Check(status.name, _outcome(status.status), status.target_url or "") for status in told]

    def reviews(self, number: int) -> list[Review]:
        """Approvals, and reviewers who asked for changes."""
        verdicts: dict[str, Verdict] = {}
        for item in self._client.pages(f"{self._requests}/{number}/reviewers"):
            reviewer = read(_Reviewer, item)
            if reviewer.state == "requested_changes":
                verdicts[reviewer.user.username] = "changes_requested"
            elif reviewer.state in ("reviewed", "review_started"):
                verdicts[reviewer.user.username] = "commented"
        for approval in read(_Approvals, self._client.get(f"{self._requests}/{number}/approvals")).approved_by:
            verdicts[approval.user.username] = "approved"
        return [Review(user, verdict) for user, verdict in verdicts.items()]

    def fork(self) -> Fork | None:
        """The account's fork; made where it has none and may not push."""
        here = self._project()
        if here.permissions is not None and here.permissions.may_push:
            return None
        known = self._client.pages(f"{self._root}/forks", owned="true", per_page=100)
        made = next((read(_Project, item) for item in known), None)
        if made is None:
            made = read(_Project, self._client.send("POST", f"{self._root}/fork", {}))
            path = made.path_with_namespace
            until_there(lambda: self._project(path).is_there, path)
        return Fork(made.path_with_namespace, made.http_url_to_repo, made.ssh_url_to_repo)

    def file_url(self, path: str, revision: str, line: int | None = None) -> str:
        """The page of a file."""
        return f"{self._page}/-/blob/{quote(revision)}/{quote(path)}{f'#L{line}' if line else ''}"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _change(self, number: int, **values: object) -> PullRequest:
        return read(_MergeRequest, self._client.send("PUT", f"{self._requests}/{number}", values)).told()

    def _project(self, path: str = "") -> _Project:
        """A project; this one by default."""
        root = f"projects/{quote(path, safe='')}" if path else self._root
        return read(_Project, self._client.get(root))

    def _user(self, name: str) -> int:
        found = [read(_User, item) for item in self._client.get("users", username=name)]
        if not found:
            raise HostError(f"GitLab knows no user {name!r}.", code="host-invalid")
        return found[0].id


def _outcome(status: str) -> Outcome:
    return "failure" if status in _ENDED_BADLY else _OUTCOMES.get(status, "pending")
