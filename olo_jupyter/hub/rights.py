"""Roles of people as JupyterHub's roles and scopes: a group has a role, a role its scopes, nothing else decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olo_jupyter.server.roles import EVERYTHING, ROLES, scope, scopes_of

SERVICE = "olo"
"""Name of the shared service in the Hub."""
TOKENS = "olo-tokens"
"""Name of the service that gives people's servers fresh access tokens."""
CULLER = "olo-culler"
_ACCESS = (f"access:services!service={SERVICE}",)
_OF_SERVERS = ("users:activity!user", "read:users:groups!user", "access:servers!server")
_ACCESS_OF_SERVERS = (*_ACCESS, f"access:services!service={TOKENS}")


def custom_scopes() -> dict[str, dict[str, str]]:
    """The Hub's custom scopes: one for each area and action.

    Example:
        >>> custom_scopes()["custom:olo:jobs:read"]["description"]
        'OLO jobs: read'
    """
    return {scope((area, action)): {"description": f"OLO {area}: {action}"} for area, action in sorted(EVERYTHING)}


def roles(groups: Mapping[str, str]) -> list[dict[str, Any]]:
    """The Hub's ``load_roles``.

    A person's server may do what its owner may (the Hub takes the smaller of both), and alone gets access tokens. A
    platform-admin starts and stops servers and never gets into them: data is read as oneself.

    Args:
        groups: Group → role.
    """
    every = sorted(custom_scopes())
    loaded: list[dict[str, Any]] = []
    for role in ROLES:
        members = sorted(group for group, given in groups.items() if given == role)
        if not members:
            continue
        more = ["admin-ui", "list:users", "read:users", "read:groups", "servers"] if role == "platform-admin" else []
        scopes = sorted({*scopes_of(role), *_ACCESS_OF_SERVERS, *more})
        loaded.append({"name": f"olo-{role}", "description": f"OLO {role}", "scopes": scopes, "groups": members})
    loaded.append(
        {
            "name": "server",
            "description": "A person's server: its owner's rights in OLO, groups, and activity",
            "scopes": [
                "users:activity!user",
                "read:users:groups!user",
                "access:servers!server",
                *_ACCESS_OF_SERVERS,
                *every,
            ],
        }
    )
    loaded.append(
        {
            "name": CULLER,
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
            "services": [CULLER],
        }
    )
    loaded.append({"name": TOKENS, "scopes": ["read:users:name", "admin:auth_state"], "services": [TOKENS]})
    return loaded
