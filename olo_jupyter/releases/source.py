"""What is to be deployed: a commit's files, checked and resolved for a target."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from olo_jobs.deployment import Deployment
from olo_jobs.problem import Problem
from olo_jobs.target import deployed_name
from olo_jupyter.config import Settings, project_settings
from olo_jupyter.project.project import Project
from olo_jupyter.project.sandbox_writes import sandbox_writes
from olo_jupyter.project.targets import SANDBOX, Target
from olo_jupyter.project.validate import validate
from olo_jupyter.project.variables import git_branch
from olo_jupyter.promotion.git import NETWORK_SECONDS
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.repository import REMOTE, Repository, Start
from olo_jupyter.promotion.worktree import open_worktree
from olo_jupyter.releases.history import ReleaseError

RELEASE = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
"""A released version's tag (https://semver.org), without pre-release or build."""


class InvalidError(ReleaseError):
    """The project isn't valid, or not for the target; ``problems`` says where."""

    default_code = "project-invalid"

    def __init__(self, problems: list[Problem], what: str = "isn't valid") -> None:
        text = "\n".join(map(str, problems))
        super().__init__(f"The project {what}:\n{text}", hint="Nothing was changed. olo validate checks all files.")
        self.problems = problems


@dataclass(frozen=True)
class Source:
    """A project's files at a commit.

    Args:
        project: The files.
        commit: The commit that they are of; of a working tree, the one it stands on.
    """

    project: Project
    commit: str


@contextmanager
def at_ref(settings: Settings, repository: Repository, ref: str, given: Mapping[str, str]) -> Iterator[Source]:
    """The project at a branch, tag or commit, in a worktree that is removed at the end.

    Raises:
        ReleaseError: ref-not-found.
    """
    git = repository.git
    commit = git.commit_of(ref) or git.commit_of(f"refs/remotes/{REMOTE}/{ref}")
    if commit is None:
        listed = git("for-each-ref", "--format=%(refname:short)", "refs/heads", f"refs/remotes/{REMOTE}", "refs/tags")
        near = get_close_matches(ref, listed.split(), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "git fetch --tags brings the remote's; git log lists commits."
        raise ReleaseError(f"There is no branch, tag or commit {ref!r}.", code="ref-not-found", hint=hint)
    try:
        with open_worktree(repository, settings.state, f"deploy-{os.getpid()}", Start(commit, commit)) as tree:
            there = {key: value for key, value in os.environ.items() if key != "OLO_PROJECT"}
            own = project_settings(tree.root, {**there, "OLO_STATE": str(settings.state)})
            yield Source(Project(own, given=given, branch=_branch_of(repository, ref)), commit)
    except PromotionError as error:
        raise ReleaseError(error.message, code=error.code, hint=error.hint) from error


def working_tree(settings: Settings, repository: Repository, given: Mapping[str, str]) -> Source:
    """The project as it stands in the checkout, changes that aren't committed included."""
    return Source(Project(settings, given=given), repository.git.commit_of("HEAD") or "")


def _branch_of(repository: Repository, ref: str) -> str | None:
    """The branch that a ref names, else the one that is checked out."""
    for prefix in ("refs/heads/", f"refs/remotes/{REMOTE}/"):
        if repository.git.commit_of(f"{prefix}{ref}"):
            return ref
    return git_branch(repository.top)


def wanted(
    source: Source, target_name: str, *, by: str, number: int, release: str = "", dbt: bool = True
) -> Deployment:
    """What a target would run: every job resolved for it, under the name that it has there.

    Args:
        dbt: Whether dbt parses the project too.

    Raises:
        InvalidError: The project has faults.
        TargetError: No such target.
    """
    project = source.project
    target: Target = project.target(target_name)
    problems = validate(project, dbt=dbt)
    if problems:
        raise InvalidError(problems)
    jobs, problems = project.jobs(target_name)
    if problems:
        raise InvalidError(problems)
    if target_name == SANDBOX and (problems := list(sandbox_writes(project))):
        raise InvalidError(problems, "can't run in the sandbox")
    user, branch = project.settings.user, project.branch or ""
    named = {deployed_name(name, target_name, user=user, branch=branch): job for name, job in sorted(jobs.items())}
    assert target.spec is not None
    return Deployment(
        project=project.settings.name,
        target=target_name,
        commit=source.commit,
        release=release,
        by=by,
        at=datetime.now(UTC),
        number=number,
        paused=not target.production,
        spec=target.spec,
        jobs=named,
    )


def check_may_deploy(target: Target, by: str) -> None:
    """Production takes its service account only.

    Raises:
        ReleaseError: not-its-account.
    """
    if not target.takes(by):
        raise ReleaseError(
            f"{target.name} takes deployments of its service account {target.account} only, not of {by}.",
            code="not-its-account",
            hint="Release: the workflow deploys as that account. By hand: OLO_SERVICE_ACCOUNT names it, and the "
            f"branch deploy/{target.name} must let it push.",
        )


def release_of(repository: Repository, commit: str) -> str:
    """The released version that a commit is, from the remote's tags (a tag that only stands here is no release).

    Returns:
        The highest version's tag; '' where the commit is no release.
    """
    found = [(number, tag) for number, tag, sha in versions(repository) if sha == commit]
    return max(found)[1] if found else ""


def versions(repository: Repository) -> list[tuple[tuple[int, ...], str, str]]:
    """Every released version: its number, its tag and the commit that it is; of the remote where there is one."""
    git = repository.git
    if repository.has_remote:
        listed = git("ls-remote", "--tags", REMOTE, seconds=NETWORK_SECONDS, env=repository.network)
    else:
        peeled = "%(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)%09%(refname)"
        listed = git("for-each-ref", f"--format={peeled}", "refs/tags")
    found: dict[str, tuple[tuple[int, ...], str, str]] = {}
    for line in listed.split("\n"):
        sha, _, ref = line.partition("\t")
        tag = ref.removeprefix("refs/tags/").removesuffix("^{}")
        if match := RELEASE.fullmatch(tag):
            found[tag] = (tuple(map(int, match.groups())), tag, sha)  # an annotated tag's commit comes after the tag
    return list(found.values())


def check_released(target: Target, release: str, commit: str) -> None:
    """Production takes released versions only.

    Raises:
        ReleaseError: not-released.
    """
    if target.production and not release:
        raise ReleaseError(
            f"{target.name} takes released versions only, and {commit[:12]} has no version tag on the remote.",
            code="not-released",
            hint="Merge the release pull request, or deploy a tag: --ref v1.2.3",
        )
