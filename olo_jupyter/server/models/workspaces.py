"""Workspaces: what their files say, and where the world differs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from olo_jupyter.server.models.base import Answer


class WorkspaceMember(Answer):
    """A person or group with a role."""

    kind: Literal["user", "group"]
    name: str
    role: str


class WorkspaceApplied(Answer):
    """When a workspace was applied last."""

    commit: str = Field(description="The commit of its file; '' for one that wasn't committed.")
    by: str
    at: datetime


class WorkspaceSummary(Answer):
    """A workspace as its file says; ``problem`` says what is wrong with that, and the rest is then empty."""

    name: str
    title: str = ""
    repository: str = ""
    storage: str = ""
    catalogs: dict[str, list[str]] = Field(default_factory=dict, description="Namespaces by catalog.")
    experiments: list[str] = Field(default_factory=list)
    members: list[WorkspaceMember] = Field(default_factory=list)
    links: dict[str, str] = Field(default_factory=dict, description="Pages elsewhere: grafana, superset …")
    roles: list[str] = Field(default_factory=list, description="Those that you have in it.")
    commit: str = Field(default="", description="The commit of its file; '' for one that isn't committed.")
    applied: WorkspaceApplied | None = None
    problem: str = ""


class WorkspaceList(Answer):
    """The project's workspaces, by name."""

    workspaces: list[WorkspaceSummary]


class WorkspaceChange(Answer):
    """A difference, and what ``olo apply`` would do about it; ``refuse``: nothing, and ``reason`` says why."""

    action: Literal["create", "update", "remove", "refuse"]
    kind: str
    subject: str
    before: str
    after: str
    reason: str


class WorkspaceDrift(Answer):
    """Where the world differs from a workspace's file; empty: nowhere."""

    name: str
    changes: list[WorkspaceChange]
