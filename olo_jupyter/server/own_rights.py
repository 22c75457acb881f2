"""What a person may do on their own server beside a shared service: the same roles hold there.

Their server's routes work with their own credentials, and the catalogs decide; what the roles forbid isn't even tried.
"""

from __future__ import annotations

import json
import re
import time

from olo_jupyter.errors import OloError
from olo_jupyter.server.context import User
from olo_jupyter.server.dispatch import Asked
from olo_jupyter.server.proxy import Proxy
from olo_jupyter.server.roles import EVERYTHING
from olo_jupyter.server.routes.rights import RIGHTS
from olo_jupyter.server.routes.route import Route

HOLD = 30.0
"""Seconds that an answer holds, as long as the service remembers a token."""
_MADE_UP = re.compile("[0-9a-f]{32}")
"""What Jupyter Server calls somebody who showed its token: another name in each browser."""
_EVERYTHING = frozenset({"platform-admin"})
_EVERY_RIGHT = frozenset(map(":".join, EVERYTHING))


def owner(name: str, display_name: str) -> User:
    """Whose server it is: it refuses them nothing by itself."""
    anonymous = _MADE_UP.fullmatch(name) is not None
    return User(name, display_name or name, _EVERYTHING, rights=_EVERY_RIGHT, anonymous=anonymous)


class OwnRights:
    """The rights of the one person whose server this is, as the shared service knows them. For use in the event loop.

    Args:
        proxy: The way to the service.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._rights: frozenset[str] | None = None
        self._until = 0.0

    async def check(self, route: Route) -> None:
        """Go on, or not.

        While the service is away, what was known last holds; where nothing was, reading goes on and nothing is changed.

        Raises:
            OloError: forbidden: the roles don't give it. service-unavailable: a change, and nobody can tell.
        """
        if time.monotonic() >= self._until:
            await self._ask(route)
        if self._rights is not None and f"{route.area}:{route.action}" not in self._rights:
            raise OloError(
                f"You may not {route.action} in {route.area}.",
                code="forbidden",
                hint="It takes a role that may: ask an admin.",
            )

    async def _ask(self, route: Route) -> None:
        try:
            passed = await self._proxy.forward(RIGHTS, Asked({}, {}))
        except OloError:
            if self._rights is None and route.action != "read":
                raise
            return
        if passed.status == 200:
            self._rights = frozenset(map(str, json.loads(passed.body)["rights"]))
            self._until = time.monotonic() + HOLD
        elif passed.status in (401, 403):
            self._rights, self._until = frozenset(), time.monotonic() + HOLD
        elif self._rights is None and route.action != "read":
            hint = "Try again in a moment."
            raise OloError("Your rights can't be looked up.", code="service-unavailable", hint=hint)
