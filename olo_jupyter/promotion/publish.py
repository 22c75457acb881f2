"""Commit what was generated on the promotion's branch and push it: never by force, never through a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from olo_converters.findings import Finding
from olo_jupyter.promotion.git import HOOK_SECONDS, NETWORK_SECONDS, GitError
from olo_jupyter.promotion.paths import PromotionError, branch_folder
from olo_jupyter.promotion.worktree import Worktree


@dataclass(frozen=True)
class Publication:
    """Where a promotion stands in Git.

    Args:
        branch: ``olo/<user>/<name>``.
        commit: The branch's commit now.
        changed: Whether a new commit was made; False means that nothing changed.
        pushed: Whether the remote has it.
        diff: A file with the branch's diff against where it started.
        findings: What the user should know: why it wasn't pushed, how to push it.
    """

    branch: str
    commit: str
    changed: bool
    pushed: bool
    diff: Path
    findings: tuple[Finding, ...] = ()


def branch_name(user: str, name: str) -> str:
    """The branch of a promotion."""
    return f"olo/{user}/{name}"


def commit_message(subject: str, body: Iterable[str], trailers: Mapping[str, str]) -> str:
    """A Conventional Commit with trailers.

    Example:
        >>> print(commit_message("feat(gold): promote a", ["From a notebook."], {"Olo-Notebook": "a\\nb.ipynb"}))
        feat(gold): promote a
        <BLANKLINE>
        From a notebook.
        <BLANKLINE>
        Olo-Notebook: a b.ipynb
    """
    lines = {key: re.sub(r"[\x00-\x1f]+", " ", value).strip() for key, value in trailers.items()}
    tail = "\n".join(f"{key}: {value}" for key, value in lines.items())
    return "\n\n".join([subject, *body, tail])


def publish(tree: Worktree, branch: str, paths: Iterable[str], message: str, state: Path) -> Publication:
    """Commit ``paths`` as they stand in the worktree, keep the branch in the user's repository, push it.

    Nothing that changed gives no commit; a commit that an earlier call couldn't push is pushed now. When the remote
    can't be reached the commit stays on the local branch, and a finding says how to push it.

    Raises:
        PromotionError: commit-refused (a hook said no), branch-moved (somebody pushed meanwhile; promote again).
        GitError: git failed, or a hook took too long.
    """
    changed = _commit(tree, sorted(paths), message)
    commit = tree.git("rev-parse", "HEAD") if changed or not tree.start.joins else tree.start.joins
    pushed, why = _push(tree, branch, commit)
    unpushed = [_unpushed(tree.repository.push_to, branch, commit, why)] if why else []
    findings = [*_keep(tree, branch, commit, state), *unpushed]
    diff = state / "promotions" / f"{branch.rpartition('/')[2]}.diff"
    diff.parent.mkdir(parents=True, exist_ok=True)
    patch = tree.git.run("diff", "--no-ext-diff", "--no-color", f"{tree.start.base}...{commit}")
    diff.write_bytes(patch.out)
    return Publication(branch, commit, changed, pushed, diff, tuple(findings))


def _commit(tree: Worktree, paths: list[str], message: str) -> bool:
    """Commit; False where nothing changed."""
    listed = "\0".join(f"{tree.repository.prefix}{path}" for path in paths).encode()
    # Files that a sparse worktree left out are taken as they are now, too.
    known = tree.git.run("ls-files", "-z", "--", *(f":(literal,top){p}" for p in listed.decode().split("\0") if p))
    tree.git("update-index", "--no-skip-worktree", "-z", "--stdin", stdin=known.out)
    tree.git(
        "-c", "core.sparseCheckout=false", "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul",
        stdin=listed, env=_LITERAL,
    )  # fmt: skip
    if tree.git.succeeds("diff", "--cached", "--quiet"):
        return False
    done = tree.git.run(
        "commit", "--quiet", "--file=-", seconds=HOOK_SECONDS, stdin=message.encode(), env=tree.repository.committer
    )
    if done.code != 0:
        said = (done.err or done.text).strip()
        if "Please tell me who you are" in said or "ident name" in said:
            raise PromotionError(
                "Git doesn't know who you are, so that no commit can be made.",
                code="no-identity",
                hint='Run git config --global user.name "Your Name", the same for user.email, then promote again.',
            )
        raise PromotionError(
            f"The commit was refused: {said}",
            code="commit-refused",
            hint="A hook of the repository said no. Change the cells so that it is satisfied, then promote again.",
        )
    return True


_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}


def _push(tree: Worktree, branch: str, commit: str) -> tuple[bool, str]:
    """Push without force: whether the remote has the commit, and if not, why."""
    if tree.repository.offline:
        return False, tree.repository.offline
    if tree.start.remote == commit:
        return True, ""
    try:
        # From the user's repository: a relative URL of the remote counts from there.
        tree.repository.git(
            "push",
            "--porcelain",
            tree.repository.push_to,
            f"{commit}:refs/heads/{branch}",
            seconds=HOOK_SECONDS + NETWORK_SECONDS,
            env=tree.repository.network,
        )
    except GitError as error:
        said = (error.output or error.message).strip()
        if "(non-fast-forward)" in said or "(fetch first)" in said:
            raise PromotionError(
                f"Somebody pushed to {branch} while it was being promoted.",
                code="branch-moved",
                hint="Promote again: their commits are then built upon.",
            ) from error
        return False, said
    if tree.repository.fork:  # git tells only of remotes that have a name
        tree.git("update-ref", tree.repository.tracking(branch), commit)
    return True, ""


def _keep(tree: Worktree, branch: str, commit: str, state: Path) -> list[Finding]:
    """Point the local branch at the commit, unless that would move a branch under somebody's checkout."""
    ref = f"refs/heads/{branch}"
    folder = tree.repository.checked_out(branch)
    if folder is None or tree.git.commit_of(ref) == commit:
        tree.git("update-ref", "-m", "olo promote", ref, commit)
        return []
    tree.git("update-ref", f"refs/olo/{branch}", commit)
    if folder.resolve() == branch_folder(state, branch).resolve():
        return []  # ours: handing the branch off brings it up to date
    return [
        Finding(
            "branch-checked-out", "info", f"{branch} is checked out in {folder}, which was left as it is.",
            hint=f"Run git merge --ff-only refs/olo/{branch} there to get the new commit.",
        )
    ]  # fmt: skip


def _unpushed(remote: str, branch: str, commit: str, why: str) -> Finding:
    hint = f"When the remote can be reached: git push {remote} {commit[:12]}:refs/heads/{branch}, or promote again."
    if _NO_SIGN_IN.search(why):
        hint = (
            "Git found nothing to sign in with: set OLO_GIT_TOKEN, or store a token with Git's credential helper or in "
            "the keyring (an SSH remote: add a key); then promote again."
        )
    elif _FORBIDDEN.search(why):
        hint = (
            "You may not push there, or the branch is protected: ask for the right to push, "
            "or work by a fork of yours (git.fork: auto in olo.yml); then promote again."
        )
    return Finding(
        "not-pushed", "warning",
        f"Commit {commit[:12]} is on the local branch {branch} but was not pushed: {_in_short(why)}", hint=hint,
    )  # fmt: skip


_NO_SIGN_IN = re.compile(r"could not read (Username|Password)|authentication failed|publickey|\b401\b", re.IGNORECASE)
_FORBIDDEN = re.compile(r"\b403\b|protected|permission|not allowed|denied|declined", re.IGNORECASE)
_NOISE = re.compile(r"^(To |Done|hint:|error: failed to push|Everything up-to-date|remote: *$)")
_LONGEST = 500


def _in_short(said: str) -> str:
    """What git, its hooks and the remote said, on one line; git's own summary of the refusal at the end.

    Example:
        >>> _in_short("To a\\n!\\tHEAD:x\\t[remote rejected] (declined)\\nDone\\nremote: main is protected  \\nhint: x")
        'main is protected; [remote rejected] (declined)'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _NOISE.match(line)]
    summary = [line.split("\t")[-1] for line in lines if line.startswith("!")]
    told = [line.removeprefix("remote:").strip() for line in lines if not line.startswith("!")]
    return "; ".join(dict.fromkeys([*told, *summary]))[:_LONGEST]
