"""What the APIs of two hosts have in common: pull requests of GitHub and Gitea, drafts told by the title."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from olo_jupyter.backends.hosts.answers import Answer, read
from olo_jupyter.backends.hosts.base import Fork, HostError, PullRequest, Review, Verdict, forked, latest
from olo_jupyter.backends.hosts.transport import HostClient


class _Comment(Answer):
    html_url: str


class User(Answer):
    """An account."""

    login: str


class Label(Answer):
    """A label of a pull request."""

    name: str


class ReviewAnswer(Answer):
    """A review, as both hosts tell it."""

    user: User | None = None
    state: str
    dismissed: bool = False


class _Permissions(Answer):
    push: bool = False


class _Repository(Answer):
    full_name: str
    clone_url: str
    ssh_url: str
    owner: User
    permissions: _Permissions | None = None


FORK_SECONDS = 30.0
"""How long a host may take to copy a repository."""


def until_there(look: Callable[[], bool], name: str, seconds: float = FORK_SECONDS) -> None:
    """Wait until a fork can be used.

    Raises:
        HostError: It can't after ``seconds``.
    """
    end = time.monotonic() + seconds
    while not look():
        if time.monotonic() > end:
            raise HostError(f"The fork {name} isn't ready after {seconds:g} s.", hint="Promote again in a while.")
        time.sleep(0.5)


def owned(head: str) -> str:
    """A head as both hosts name it: ``owner:branch`` from a fork.

    Example:
        >>> owned("bo/flights:olo/bo/delays"), owned("olo/bo/delays")
        ('bo:olo/bo/delays', 'olo/bo/delays')
    """
    path, branch = forked(head)
    return f"{path.split('/')[0]}:{branch}" if path else branch


class PullHost:
    """Forks, reviewers, comments and reviews, as GitHub's API and Gitea's, which follows it, have them.

    Args:
        path: ``owner/name``.
        web: The host's pages.
    """

    def __init__(self, client: HostClient, path: str, web: str) -> None:
        self._client = client
        self._page = f"{web}/{path}"
        self._root = f"repos/{path}"

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

    def fork(self) -> Fork | None:
        """The account's fork; made where it has none and may not push."""
        here = read(_Repository, self._client.get(self._root))
        if here.permissions is not None and here.permissions.push:
            return None
        me = read(User, self._client.get("user")).login
        made = next(
            (
                fork
                for item in self._client.pages(f"{self._root}/forks")
                for fork in [read(_Repository, item)]
                if fork.owner.login == me
            ),
            None,
        )
        if made is None:
            made = read(_Repository, self._client.send("POST", f"{self._root}/forks", {}))
            until_there(lambda: self._is_there(f"repos/{made.full_name}"), made.full_name)
        return Fork(made.full_name, made.clone_url, made.ssh_url)

    def _is_there(self, path: str) -> bool:
        try:
            self._client.get(f"{path}/branches")
        except HostError as error:
            if error.code in ("host-not-found", "host-exists"):  # GitHub copies it still
                return False
            raise
        return True

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _last_words(self, number: int, verdicts: Mapping[str, Verdict], **page: int) -> list[Review]:
        """The last word of each reviewer; dismissed ones don't count."""
        found = [
            read(ReviewAnswer, item) for item in self._client.pages(f"{self._root}/pulls/{number}/reviews", **page)
        ]
        return latest(
            [
                Review(review.user.login, verdicts[review.state])
                for review in found
                if review.user is not None and review.state in verdicts and not review.dismissed
            ]
        )


class TitledDrafts(ABC):
    """Drafts of a host where the title's start tells that it is one."""

    draft_prefix: ClassVar[str]

    @abstractmethod
    def get(self, number: int) -> PullRequest:
        """A pull request, its title without the prefix."""

    @abstractmethod
    def _change(self, number: int, **values: object) -> PullRequest:
        """Set values of a pull request; ``title`` with the prefix where it is a draft."""

    def _titled(self, title: str, draft: bool) -> str:
        return f"{self.draft_prefix if draft else ''}{title}"

    def set_draft(self, number: int, draft: bool) -> PullRequest:
        """Make it a draft, or ready."""
        now = self.get(number)
        return now if now.draft == draft else self._change(number, title=self._titled(now.title, draft))
