"""Open the pull request of a published promotion, or bring the open one up to date: safe to do again at any point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from codeowners import CodeOwners

from olo_converters.findings import Finding
from olo_jupyter.backends.hosts.base import GitHost, HostError, Proposal, PullRequest
from olo_jupyter.backends.hosts.discover import connect, kind_of
from olo_jupyter.config import Settings
from olo_jupyter.promotion import credentials
from olo_jupyter.promotion.paths import PromotionError
from olo_jupyter.promotion.publish import branch_name
from olo_jupyter.promotion.pull_request_body import Content, body, merged_body
from olo_jupyter.promotion.repository import REMOTE, Repository

_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS", "docs/CODEOWNERS")
_MOST_REVIEWERS = 10
_UNKNOWN = ("host-not-found", "host-invalid")
"""What hosts answer where somebody is asked whom they don't know."""


@dataclass(frozen=True)
class Opened:
    """The pull request as it stands.

    Args:
        is_new: Whether this call opened it.
        findings: What couldn't be done beside it: a label, a review.
    """

    pull_request: PullRequest
    is_new: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Told:
    """What the promotion tells of itself.

    Args:
        subject: The commit's first line, which is the title.
        evidence: The evidence file's values.
        paths: Files that the promotion wrote, relative to the project.
        notebook: Its path, relative to the project.
        depends_on: Names of the promotions that it builds on.
        job: Name of the job that runs it, '' without one.
    """

    subject: str
    description: str
    evidence: Mapping[str, Any]
    findings: Sequence[Finding]
    paths: Sequence[str]
    branch: str
    commit: str
    notebook: str
    depends_on: Sequence[str]
    job: str


def propose(repository: Repository, settings: Settings, told: Told) -> Opened:
    """Open or update the pull request of a pushed branch.

    Raises:
        PromotionError: no-host, no-token.
        HostError: The host said no, or can't be reached.
    """
    with closing(open_host(repository, settings)) as host:
        prefix, base = repository.prefix, repository.default_branch
        start = repository.default_commit()
        known = repository.git.file_at(start, f"{prefix}{told.notebook}") is not None
        branches = [branch_name(settings.user, name) for name in told.depends_on]
        text = body(
            Content(
                told.evidence,
                told.description,
                [(path, host.file_url(f"{prefix}{path}", told.commit)) for path in told.paths],
                told.findings,
                host.file_url(f"{prefix}{told.notebook}", start) if known else "",
                [branch for branch in branches if not repository.merged(branch)],
                told.job,
            )
        )
        reviewers = reviewers_of(repository, start, told.paths, settings.user) if settings.git.reviewers else ()
        proposal = Proposal(
            repository.head(told.branch),
            base,
            told.subject,
            text,
            settings.git.draft,
            tuple(settings.git.labels),
            reviewers,
        )
        return open_pull_request(host, proposal)


def open_host(repository: Repository, settings: Settings) -> GitHost:
    """The host of the repository's remote, signed in.

    Raises:
        PromotionError: no-host: there is no remote, or it is a folder; no-token: nobody has a token for it.
        HostError: Which kind of host it is can't be seen.
    """
    remote = repository.remote
    if remote is None:
        what = f"The remote {REMOTE} is a folder" if repository.has_remote else f"There is no remote {REMOTE}"
        raise PromotionError(
            f"{what}: no host takes a pull request there.",
            code="no-host",
            hint="Point it to GitHub, GitLab, Gitea or Forgejo: git remote set-url origin URL.",
        )
    kind = settings.git.host or kind_of(remote, settings.git.ca_file)
    token = credentials.token_for(kind, remote, repository.git, settings.git, settings.user)
    if token is None:
        names = " or ".join(credentials.variables(kind, remote, settings.git.token_env))
        raise PromotionError(
            f"There is no token for {remote.host}.",
            code="no-token",
            hint=f"Set {names}, or store one with Git's credential helper or in the keyring, then promote again.",
        )
    return connect(remote, kind, token, ca_file=settings.git.ca_file)


def open_pull_request(host: GitHost, proposal: Proposal) -> Opened:
    """Open it, or update the one that is open already; never a second one.

    A call whose answer got lost may have opened it: then it is looked for again.

    Raises:
        HostError: The host said no, or can't be reached.
    """
    found = host.find(proposal.head, proposal.base)
    if found is not None:
        updated = _updated(host, found, proposal)
        return Opened(updated, is_new=False, findings=tuple(_dressed(host, updated, proposal, is_known=True)))
    try:
        made = host.create(proposal)
    except HostError as error:
        if error.code not in ("host-exists", "host-unavailable"):
            raise
        found = host.find(proposal.head, proposal.base)
        if found is None:
            raise
        made = _updated(host, found, proposal)
    return Opened(made, is_new=True, findings=tuple(_dressed(host, made, proposal)))


def reviewers_of(repository: Repository, commit: str, paths: Sequence[str], author: str) -> tuple[str, ...]:
    """The CODEOWNERS of the changed files as accounts and ``org/team``, without the author; e-mails are left out."""
    for place in _CODEOWNERS:
        content = repository.git.file_at(commit, place)
        if content is None:
            continue
        rules = CodeOwners(content.decode("utf-8", "replace"))
        owners = [owner for path in paths for owner in rules.of(f"{repository.prefix}{path}")]
        names = [name.removeprefix("@") for kind, name in owners if kind in ("USERNAME", "TEAM")]
        return tuple(dict.fromkeys(name for name in names if name != author))[:_MOST_REVIEWERS]
    return ()


def _updated(host: GitHost, found: PullRequest, proposal: Proposal) -> PullRequest:
    body = merged_body(found.body, proposal.body)
    if body.strip() == found.body.strip() and proposal.title == found.title:
        return found
    return host.update(found.number, title=proposal.title, body=body)


def _dressed(host: GitHost, made: PullRequest, proposal: Proposal, *, is_known: bool = False) -> list[Finding]:
    """Labels and reviewers, where there are none: the pull request stands without them, so that a refusal is a finding.

    Args:
        is_known: Whether it was open before this call; an earlier call may have been cut before it had come to them.
    """
    findings = []
    try:
        if proposal.labels and not made.labels:
            host.add_labels(made.number, proposal.labels)
    except HostError as error:
        findings.append(_not_done("label-not-set", f"The labels were not set: {error.message}", error))
    try:
        asked = bool(made.asked) or (is_known and bool(proposal.reviewers) and bool(host.reviews(made.number)))
    except HostError as error:
        return [*findings, _not_done("reviewer-not-asked", f"Nobody was asked: {error.message}", error)]
    for reviewer in () if asked else proposal.reviewers:
        try:
            host.request_reviews(made.number, [reviewer])
        except HostError as error:
            unknown = error.code in _UNKNOWN
            hint = f"Is {reviewer} an account of this host? CODEOWNERS names it." if unknown else error.hint
            message = f"{reviewer} was not asked for a review: {error.message}"
            findings.append(Finding("reviewer-not-asked", "warning", message, hint=hint))
    return findings


def _not_done(code: str, message: str, error: HostError) -> Finding:
    return Finding(code, "warning", message, hint=error.hint)
