"""Where what runs differs from what Git says: the deploy branch, the orchestrator that serves it, the catalogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from olo_jobs.deployment import FILE, Deployment
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.jobs.orchestrator import LOCAL, connect, orchestrator_for
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.project.project import Project
from olo_jupyter.project.targets import Target
from olo_jupyter.promotion.repository import REMOTE, Repository
from olo_jupyter.releases.history import DeployBranch, Recorded, ReleaseError
from olo_jupyter.releases.source import versions

_SHOWN = 5


@dataclass(frozen=True)
class Drift:
    """One difference, and what to do about it."""

    about: Literal["deployment", "job", "catalog"]
    message: str
    hint: str


def drift(settings: Settings, target: str) -> list[Drift]:
    """Every difference; [] where what runs is what Git says. Nothing is changed.

    Production should run the newest release, every other target the newest commit of the default branch.

    Raises:
        ReleaseError: remote-unreachable: what is deployed isn't known.
        TargetError: No such target.
    """
    spec = Project(settings).target(target)
    repository = Repository(settings.root, settings.git, settings.user)
    found = list(_catalogs(settings, spec))
    try:
        recorded = DeployBranch(repository, target, settings.user).current()
    except ReleaseError as error:
        if error.code != "foreign-commit":
            raise
        return [Drift("deployment", error.message, error.hint), *found]
    if recorded is None:
        hint = f"olo deploy --target {target} --ref REF"
        return [Drift("deployment", f"Nothing was deployed to {target} yet.", hint), *found]
    return [*_branch(repository, recorded, spec), *_jobs(settings, spec, recorded.deployment), *found]


def _branch(repository: Repository, recorded: Recorded, target: Target) -> Iterator[Drift]:
    deployment, git = recorded.deployment, repository.git
    runs = deployment.release or deployment.commit[:12]
    again = f"olo deploy --target {target.name} --ref"
    if git.commit_of(deployment.commit) is None:
        yield Drift("deployment", f"The commit that {target.name} runs, {runs}, isn't in this clone.", "git fetch")
        return
    changed = git("diff", "--name-only", "-z", deployment.commit, recorded.revision).split("\0")
    foreign = sorted({name for name in changed if name} - {f"{repository.prefix}{FILE}"})
    if foreign:
        shown = ", ".join(foreign[:_SHOWN]) + (" …" if len(foreign) > _SHOWN else "")
        message = f"The deploy branch of {target.name} isn't what {runs} has: {shown}."
        yield Drift("deployment", message, f"Somebody wrote to it by hand. {again} {deployment.commit}")
    name, wanted = _wanted(repository, target)
    if wanted is None or wanted == deployment.commit:
        return
    behind = int(git("rev-list", "--count", f"{deployment.commit}..{wanted}").strip())
    if behind:
        message = f"{target.name} runs {runs}, {behind} commit{'s' * (behind != 1)} behind {name}."
    else:
        message = f"{target.name} runs {runs}, which isn't {name}."
    hint = f"olo plan --target {target.name} --ref {name} shows what changes; {again} {name}"
    yield Drift("deployment", message, hint)


def _wanted(repository: Repository, target: Target) -> tuple[str, str | None]:
    """What a target should run: its name, and the commit; None where there is no such commit yet."""
    if target.production:
        number_tag_commit = max(versions(repository), default=None)
        return (number_tag_commit[1], number_tag_commit[2]) if number_tag_commit else ("a release", None)
    branch = repository.default_branch or "main"
    if repository.has_remote:
        repository.git("fetch", "--quiet", "--no-write-fetch-head", REMOTE, branch, env=repository.network)
    return branch, repository.known_commit(branch)


def _jobs(settings: Settings, target: Target, deployment: Deployment) -> Iterator[Drift]:
    """What the orchestrator serves, against what was deployed; the local one serves the checkout, not a deployment."""
    name = orchestrator_for(settings, target.name)
    if name == LOCAL:
        return
    try:
        with closing(connect(settings, target.name, name)) as orchestrator:
            served = {job.name: job for job in orchestrator.jobs()}
    except OloError as error:
        yield Drift("job", f"What {name} serves isn't known: {error.message}", error.hint)
        return
    for job in sorted(set(deployment.jobs) - set(served)):
        yield Drift("job", f"{job} was deployed, and {name} doesn't serve it.", "Does it follow the deploy branch?")
    for job in sorted(set(served) - set(deployment.jobs)):
        yield Drift("job", f"{name} serves {job}, which nobody deployed.", f"Remove it from {name}, or deploy it.")
    for job in sorted(set(served) & set(deployment.jobs)):
        told, spec = served[job], deployment.jobs[job]
        if told.problem:
            yield Drift("job", f"{job} can't run: {told.problem}", "Mend it, and deploy again.")
        if spec.schedule is not None and told.paused is not None and told.paused != deployment.paused:
            word = "stands still" if told.paused else "runs"
            do = f"olo pause {job} --target {target.name}" + (" --off" if told.paused else "")
            yield Drift("job", f"The schedule of {job} {word} in {target.name}, and should not.", do)


def _catalogs(settings: Settings, target: Target) -> Iterator[Drift]:
    """The catalogs that a target writes and reads and that can't be opened."""
    with closing(Catalogs(settings)) as catalogs:
        for name in dict.fromkeys(one for one in (target.catalog, target.sources) if one):
            if settings.is_governed(name):
                continue  # only Trino may look, as a person
            try:
                catalogs.namespaces(name)
            except OloError as error:
                yield Drift("catalog", f"Catalog {name} can't be opened: {error.message}", error.hint)
