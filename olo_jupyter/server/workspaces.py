"""What the routes of workspaces answer."""

from __future__ import annotations

from dataclasses import asdict

from olo_jupyter.errors import OloError
from olo_jupyter.server.context import User
from olo_jupyter.server.models.workspaces import (
    WorkspaceApplied,
    WorkspaceChange,
    WorkspaceDrift,
    WorkspaceList,
    WorkspaceMember,
    WorkspaceSummary,
)
from olo_jupyter.server.workspace import Opened
from olo_jupyter.workspaces.apply import World, file_commit
from olo_jupyter.workspaces.load import load_workspace, workspace_names
from olo_jupyter.workspaces.members import MemberStore
from olo_jupyter.workspaces.spec import WorkspaceSpec
from olo_jupyter.workspaces.tracking import TrackedExperiments


def list_workspaces(opened: Opened, user: User) -> WorkspaceList:
    """The project's workspaces; one whose file is wrong says so and hides none of the others."""
    found = []
    for name in workspace_names(opened.project.root):
        try:
            found.append(_summary(opened, load_workspace(opened.project, name), user))
        except OloError as error:
            found.append(WorkspaceSummary(name=name, problem=error.message))
    return WorkspaceList(workspaces=found)


def drift(opened: Opened, name: str) -> WorkspaceDrift:
    """Where the world differs from a workspace's file.

    Raises:
        WorkspaceError: workspace-not-found, or what is wrong with its file.
    """
    spec = load_workspace(opened.project, name)
    tracked = TrackedExperiments(opened.experiments) if spec.experiments and _is_tracking(opened) else None
    world = World(opened.project, opened.catalogs, MemberStore(opened.database), tracked)
    changes = [WorkspaceChange.model_validate(asdict(change)) for change in world.changes(spec)]
    return WorkspaceDrift(name=name, changes=changes)


def _is_tracking(opened: Opened) -> bool:
    try:
        return opened.experiments is not None
    except OloError as error:
        if error.code == "experiments-not-configured":
            return False
        raise


def _summary(opened: Opened, spec: WorkspaceSpec, user: User) -> WorkspaceSummary:
    store = MemberStore(opened.database)
    last = store.applied(spec.name)
    return WorkspaceSummary(
        name=spec.name,
        title=spec.title,
        repository=spec.repository,
        storage=spec.storage or "",
        catalogs={name: list(one.namespaces) for name, one in spec.catalogs.items()},
        experiments=[one.name for one in spec.experiments],
        members=[_member(one.name, one.role) for one in spec.members],
        links=spec.links.model_dump(exclude_none=True),
        roles=sorted(store.roles_in([spec.name], user.name, user.groups)),
        commit=file_commit(opened.project, spec.name),
        applied=None if last is None else WorkspaceApplied(commit=last.commit, by=last.by, at=last.at),
    )


def _member(member: str, role: str) -> WorkspaceMember:
    kind, _, name = member.partition(" ")
    return WorkspaceMember.model_validate({"kind": kind, "name": name, "role": role})
