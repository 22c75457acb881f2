"""What the one who asks may do: /olo/api/rights."""

from __future__ import annotations

from olo_jupyter.server.context import Context
from olo_jupyter.server.models.rights import Rights
from olo_jupyter.server.routes.route import Route


def _rights(context: Context) -> Rights:
    user = context.user
    return Rights(name=user.name, roles=sorted(user.roles), rights=sorted(user.rights))


RIGHTS = Route("GET", "/rights", "health", "read", _rights, Rights, summary="Your roles, and what you may do.")
ROUTES = [RIGHTS]
