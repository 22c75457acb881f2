"""Sign-in whose access token never ends while somebody uses it."""

from __future__ import annotations

import time
from typing import Any

from oauthenticator.generic import GenericOAuthenticator, LocalGenericOAuthenticator

from olo_jupyter.hub.expiry import expires_at


class _Ended:
    """A person as oauthenticator sees them whose access token has ended: it then takes a new one."""

    def __init__(self, user: Any, state: dict[str, Any]) -> None:
        self._state = {**state, "token_response": {**(state.get("token_response") or {}), "access_token": "ended"}}
        self.name = user.name

    async def get_auth_state(self) -> dict[str, Any]:
        """The state without a token that works."""
        return self._state


class _Fresh:
    """oauthenticator asks for a new token when the old one has ended; this asks before that."""

    auth_refresh_age: int

    async def refresh_user(self, user: Any, handler: Any = None, **more: Any) -> Any:
        """As the Hub's authenticators: what changed, True for nothing, False for a new sign-in."""
        state = await user.get_auth_state() or {}
        ends, now = expires_at(state.get("access_token") or "", time.time()), time.time()
        if state.get("refresh_token") and ends - now < 2 * self.auth_refresh_age:
            user = _Ended(user, state)
        return await super().refresh_user(user, handler, **more)  # type: ignore[misc]


class OloAuthenticator(_Fresh, GenericOAuthenticator):  # type: ignore[misc]
    """Generic OpenID Connect."""


class LocalOloAuthenticator(_Fresh, LocalGenericOAuthenticator):  # type: ignore[misc]
    """The same, with a Unix account a person."""

    def check_allowed_groups(self, username: str, authentication: Any) -> bool:  # noqa: ARG002 - as it is overridden
        """Groups are the identity provider's, never this machine's: who signs in first has no account here yet."""
        return False
