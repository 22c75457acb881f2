"""What every Git host can do with a pull request (a merge request, where it is called so)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from olo_jupyter.errors import OloError

State = Literal["open", "closed", "merged"]
Outcome = Literal["pending", "success", "failure", "neutral"]
Verdict = Literal["approved", "changes_requested", "commented"]


class HostError(OloError):
    """The host said no, or nothing.

    ``code`` is one of ``host-unauthorized``, ``host-forbidden``, ``host-not-found``, ``host-exists``, ``host-invalid``,
    ``host-rate-limited``, ``host-unavailable`` (no answer, or a fault of its own: whether it acted isn't known),
    ``host-protocol`` (an answer that isn't the host's), ``host-unknown`` (which host this is).
    """

    default_code = "host-unavailable"


@dataclass(frozen=True)
class Proposal:
    """A pull request to open.

    Args:
        head: The branch with the changes; ``owner/name:branch`` from a fork.
        base: The branch that takes them.
        body: Markdown.
        labels: Names; those that the repository lacks are made where the host has them one by one.
        reviewers: Accounts; ``org/team`` is a team.
    """

    head: str
    base: str
    title: str
    body: str
    draft: bool = False
    labels: Sequence[str] = ()
    reviewers: Sequence[str] = ()


@dataclass(frozen=True)
class PullRequest:
    """A pull request as the host has it.

    Args:
        number: The one that people say: ``#7``, ``!7``.
        url: Its page.
        sha: The head's commit.
        merged_as: The commit that the merge made on the base, '' before.
        labels: Its labels.
        asked: Accounts that were asked for a review and haven't given one yet.
    """

    number: int
    url: str
    title: str
    state: State
    draft: bool
    head: str
    base: str
    sha: str
    merged_as: str = ""
    body: str = ""
    labels: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fork:
    """A person's own copy of the repository.

    Args:
        path: ``owner/name``.
        http, ssh: Its addresses for git.
    """

    path: str
    http: str
    ssh: str


@dataclass(frozen=True)
class Check:
    """What a check (a status, a pipeline) says of a commit."""

    name: str
    outcome: Outcome
    url: str = ""


@dataclass(frozen=True)
class Review:
    """The last word of a reviewer."""

    user: str
    verdict: Verdict


class GitHost(Protocol):
    """One repository on a host. Every method raises HostError."""

    @property
    def kind(self) -> str:
        """``github``, ``gitlab`` or ``gitea`` (Forgejo too)."""

    def find(self, head: str, base: str, *, ended: bool = False) -> PullRequest | None:
        """The open pull request from ``head`` to ``base``, None without one; with ``ended`` the newest, open or not."""

    def get(self, number: int) -> PullRequest:
        """A pull request, open or not."""

    def create(self, proposal: Proposal) -> PullRequest:
        """Open a pull request; labels and reviewers come by calls of their own."""

    def update(self, number: int, *, title: str, body: str) -> PullRequest:
        """Set title and body; whether it is a draft stays."""

    def set_draft(self, number: int, draft: bool) -> PullRequest:
        """Make it a draft, or ready for review."""

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to those that it has."""

    def request_reviews(self, number: int, reviewers: Sequence[str]) -> None:
        """Ask for reviews."""

    def comment(self, number: int, body: str) -> str:
        """Write a comment; gives its page."""

    def checks(self, sha: str) -> list[Check]:
        """What checks say of a commit, the newest of each name."""

    def reviews(self, number: int) -> list[Review]:
        """The last word of each reviewer."""

    def fork(self) -> Fork | None:
        """The signed-in account's fork, made where there is none; None where it may push to the repository itself."""

    def file_url(self, path: str, revision: str, line: int | None = None) -> str:
        """The page of a file at a commit or branch."""

    def close(self) -> None:
        """Close the connections."""


def forked(head: str) -> tuple[str, str]:
    """A pull request's head as the fork's ``owner/name`` ('' for the repository itself) and the branch.

    Example:
        >>> forked("bo/flights:olo/bo/delays"), forked("olo/bo/delays")
        (('bo/flights', 'olo/bo/delays'), ('', 'olo/bo/delays'))
    """
    path, _, branch = head.rpartition(":")
    return path, branch


def latest(reviews: Sequence[Review]) -> list[Review]:
    """The last word of each: a comment doesn't take back an approval.

    Example:
        >>> latest([Review("bo", "approved"), Review("bo", "commented"), Review("cy", "commented")])
        [Review(user='bo', verdict='approved'), Review(user='cy', verdict='commented')]
    """
    last: dict[str, Review] = {}
    for review in reviews:
        if review.verdict != "commented" or review.user not in last:
            last[review.user] = review
    return list(last.values())
