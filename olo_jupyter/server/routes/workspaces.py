"""Workspaces: /olo/api/workspaces"""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.workspaces import WorkspaceDrift, WorkspaceList
from olo_jupyter.server.routes.route import Route


def _list(context: Context) -> WorkspaceList:
    from olo_jupyter.server import workspaces

    return workspaces.list_workspaces(context.opened, context.user)


def _drift(context: Context, *, name: str) -> WorkspaceDrift:
    from olo_jupyter.server import workspaces

    return workspaces.drift(context.opened, name)


ROUTES = [
    Route(
        "GET", "/workspaces", "workspaces", "read", _list, WorkspaceList,
        summary="The project's workspaces with members, your roles, links, and what was applied last.",
    ),
    Route(
        "GET", "/workspaces/{name}/drift", "workspaces", "read", _drift, WorkspaceDrift,
        summary="Where the world differs from a workspace's file.",
    ),
]  # fmt: skip
