"""Plan, deploy, roll back: the use cases."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from olo_jobs.deployment import FILE, Deployment
from olo_jupyter.config import Settings
from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import acting
from olo_jupyter.promotion.repository import Repository
from olo_jupyter.releases.history import DeployBranch, Recorded, ReleaseError
from olo_jupyter.releases.plan import Plan, changes
from olo_jupyter.releases.source import (
    Source,
    at_ref,
    check_may_deploy,
    check_released,
    release_of,
    wanted,
    working_tree,
)


@dataclass(frozen=True)
class Deployed:
    """A deployment that was made. ``unchanged``: the target ran just that already, and nothing was written."""

    deployment: Deployment
    revision: str
    branch: str
    unchanged: bool = False


def plan(settings: Settings, target: str, ref: str | None = None, given: Mapping[str, str] | None = None) -> Plan:
    """What deploying ``ref`` (default: the working tree as it stands) would change.

    Raises:
        ReleaseError: The project isn't valid, the ref doesn't exist, the remote can't be reached.
        TargetError: No such target.
    """
    Project(settings).target(target)
    repository = Repository(settings.root, settings.git, settings.user)
    branch = DeployBranch(repository, target, settings.user)
    if ref is None:
        return _planned(branch, working_tree(settings, repository, given or {}), target, settings, whole_tree=True)
    with at_ref(settings, repository, ref, given or {}) as source:
        return _planned(branch, source, target, settings)


def _planned(
    branch: DeployBranch, source: Source, target: str, settings: Settings, *, whole_tree: bool = False
) -> Plan:
    recorded = branch.current()
    current = recorded.deployment if recorded else None
    release = release_of(branch.repository, source.commit) if source.commit and not whole_tree else ""
    number = current.number + 1 if current else 1
    new = wanted(source, target, by=acting(settings.user), number=number, release=release)
    files = _changed_files(branch, recorded, source, whole_tree)
    return Plan(new, current, changes(current, new), files)


def _changed_files(branch: DeployBranch, recorded: Recorded | None, source: Source, whole_tree: bool) -> dict[str, str]:
    """Files of the project, other than job and target files, that differ from what is deployed."""
    git, prefix = branch.repository.git, branch.repository.prefix
    if recorded is None:
        return {}
    between = [recorded.revision] if whole_tree else [recorded.revision, source.commit]
    listed = git("diff", "--name-status", "--no-renames", "-z", *between, "--", f":(top){prefix or '.'}").split("\0")
    files = dict(zip(listed[1::2], listed[0::2], strict=False))
    if whole_tree:
        untracked = git(
            "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", f":(top){prefix or '.'}"
        )
        files |= {name: "A" for name in untracked.split("\0") if name}
    shown = {name.removeprefix(prefix): letter for name, letter in files.items()}
    return {
        name: letter
        for name, letter in sorted(shown.items())
        if name != FILE and not name.startswith(("jobs/", "targets/"))
    }


def deploy(settings: Settings, target: str, ref: str, given: Mapping[str, str] | None = None) -> Deployed:
    """Make a target run a commit: one commit on its deploy branch, all of it or nothing.

    Raises:
        ReleaseError: Not allowed, not valid, or another deployment came first; nothing was changed.
        TargetError: No such target.
    """
    Project(settings).target(target)
    repository = Repository(settings.root, settings.git, settings.user)
    by = acting(settings.user)
    with at_ref(settings, repository, ref, given or {}) as source:
        spec = source.project.target(target)
        check_may_deploy(spec, by)
        release = release_of(repository, source.commit)
        check_released(spec, release, source.commit)
        branch = DeployBranch(repository, target, settings.user)
        recorded = branch.current()
        number = recorded.deployment.number + 1 if recorded else 1
        new = wanted(source, target, by=by, number=number, release=release)
        if recorded is not None and _same(recorded.deployment, new):
            return Deployed(recorded.deployment, recorded.revision, branch.name, unchanged=True)
        parents = [one for one in (recorded.revision if recorded else None, source.commit) if one]
        return _record(branch, new, source.commit, parents, recorded)


def rollback(settings: Settings, target: str, to: str | None = None) -> Deployed:
    """Make a target run again what it ran before.

    Args:
        to: A deployment's number, its commit or its version; default: the deployment before the one that is served.

    Raises:
        ReleaseError: Not allowed, nothing to go back to, or another deployment came first; nothing was changed.
        TargetError: No such target.
    """
    spec = Project(settings).target(target)
    repository = Repository(settings.root, settings.git, settings.user)
    by = acting(settings.user)
    check_may_deploy(spec, by)
    branch = DeployBranch(repository, target, settings.user)
    history = list(branch.history())
    if not history:
        raise ReleaseError(f"Nothing was ever deployed to {target}.", code="nothing-deployed", hint="olo deploy does.")
    earlier = _earlier(history, to, target)
    new = earlier.deployment.model_copy(
        update={
            "number": history[0].deployment.number + 1,
            "rolled_back_to": earlier.deployment.rolled_back_to or earlier.deployment.number,
            "by": by,
            "at": datetime.now(UTC),
        }
    )
    return _record(branch, new, earlier.revision, [history[0].revision], history[0])


def _earlier(history: list[Recorded], to: str | None, target: str) -> Recorded:
    now = history[0].deployment
    served = now.rolled_back_to or now.number
    if to is None:
        found = [one for one in history if one.deployment.rolled_back_to is None and one.deployment.number < served]
        hint = f"The target runs its first deployment, {now.commit[:12]}."
    else:
        found = [
            one
            for one in history
            if to in (str(one.deployment.number), one.deployment.release)
            or (len(to) >= 7 and one.deployment.commit.startswith(to))
        ]
        known = [
            f"{one.deployment.number} ({one.deployment.release or one.deployment.commit[:12]})" for one in history[:10]
        ]
        hint = f"Deployments: {', '.join(known)}."
    if not found:
        asked = f" {to!r}" if to else " earlier"
        raise ReleaseError(f"{target} has no{asked} deployment to go back to.", code="nothing-to-restore", hint=hint)
    if (found[0].deployment.rolled_back_to or found[0].deployment.number) == served:
        raise ReleaseError(f"{target} runs deployment {served} already.", code="nothing-to-restore", hint=hint)
    return found[0]


def _same(current: Deployment, new: Deployment) -> bool:
    def content(one: Deployment) -> dict[str, object]:
        return one.model_dump(exclude={"number", "by", "at", "rolled_back_to"})

    return content(current) == content(new)


def _record(
    branch: DeployBranch, deployment: Deployment, files: str, parents: list[str], before: Recorded | None
) -> Deployed:
    """Commit the files of a revision with the deployment's record, and make that the branch's newest."""
    repository, git = branch.repository, branch.repository.git
    text = deployment.model_dump_json(by_alias=True, exclude_defaults=True, indent=2) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index"), **_identity(repository, deployment.by)}
        git("read-tree", files, env=env)
        blob = git("hash-object", "-w", "--stdin", stdin=text.encode())
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{repository.prefix}{FILE}", env=env)
        tree = git("write-tree", env=env)
        words = [word for parent in parents for word in ("-p", parent)]
        commit = git("commit-tree", tree, *words, "-F", "-", stdin=_message(deployment).encode(), env=env)
    if not branch.push(commit, before.revision if before else None):
        raise ReleaseError(
            f"{deployment.target} was deployed by somebody else meanwhile; nothing was changed.",
            code="deploy-conflict",
            hint=f"olo plan --target {deployment.target} shows what runs now; then deploy again.",
        )
    return Deployed(deployment, commit, branch.name)


def _message(deployment: Deployment) -> str:
    what = deployment.release or deployment.commit[:12]
    verb = "roll back to" if deployment.rolled_back_to else "deploy"
    return (
        f"chore(deploy): {verb} {what} on {deployment.target}\n\n"
        f"Olo-Target: {deployment.target}\nOlo-Commit: {deployment.commit}\nOlo-Deployment: {deployment.number}\n"
    )


def _identity(repository: Repository, by: str) -> dict[str, str]:
    """Git's author, where neither the configuration nor the environment (of a CI) has one."""
    if os.environ.get("GIT_COMMITTER_EMAIL") or repository.git.succeeds("config", "user.email"):
        return {}
    return {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", by), ("EMAIL", f"{by}@users.noreply.invalid"))}  # fmt: skip
