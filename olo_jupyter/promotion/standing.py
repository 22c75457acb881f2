"""Where each promotion stands: its branch, its pull request with checks and reviews, and whether its cells changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from olo_converters.errors import ConvertError
from olo_converters.notebook import Notebook, read_notebook
from olo_jobs.deployment import Deployment, deploy_branch
from olo_jupyter.backends.hosts.base import Check, GitHost, HostError, PullRequest, Review
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.project.project import Project
from olo_jupyter.promotion.deployed import Deployed, deployed, running
from olo_jupyter.promotion.facts import read_records
from olo_jupyter.promotion.fork import find_fork
from olo_jupyter.promotion.merge import Record, drift
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.pull_request import open_host
from olo_jupyter.promotion.repository import Repository

State = Literal["local", "pushed", "open", "merged", "closed"]


@dataclass(frozen=True)
class Standing:
    """One promotion.

    Args:
        state: ``local``: on no remote; ``pushed``: no pull request is known; else the pull request's, or ``merged``
            where the default branch has its commits.
        checks: ``pending``, ``success``, ``failure``, '' where none is known.
        each_check: The checks one by one.
        reviews: The last word of each reviewer.
        changed: Ids of cells whose source isn't what was promoted: the notebook has drifted from what runs.
        gone: Ids of promoted cells that the notebook doesn't have any more.
        promoted: Ids of all cells that went into it, the promoted one last.
        job: Name of the job that runs it, '' without one.
        deployed: The targets that run it.
        is_compared: Whether the notebook was there to be compared with what was promoted.
    """

    name: str
    kind: str
    relation: str
    notebook: str
    branch: str
    commit: str
    state: State
    pull_request: PullRequest | None = None
    checks: str = ""
    reviews: Sequence[Review] = ()
    changed: Sequence[str] = ()
    gone: Sequence[str] = ()
    each_check: Sequence[Check] = ()
    promoted: Sequence[str] = ()
    job: str = ""
    deployed: Sequence[Deployed] = ()
    is_compared: bool = True

    @property
    def drifts(self) -> bool:
        """Whether the notebook no longer is what was promoted."""
        return bool(self.changed or self.gone)

    @property
    def said(self) -> str:
        """The reviews in words: ``bo: approved, cy: changes requested``."""
        return ", ".join(f"{review.user}: {review.verdict.replace('_', ' ')}" for review in self.reviews)

    @property
    def pull(self) -> str:
        """The pull request's number and page."""
        return f"#{self.pull_request.number} {self.pull_request.url}" if self.pull_request else ""

    @property
    def runs_on(self) -> str:
        """The targets that run it, in words."""
        return ", ".join(one.said for one in self.deployed)

    @property
    def cells(self) -> str:
        """What became of the promoted cells, in words: against what was promoted last, else against what runs."""
        if not self.is_compared:
            return f"can't be told: {self.notebook} isn't in the project"
        parts = [*(f"{c} changed" for c in self.changed), *(f"{c} gone" for c in self.gone)]
        if not parts:
            parts = [f"{', '.join(one.changed)} not as {one.target} runs" for one in self.deployed if one.changed]
        return ", ".join(parts) or "as promoted"

    def as_json(self) -> dict[str, Any]:
        """The standing as ``--json`` shows it."""
        pull = self.pull_request
        return {
            **asdict(self),
            "pull_request": {"number": pull.number, "url": pull.url, "state": pull.state, "draft": pull.draft}
            if pull
            else None,
        }


@dataclass(frozen=True)
class Standings:
    """All promotions of the user, by name; ``unasked`` says why the host wasn't asked, '' where it was."""

    promotions: Sequence[Standing]
    unasked: str = ""

    @property
    def jobs(self) -> dict[str, list[str]]:
        """For each promotion's job the targets that run it."""
        return {one.job: [there.target for there in one.deployed] for one in self.promotions if one.job}


def standings(settings: Settings, *, host: bool = True) -> Standings:
    """Where the user's promotions stand.

    Args:
        host: Whether to ask the remote and its host; without it what is known here counts.

    Raises:
        PromotionError: The project is in no Git repository.
        GitError: git failed.
    """
    repository = Repository(settings.root, settings.git, settings.user)
    targets = Project(settings).targets
    if host:
        find_fork(repository, settings)
        repository.refresh(branch_name(settings.user, ""), [deploy_branch(target, settings.user) for target in targets])
    deployments = running(repository, list(targets), settings.user)
    records = read_records(repository, settings.user)
    notebooks = dict(_notebooks(settings, {record.notebook for record in records.values()}))
    asked: GitHost | None = None
    unasked = "" if host else "not asked"
    if host and records:
        try:
            asked = open_host(repository, settings)
        except OloError as error:
            unasked = error.message
    found = []
    try:
        for name in sorted(records):
            try:
                found.append(_standing(records[name], repository, settings, asked, notebooks, deployments))
            except HostError as error:
                unasked, asked = error.message, None
                found.append(_standing(records[name], repository, settings, None, notebooks, deployments))
    finally:
        if asked is not None:
            asked.close()
    return Standings(tuple(found), unasked)


def _standing(
    record: Record,
    repository: Repository,
    settings: Settings,
    host: GitHost | None,
    notebooks: dict[str, Notebook],
    deployments: Mapping[str, Deployment],
) -> Standing:
    branch = record.branch or branch_name(settings.user, record.name)
    commit = repository.known_commit(branch)
    pull = host.find(repository.head(branch), repository.default_branch, ended=True) if host is not None else None
    notebook = notebooks.get(record.notebook)
    changed, gone = drift(record, notebook) if notebook is not None else ([], [])
    checks = tuple(host.checks(pull.sha)) if host is not None and pull is not None else ()
    return Standing(
        record.name, record.kind, f"{record.layer}.{record.model}", record.notebook, branch, commit or "",
        _state(repository, branch, commit, pull), pull,
        _summary(checks),
        tuple(host.reviews(pull.number)) if host is not None and pull is not None else (),
        tuple(changed), tuple(gone), checks, record.cells, record.job,
        deployed(record, deployments, repository, settings.user, notebook), notebook is not None,
    )  # fmt: skip


def _state(repository: Repository, branch: str, commit: str | None, pull: PullRequest | None) -> State:
    if pull is not None:
        return pull.state
    if commit is None or repository.merged(branch):
        return "merged"
    return "pushed" if repository.is_pushed(branch) else "local"


def _summary(checks: Sequence[Check]) -> str:
    outcomes = {check.outcome for check in checks}
    return next((outcome for outcome in ("failure", "pending", "success", "neutral") if outcome in outcomes), "")


def _notebooks(settings: Settings, paths: set[str]) -> Iterator[tuple[str, Notebook]]:
    for path in sorted(paths):
        try:
            yield path, read_notebook(settings.root / path)
        except ConvertError:
            continue  # moved, or not a notebook any more: whether its cells changed can't be told
