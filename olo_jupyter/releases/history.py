"""The deployments of a target: the commits of its deploy branch, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from olo_jobs.deployment import FILE, Deployment, deploy_branch, parse_deployment
from olo_jobs.problem import SpecError
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.git import NETWORK_SECONDS, GitError
from olo_jupyter.promotion.repository import REMOTE, Repository


class ReleaseError(OloError):
    """A plan, deployment or rollback that can't be; nothing was changed."""

    default_code = "deploy-refused"


@dataclass(frozen=True)
class Recorded:
    """A deployment and the commit of the deploy branch that records it."""

    revision: str
    deployment: Deployment


class DeployBranch:
    """The deploy branch of a target: the remote's where there is one, else the repository's own.

    Args:
        user: Whose sandbox it is; without meaning for other targets.
    """

    def __init__(self, repository: Repository, target: str, user: str) -> None:
        self.repository = repository
        self.target = target
        self.name = deploy_branch(target, user)
        self.remote = repository.has_remote
        self.ref = f"refs/remotes/{REMOTE}/{self.name}" if self.remote else f"refs/heads/{self.name}"
        self.refresh()

    def refresh(self) -> None:
        """Bring it up to date with the remote.

        Raises:
            ReleaseError: The remote can't be reached: what is deployed isn't known then.
        """
        if not self.remote:
            return
        git, network = self.repository.git, self.repository.network
        try:
            listed = git("ls-remote", REMOTE, f"refs/heads/{self.name}", seconds=NETWORK_SECONDS, env=network)
            if not listed:
                git.run("update-ref", "-d", self.ref)
                return
            spec = f"+refs/heads/{self.name}:{self.ref}"
            git(
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                REMOTE,
                spec,
                seconds=NETWORK_SECONDS,
                env=network,
            )
        except GitError as error:
            raise ReleaseError(
                f"The remote {REMOTE} can't be reached, so what {self.target} runs isn't known: {error.message}",
                code="remote-unreachable",
                hint="Try again when it answers; nothing was changed.",
            ) from error

    @property
    def head(self) -> str | None:
        """The newest commit, None where nothing was deployed yet."""
        return self.repository.git.commit_of(self.ref)

    def current(self) -> Recorded | None:
        """What the target runs, None where nothing was deployed yet."""
        return next(self.history(), None)

    def history(self) -> Iterator[Recorded]:
        """All deployments, newest first.

        Raises:
            ReleaseError: foreign-commit: the branch holds a commit that is no deployment.
        """
        if self.head is None:
            return
        number: int | None = None
        for revision in self.repository.git("rev-list", "--first-parent", self.ref).split("\n"):
            if number == 1:
                return  # below it lies the project's own history
            found = self._read(revision)
            number = found.number
            yield Recorded(revision, found)

    def _read(self, revision: str) -> Deployment:
        data = self.repository.git.file_at(revision, f"{self.repository.prefix}{FILE}")
        try:
            if data is not None:
                return parse_deployment(data, FILE)
            said = f"it has no {FILE}"
        except SpecError as error:
            said = error.problems[0].message
        raise ReleaseError(
            f"Commit {revision[:12]} on {self.name} is no deployment: {said}.",
            code="foreign-commit",
            hint=f"Only olo deploy and olo rollback may write {self.name}: protect it, and take that commit off.",
        )

    def push(self, commit: str, before: str | None) -> bool:
        """Make ``commit`` the newest; False where the branch moved since ``before``: nothing was changed then.

        Raises:
            ReleaseError: The remote said no for another reason, e.g. the branch is protected.
        """
        git = self.repository.git
        if not self.remote:
            return git.succeeds("update-ref", "-m", "olo deploy", self.ref, commit, before or "0" * len(commit))
        pushed = git.run(
            "push", "--quiet", "--porcelain", f"--force-with-lease=refs/heads/{self.name}:{before or ''}", REMOTE,
            f"{commit}:refs/heads/{self.name}", seconds=NETWORK_SECONDS, env=self.repository.network,
        )  # fmt: skip
        if pushed.code == 0:
            git("update-ref", self.ref, commit)
            return True
        self.refresh()
        if self.head == commit:
            return True  # it took the push, and its answer was lost
        if self.head != before:
            return False
        said = pushed.err.strip() or pushed.text.strip()
        raise ReleaseError(
            f"{REMOTE} refused {self.name}: {said.splitlines()[-1] if said else 'it said nothing'}",
            code="push-refused",
            hint="The account needs the right to push to this branch.",
        )
