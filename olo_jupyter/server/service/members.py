"""Members of the project's workspaces: what their role there allows, beside what the Hub or the provider gives them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from olo_jupyter.errors import OloError
from olo_jupyter.server.roles import rights_of, roles_of
from olo_jupyter.server.service.identity import Identity, Person
from olo_jupyter.server.workspace import Workspace
from olo_jupyter.workspaces.load import workspace_names
from olo_jupyter.workspaces.members import MemberStore

_log = logging.getLogger(__name__)


class Members:
    """Another one's people, with the rights of members.

    Args:
        identity: Who checks tokens.
        workspace: The project; a workspace counts while its file is there, as it was applied last.
    """

    def __init__(self, identity: Identity, workspace: Workspace) -> None:
        self._identity, self._workspace = identity, workspace

    async def person(self, token: str) -> Person:
        """As :class:`Identity`. While the store is away, what the identity provider gives is all that one has."""
        person = await self._identity.person(token)
        try:
            more = await asyncio.get_running_loop().run_in_executor(None, self._roles, person)
        except OloError as error:
            _log.warning("The workspaces' members can't be read: %s", error)
            return person
        rights = person.rights | rights_of(more)
        return Person(replace(person.user, roles=roles_of(rights)), rights)

    def _roles(self, person: Person) -> frozenset[str]:
        opened = self._workspace.open()
        names = workspace_names(opened.project.root)
        if not names:
            return frozenset()
        user = person.user
        return MemberStore(opened.database).roles_in(names, user.name, user.groups)

    async def close(self) -> None:
        """Let go of connections."""
        await self._identity.close()
