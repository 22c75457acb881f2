"""What must change so that a workspace is as its file says. Pure: observed in, changes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from olo_jupyter.workspaces.spec import WRITERS, Member, WorkspaceSpec

__all__ = ["Change", "Member", "Observed", "plain", "plan"]

Action = Literal["create", "update", "remove", "refuse"]


@dataclass(frozen=True)
class Change:
    """One difference between file and world.

    Args:
        action: What is done about it; ``refuse``: nothing can be, ``reason`` says why.
        kind: repository, namespace, sandbox, member or experiment.
        subject: What it is about.
        before: How it is, '' for not there.
        after: How it shall be, '' for gone.
    """

    action: Action
    kind: str
    subject: str
    before: str = ""
    after: str = ""
    reason: str = ""

    def __str__(self) -> str:
        sign = {"create": "+", "update": "~", "remove": "-", "refuse": "!"}[self.action]
        turned = f": {self.before} -> {self.after}" if self.action == "update" else ""
        given = f": {self.after}" if self.action == "create" and self.after else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{sign} {self.kind} {self.subject}{turned or given}{why}"


@dataclass(frozen=True)
class Observed:
    """The world as it is.

    Args:
        repository: The address that the checkout's origin names, without user and password; '' for none.
        namespaces: Namespaces by catalog; a text in place of them says why they can't be seen.
        sandboxes: By user name: whether the sandbox is there, or why that can't be seen.
        members: Role by member.
        experiments: Description by name; a text in place of all says why they can't be seen.
    """

    repository: str = ""
    namespaces: Mapping[str, frozenset[str] | str] = field(default_factory=dict)
    sandboxes: Mapping[str, bool | str] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    experiments: Mapping[str, str] | str = field(default_factory=dict)


def plan(spec: WorkspaceSpec, observed: Observed) -> list[Change]:
    """All changes, in the order in which they are made.

    Namespaces, sandboxes and experiments that the file doesn't name are left alone: others may own them, and what they
    hold would be lost. A member that it doesn't name is taken out.

    Example:
        >>> spec = WorkspaceSpec(version=1, name="w", repository="/git/w",
        ...                      members=[Member(user="ana", role="workspace-admin")])
        >>> [str(change) for change in plan(spec, Observed(repository="/git/w", members={"user ben": "viewer"}))]
        ['+ member user ana: workspace-admin', '- member user ben']
    """
    return [
        *_repository(spec, observed),
        *_namespaces(spec, observed),
        *_sandboxes(spec, observed),
        *_members(spec, observed),
        *_experiments(spec, observed),
    ]


def _repository(spec: WorkspaceSpec, observed: Observed) -> Iterator[Change]:
    if plain(observed.repository) != plain(spec.repository):
        is_at = observed.repository or "no remote called origin"
        reason = f"this checkout comes from {is_at}: apply a workspace from its own repository"
        yield Change("refuse", "repository", spec.repository, observed.repository, spec.repository, reason)


def plain(url: str) -> str:
    """A repository's address in one spelling.

    Example:
        >>> plain("git@git.example.org:data/flights.git") == plain("https://git.example.org/data/flights")
        True
    """
    bare = url.rstrip("/").removesuffix(".git")
    if "://" not in bare and "@" in bare.partition(":")[0]:
        bare = bare.partition("@")[2].replace(":", "/", 1)
    scheme, found, rest = bare.partition("://")
    if not found:
        return bare
    if scheme == "file":
        return rest
    host, slash, path = rest.partition("/")
    return f"{host.rpartition('@')[2].lower()}{slash}{path}"


def _namespaces(spec: WorkspaceSpec, observed: Observed) -> Iterator[Change]:
    for catalog, wanted in spec.catalogs.items():
        there = observed.namespaces.get(catalog, frozenset())
        for namespace in wanted.namespaces:
            subject = f"{catalog}.{namespace}"
            if isinstance(there, str):
                yield Change("refuse", "namespace", subject, reason=there)
            elif namespace not in there:
                yield Change("create", "namespace", subject)


def _sandboxes(spec: WorkspaceSpec, observed: Observed) -> Iterator[Change]:
    if spec.sandboxes != "apply":
        return
    for member in spec.members:
        if member.role not in WRITERS or member.user is None:
            continue
        found = observed.sandboxes.get(member.user, False)
        if isinstance(found, str):
            yield Change("refuse", "sandbox", member.user, reason=found)
        elif not found:
            yield Change("create", "sandbox", member.user)


def _members(spec: WorkspaceSpec, observed: Observed) -> Iterator[Change]:
    wanted = {member.name: member.role for member in spec.members}
    for name, role in wanted.items():
        before = observed.members.get(name, "")
        if before != role:
            yield Change("update" if before else "create", "member", name, before, role)
    for name in sorted(set(observed.members) - set(wanted)):
        yield Change("remove", "member", name, observed.members[name])


def _experiments(spec: WorkspaceSpec, observed: Observed) -> Iterator[Change]:
    for experiment in spec.experiments:
        if isinstance(observed.experiments, str):
            yield Change("refuse", "experiment", experiment.name, reason=observed.experiments)
            continue
        before = observed.experiments.get(experiment.name)
        if before is None:
            yield Change("create", "experiment", experiment.name, after=experiment.description)
        elif experiment.description and before != experiment.description:
            yield Change("update", "experiment", experiment.name, before or "''", experiment.description)
