"""Where a job's files come from: the working tree, a named ref, or the branch that promoted it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.repository import REMOTE, Repository, Start
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
        raise _no_job(settings, job)
    repository = Repository(settings.root)
    commit = repository.git.commit_of(ref) or repository.git.commit_of(f"refs/remotes/{REMOTE}/{ref}")
    if commit is None:
        raise PromotionError(
            f"There is no branch, tag or commit {ref!r}.", code="ref-not-found", hint="git branch --all lists them."
        )
    with open_worktree(repository, settings.state, f"run-{job}", Start(commit, commit)) as tree:
        yield Place(tree.root, ref)


def _promoted_at(settings: Settings, job: str, file: str) -> str | None:
    """The user's promotion branch that has the job; of branches that build on each other, the last."""
    repository = Repository(settings.root)
    git = repository.git
    pattern = branch_name(settings.user, "")
    listed = git("for-each-ref", "--format=%(refname)", f"refs/heads/{pattern}", f"refs/remotes/{REMOTE}/{pattern}")
    commits: dict[str, str] = {}
    for name in listed.split():
        commit = git.commit_of(name)
        if commit is not None and git.file_at(commit, f"{repository.prefix}{file}") is not None:
            commits.setdefault(name.removeprefix("refs/heads/").removeprefix(f"refs/remotes/{REMOTE}/"), commit)
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


def _no_job(settings: Settings, job: str) -> OloError:
    names = sorted(path.stem for path in (settings.root / "jobs").glob("*.yml"))
    near = get_close_matches(job, names, n=1)
    known = f"Jobs: {', '.join(names)}." if names else "The project has no jobs yet: promote a cell."
    return OloError(
        f"There is no job {job!r}.", code="job-not-found", hint=f"Did you mean {near[0]!r}?" if near else known
    )
