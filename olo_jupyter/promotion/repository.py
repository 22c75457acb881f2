"""The user's repository as a promotion sees it: where a branch starts, what its remote knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from olo_jupyter.backends.hosts.discover import Remote, parse_remote
from olo_jupyter.errors import OloError
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion.credentials import network_environment
from olo_jupyter.promotion.git import NETWORK_SECONDS, Git, GitError
from olo_jupyter.promotion.paths import PromotionError

REMOTE = "origin"
FORK = "olo-fork"
"""What is known of the fork that promotions are pushed to, where they are, stands in refs/remotes below this name."""
AUTO = "auto"
_PROMOTIONS = "olo/"
_MOST_PATHS, _MOST_COMMITS = 500, 50
"""Where to stop looking whether a branch was merged under another name."""
VERIFICATION_TRAILER = "Olo-Verification"


@dataclass(frozen=True)
class Start:
    """Where a promotion's commit goes on.

    Args:
        commit: The commit that the new one gets as parent.
        base: What the branch is compared with for its diff: the default branch's commit, or the upstream promotion's.
        merge: Commits to merge in first: of upstream promotions that the branch lacks.
        remote: The branch's commit on the remote, '' where it isn't there.
        joins: The branch's commit, where the host merged it as one commit of another name (squashed, rebased): it
            becomes a second parent, so that nothing has to be forced; '' otherwise.
    """

    commit: str
    base: str
    merge: tuple[str, ...] = ()
    remote: str = ""
    joins: str = ""


def in_repository(root: Path) -> bool:
    """Whether ``root`` lies in a Git repository."""
    return Git(root).run("rev-parse", "--show-toplevel").code == 0


class Repository:
    """A user's repository. Nothing here writes HEAD, the index or files of the checkout.

    Args:
        root: The project's folder; it may be below the repository's top.
        host: What olo.yml says of the remote's host.
        user: The person, whose secrets are read.

    Raises:
        PromotionError: no-repository, or no-commit.
    """

    def __init__(self, root: Path, host: GitSettings | None = None, user: str = "") -> None:
        self._host = host or GitSettings()
        self._user = user
        self.fork = ""
        self.git = Git(root)
        top = self.git.run("rev-parse", "--show-toplevel", "--show-prefix")
        if top.code != 0:
            raise PromotionError(
                f"{root} is in no Git repository.", code="no-repository", hint="Run git init there and make a commit."
            )
        lines = top.text.split("\n")
        self.top = Path(lines[0])
        self.prefix = lines[1] if len(lines) > 1 else ""
        self.offline = ""
        if self.git.succeeds("config", "--get-regexp", r"^remote\..*\.promisor$"):
            self.git = self._asking()
        self.fork = self._named_fork()

    def _asking(self) -> Git:
        """git for a partial clone: it asks the remote for what isn't here yet, and signs in for that."""
        try:
            return Git(self.git.folder, self.network)
        except OloError as error:  # there is no token where olo.yml says; the user's own helpers may have one
            self.offline = f"{error.message} {error.hint}".strip()
            return self.git

    def _named_fork(self) -> str:
        """The address of the fork that olo.yml names, '' where it names none or leaves it to the host."""
        name = self._host.fork
        if name in ("", AUTO):
            return ""
        if ":" in name or "/" in name:
            return name
        found = self.git.run("remote", "get-url", "--push", name)
        if found.code != 0:
            raise PromotionError(
                f"git.fork in olo.yml is {name!r}, and there is no remote of that name.",
                code="no-fork",
                hint=f"Add it: git remote add {name} URL. Or name an address, or auto.",
            )
        return found.text

    @property
    def is_forked(self) -> bool:
        """Whether promotions are pushed to a fork, as far as is known."""
        return bool(self.fork) or (
            self._host.fork == AUTO and bool(self.git("for-each-ref", "--count=1", f"refs/remotes/{FORK}/"))
        )

    @property
    def finds_fork(self) -> bool:
        """Whether the host is to be asked for the fork."""
        return self._host.fork == AUTO

    @property
    def push_to(self) -> str:
        """Where promotions are pushed: the fork, or the remote ``origin``."""
        return self.fork or REMOTE

    def head(self, branch: str) -> str:
        """A branch as a pull request names it: ``owner/name:branch`` from a fork."""
        found = parse_remote(self.fork, self._host.url) if self.fork else None
        return f"{found.path}:{branch}" if found is not None else branch

    def tracking(self, branch: str) -> str:
        """The ref that tells where a branch is on the remote: on the fork for promotions that are pushed there."""
        forked = branch.startswith(_PROMOTIONS) and self.is_forked
        return f"refs/remotes/{FORK if forked else REMOTE}/{branch}"

    @property
    def has_remote(self) -> bool:
        """Whether there is a remote ``origin``."""
        return REMOTE in self.git("remote").split("\n")

    @property
    def remote(self) -> Remote | None:
        """The repository on its host; None without a remote, or where that is a folder."""
        if not self.has_remote:
            return None
        return parse_remote(self.git("remote", "get-url", "--push", REMOTE), self._host.url)

    @cached_property
    def network(self) -> Mapping[str, str]:
        """Variables for git commands that speak to the remote: the token, where olo has one.

        Raises:
            SecretError, HubTokenError, HostError: There is none where olo.yml says.
        """
        told = [self.git("remote", "get-url", "--push", REMOTE)] if self.has_remote else []
        over_http = any(url.startswith(("http:", "https:")) for url in (*told, self.fork))
        return network_environment(self.remote if over_http else None, self._host, self._user)

    @property
    def committer(self) -> Mapping[str, str]:
        """Variables for git commit: the service account, where olo.yml names one."""
        name, _, address = self._host.committer.partition(" <")
        return {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": address.rstrip(">")} if address else {}

    def refresh(self, prefix: str, also: Sequence[str] = ()) -> None:
        """Bring the remote's default branch and the branches below ``prefix`` up to date; ``offline`` says why not.

        Only remote-tracking refs are written (and pruned: a branch deleted on the remote is forgotten).

        Args:
            also: Other branches of the remote, where it has them.
        """
        if not self.has_remote:
            self.offline = f"there is no remote {REMOTE!r}"
            return
        try:
            own = [] if self.is_forked else [f"{prefix}*"]
            self._default = self._brought(REMOTE, REMOTE, [*own, *also]) or self._default
            if self.fork:
                self._brought(self.fork, FORK, [f"{prefix}*"])
        except GitError as error:
            self.offline = (error.output or error.message).strip()
        except OloError as error:  # there is no token where olo.yml says
            self.offline = f"{error.message} {error.hint}".strip()

    def _brought(self, url: str, name: str, wanted: Sequence[str]) -> str:
        """Bring branches, by name or pattern, to refs/remotes/NAME; gives the default branch, origin's comes too."""
        here = f"refs/remotes/{name}/"
        patterns = [f"refs/heads/{branch}" for branch in wanted]
        listed = self.git(
            "ls-remote", "--symref", url, "HEAD", *patterns, seconds=NETWORK_SECONDS, env=self.network
        )  # fmt: skip
        default, there = _listed(listed)
        brought = {*there, default if name == REMOTE else ""} - {""}
        if brought:
            specs = [f"+refs/heads/{branch}:{here}{branch}" for branch in sorted(brought)]
            self.git(
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", url, *specs,
                seconds=NETWORK_SECONDS, env=self.network,
            )  # fmt: skip
        known = self.git("for-each-ref", "--format=%(refname)", *(f"{here}{each.rstrip('*')}" for each in wanted))
        for ref in known.split() if wanted else ():
            if ref.removeprefix(here) not in there:
                self.git("update-ref", "-d", ref)
        return default

    _default = ""

    @property
    def default_branch(self) -> str:
        """The remote's default branch, as far as it is known; '' where it isn't."""
        if self._default:
            return self._default
        head = self.git.run("symbolic-ref", "--quiet", f"refs/remotes/{REMOTE}/HEAD")
        if head.code == 0:
            return head.text.removeprefix(f"refs/remotes/{REMOTE}/")
        names = ("main", "master")
        return next((name for name in names if self.git.commit_of(f"refs/remotes/{REMOTE}/{name}")), "")

    def default_commit(self) -> str:
        """The commit that new branches start from: the remote's default branch, else the checkout's HEAD.

        Raises:
            PromotionError: no-commit: the repository is empty.
        """
        branch = self.default_branch
        commit = self.git.commit_of(f"refs/remotes/{REMOTE}/{branch}") if branch else None
        commit = commit or self.git.commit_of("HEAD")
        if commit is None:
            raise PromotionError(
                f"{self.top} has no commit yet.",
                code="no-commit",
                hint="Commit the project's files first.",
            )
        return commit

    def known_commit(self, branch: str) -> str | None:
        """A branch's commit: the remote's, else the local one."""
        return self.git.commit_of(self.tracking(branch)) or self.git.commit_of(f"refs/heads/{branch}")

    def is_pushed(self, branch: str) -> bool:
        """Whether the remote has the branch, as far as is known."""
        return self.git.commit_of(self.tracking(branch)) is not None

    def merged(self, branch: str) -> bool:
        """Whether a branch is unknown or all in the default branch."""
        commit = self.known_commit(branch)
        default = self.default_commit()
        return commit is None or self.git.is_ancestor(commit, default) or self._is_squashed(commit, default)

    def _is_squashed(self, commit: str, default: str) -> bool:
        """Whether the default branch once had, in one commit or several, all that a branch changed."""
        git = Git(self.top, self.git.env)
        fork_point = git.run("merge-base", commit, default)
        if fork_point.code != 0:
            return False
        start = fork_point.text
        changed = [path for path in git("diff", "--name-only", "--no-renames", "-z", start, commit).split("\0") if path]
        if not changed or len(changed) > _MOST_PATHS:
            return False
        paths = [f":(literal,top){path}" for path in changed]
        listed = git("log", "--format=%H", f"-{_MOST_COMMITS}", f"{start}..{default}", "--", *paths)
        return any(git.succeeds("diff", "--quiet", each, commit, "--", *paths) for each in listed.split())

    def start(self, branch: str, upstreams: Sequence[str] = ()) -> Start:
        """Where ``branch`` goes on; a new one starts on its first unmerged upstream, else on the default branch.

        Args:
            branch: The promotion's own branch.
            upstreams: Branches of the promotions that its artefacts build on; merged ones don't matter.

        Raises:
            PromotionError: branch-diverged: it was moved here and on the remote by commits that no promotion made.
        """
        default = self.default_commit()
        needed = [commit for name in upstreams if not self.merged(name) and (commit := self.known_commit(name))]
        base = needed[0] if needed else default
        local = self.git.commit_of(f"refs/heads/{branch}")
        remote = self.git.commit_of(self.tracking(branch))
        commit = self._newer(branch, local, remote)
        joins = ""
        if commit is None or self.git.is_ancestor(commit, base):
            commit = base
        elif self._is_squashed(commit, default):
            commit, joins = base, remote or ""
        lacking = tuple(upstream for upstream in needed if not self.git.is_ancestor(upstream, commit))
        return Start(commit, base, lacking, remote or "", joins)

    def _newer(self, branch: str, local: str | None, remote: str | None) -> str | None:
        if local is None or remote is None or local == remote:
            return local or remote
        if self.git.is_ancestor(remote, local):
            return local
        if self.git.is_ancestor(local, remote) or self._only_promotions(remote, local):
            return remote
        raise PromotionError(
            f"The branch {branch} has commits here and others on {REMOTE}.",
            code="branch-diverged",
            hint=f"Bring them together: git switch {branch}; git pull --rebase {REMOTE} {branch}; promote again.",
        )

    def _only_promotions(self, older: str, newer: str) -> bool:
        """Whether all commits in ``newer`` that ``older`` lacks were made by promotions: they can be made again."""
        form = f"--format=%H%x09%(trailers:key={VERIFICATION_TRAILER},valueonly,separator=%x2C)"
        lines = self.git("log", form, f"{older}..{newer}").split("\n")
        return all(line.partition("\t")[2] for line in lines if line)

    def checked_out(self, branch: str) -> Path | None:
        """The worktree in which ``branch`` is checked out, None where it is in none."""
        folder: Path | None = None
        for line in self.git("worktree", "list", "--porcelain").split("\n"):
            if line.startswith("worktree "):
                folder = Path(line.removeprefix("worktree "))
            elif line == f"branch refs/heads/{branch}":
                return folder
        return None


def _listed(text: str) -> tuple[str, set[str]]:
    """The default branch and the branches that ls-remote --symref told of."""
    default, there = "", set()
    for line in text.split("\n"):
        value, _, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif name.startswith("refs/heads/"):
            there.add(name.removeprefix("refs/heads/"))
    return default, there
