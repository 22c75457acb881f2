"""Where a job's files come from: the working tree, a named ref, or the branch that promoted it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.repository import REMOTE, Repository, Start, in_repository
from olo_jupyter.promotion.worktree import open_worktree

SANDBOX = "sandbox"


@dataclass(frozen=True)
class Place:
    """A project folder to run in. ``ref`` names the Git ref that it holds, '' for the working tree."""

    root: Path
    ref: str = ""


@contextmanager
def job_place(settings: Settings, job: str, target: str, ref: str | None) -> Iterator[Place]:
    """The folder that a run of ``job`` works in; a worktree of our own where a ref is meant, removed at the end.

    Args:
        ref: Branch, tag or commit. None: the working tree; in the sandbox, a job that isn't there yet is taken from
            the user's promotion branch that has it.

    Raises:
        OloError: job-not-found: nowhere; ambiguous-ref: several branches that don't build on each other have it.
        PromotionError: The ref doesn't exist, or the project is in no Git repository.
    """
    file = f"jobs/{job}.yml"
    if ref is None and (settings.root / file).is_file():
        yield Place(settings.root)
        return
    if ref is None:
        ref = _promoted_at(settings, job, file) if target == SANDBOX else None
    if ref is None:
        raise _no_job(settings, job, target)
    repository = Repository(settings.root, settings.git, settings.user)
    commit = repository.git.commit_of(ref) or repository.git.commit_of(repository.tracking(ref))
    if commit is None:
        near = get_close_matches(ref, _refs(repository), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "git branch --all lists them."
        raise PromotionError(f"There is no branch, tag or commit {ref!r}.", code="ref-not-found", hint=hint)
    with open_worktree(repository, settings.state, f"run-{job}", Start(commit, commit)) as tree:
        yield Place(tree.root, ref)


def _promotions(settings: Settings, repository: Repository) -> dict[str, str]:
    """The commits of the user's promotion branches, by branch; a branch here wins over the remote's."""
    git = repository.git
    pattern = branch_name(settings.user, "")
    there = repository.tracking(pattern)
    listed = git("for-each-ref", "--format=%(refname)", f"refs/heads/{pattern}", there)
    commits: dict[str, str] = {}
    for name in listed.split():
        commit = git.commit_of(name)
        if commit is not None:
            commits.setdefault(f"{pattern}{name.rpartition('/')[2]}", commit)
    return commits


def _promoted_at(settings: Settings, job: str, file: str) -> str | None:
    """The user's promotion branch that has the job; of branches that build on each other, the last."""
    if not in_repository(settings.root):
        return None
    repository = Repository(settings.root, settings.git, settings.user)
    git = repository.git
    commits = {
        name: commit
        for name, commit in _promotions(settings, repository).items()
        if git.file_at(commit, f"{repository.prefix}{file}") is not None
    }
    tips = [
        name
        for name, commit in commits.items()
        if not any(commit != other and git.is_ancestor(commit, other) for other in commits.values())
    ]
    if len({commits[name] for name in tips}) > 1:
        raise OloError(
            f"Job {job!r} is on several branches that don't build on each other: {', '.join(sorted(tips))}.",
            code="ambiguous-ref",
            hint="Name one: --ref BRANCH.",
        )
    return tips[0] if tips else None


def _promoted_jobs(settings: Settings) -> set[str]:
    """The names of the jobs on the user's promotion branches."""
    if not in_repository(settings.root):
        return set()
    repository = Repository(settings.root, settings.git, settings.user)
    folder = f"{repository.prefix}jobs/"
    files: set[str] = set()
    for commit in _promotions(settings, repository).values():
        files |= set(repository.git("ls-tree", "--full-tree", "--name-only", commit, folder).split("\n"))
    return {Path(file).stem for file in files if file.endswith(".yml")}


def _refs(repository: Repository) -> list[str]:
    """Branches (local and the remote's) and tags, by the names that people write."""
    listed = repository.git("for-each-ref", "--format=%(refname)", "refs/heads", f"refs/remotes/{REMOTE}", "refs/tags")
    return sorted({re.sub(rf"^refs/(heads|tags|remotes/{REMOTE})/", "", name) for name in listed.split()})


def _no_job(settings: Settings, job: str, target: str) -> OloError:
    names = {path.stem for path in (settings.root / "jobs").glob("*.yml")}
    if target == SANDBOX:
        names |= _promoted_jobs(settings)
    near = get_close_matches(job, names, n=1)
    known = f"Jobs: {', '.join(sorted(names))}." if names else "The project has no jobs yet: promote a cell."
    return OloError(
        f"There is no job {job!r}.", code="job-not-found", hint=f"Did you mean {near[0]!r}?" if near else known
    )
