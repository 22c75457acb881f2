"""Look at the world, and make it as a workspace's file says: one change at a time, each safe to repeat."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from olo_jupyter.config import Settings, load_settings, short_name
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.catalog import Catalogs
from olo_jupyter.project.project import Project
from olo_jupyter.store.audit import audited
from olo_jupyter.workspaces.load import FOLDER
from olo_jupyter.workspaces.members import MemberStore
from olo_jupyter.workspaces.plan import Change, Observed, plan
from olo_jupyter.workspaces.sandbox import NAMESPACE, ensure_namespace, ensure_sandbox
from olo_jupyter.workspaces.spec import WRITERS, WorkspaceSpec

NO_TRACKING = "no tracking server is configured"


class Experiments(Protocol):
    """A tracking server's experiments."""

    def descriptions(self) -> Mapping[str, str]:
        """Description by name."""

    def create(self, name: str, description: str) -> None:
        """Make one; nothing happens where it is there."""

    def describe(self, name: str, description: str) -> None:
        """Change its description."""


@dataclass(frozen=True)
class Done:
    """A change that was tried; ``error`` says why it wasn't made, '' where it was."""

    change: Change
    error: str = ""


@dataclass(frozen=True)
class World:
    """What a workspace is compared with, and made in.

    Args:
        experiments: None where no tracking server is configured.
        environ: The environment that settings of other people are read in.
    """

    project: Project
    catalogs: Catalogs
    store: MemberStore
    experiments: Experiments | None = None
    environ: Mapping[str, str] | None = None

    def changes(self, spec: WorkspaceSpec) -> list[Change]:
        """What differs from the file."""
        return plan(spec, self.observe(spec))

    def observe(self, spec: WorkspaceSpec) -> Observed:
        """The world as it is, as far as ``spec`` is about it."""
        return Observed(
            repository=_git(self.project, "config", "--get", "remote.origin.url", plainly=True),
            namespaces={name: self._namespaces(name) for name in spec.catalogs},
            sandboxes=dict(self._sandboxes(spec)),
            members=self.store.members(spec.name),
            experiments=self._experiments(spec),
        )

    def apply(self, spec: WorkspaceSpec, changes: Sequence[Change], by: str) -> Iterator[Done]:
        """Make changes, each told when it is tried; one that fails doesn't keep the others.

        Args:
            changes: As :meth:`changes` gave them; those that are refused are passed over.
            by: Who applies.
        """
        failed = False
        for change in changes:
            if change.action == "refuse":
                failed = True
                continue
            before = {"is": change.before} if change.before else None
            after = {"is": change.after} if change.after else None
            subject = f"workspace/{spec.name}/{change.kind}/{change.subject}"
            try:
                with audited(self.project.settings, f"workspace-{change.action}", subject, before=before, after=after):
                    self._make(spec, change)
                yield Done(change)
            except OloError as error:
                failed = True
                yield Done(change, f"{error.message} {error.hint}".strip())
        if not failed:
            self.store.set_applied(spec.name, file_commit(self.project, spec.name), by)

    def _make(self, spec: WorkspaceSpec, change: Change) -> None:
        match change.kind:
            case "namespace":
                catalog, _, namespace = change.subject.partition(".")
                ensure_namespace(self.catalogs, catalog, namespace)
            case "sandbox":
                catalogs = Catalogs(self._settings_of(change.subject))
                try:
                    ensure_sandbox(catalogs)
                finally:
                    catalogs.close()
            case "member":
                kind, _, name = change.subject.partition(" ")
                wanted = {member.name: member.role for member in spec.members}
                self.store.set_role(spec.name, kind, name, wanted.get(change.subject))
            case "experiment":
                assert self.experiments is not None
                make = self.experiments.create if change.action == "create" else self.experiments.describe
                make(change.subject, change.after)
            case _:
                raise AssertionError(change.kind)

    def _namespaces(self, catalog: str) -> frozenset[str] | str:
        try:
            return frozenset(self.catalogs.namespaces(catalog))
        except OloError as error:
            return error.message

    def _sandboxes(self, spec: WorkspaceSpec) -> Iterator[tuple[str, bool | str]]:
        if spec.sandboxes != "apply":
            return
        for member in spec.members:
            if member.user is None or member.role not in WRITERS:
                continue
            try:
                settings = self._settings_of(member.user)
                if settings.sandbox_catalog not in settings.catalogs:
                    yield member.user, f"olo.yml has no catalog {settings.sandbox_catalog}"
                    continue
                catalogs = Catalogs(settings)
                try:
                    yield member.user, NAMESPACE in catalogs.namespaces(settings.sandbox_catalog)
                finally:
                    catalogs.close()
            except OloError as error:
                yield member.user, error.message

    def _settings_of(self, user: str) -> Settings:
        """The settings as another person has them: their name, their sandbox."""
        environ = dict(os.environ if self.environ is None else self.environ)
        return load_settings(self.project.settings.root, {**environ, "OLO_USER": short_name(user)})

    def _experiments(self, spec: WorkspaceSpec) -> Mapping[str, str] | str:
        if not spec.experiments:
            return {}
        if self.experiments is None:
            return NO_TRACKING
        try:
            return self.experiments.descriptions()
        except OloError as error:
            return error.message


def file_commit(project: Project, name: str) -> str:
    """The commit that changed a workspace's file last; '' outside Git, or where the file has uncommitted changes."""
    file = f"{FOLDER}/{name}.yml"
    if _git(project, "status", "--porcelain", "--", file):
        return ""
    return _git(project, "log", "-1", "--format=%H", "--", file)


def _git(project: Project, *arguments: str, plainly: bool = False) -> str:
    """What git says, '' where it can't; ``plainly``: an address without user and password."""
    command = ["git", "-C", str(project.root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = done.stdout.strip() if done.returncode == 0 else ""
    parts = urlsplit(said)
    if plainly and parts.username is not None and parts.scheme in ("http", "https"):
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return said
