"""Which role may do what: each role has the rights of the one before it and more. A right is an area with an action."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import get_args

from olo_jupyter.server.routes.route import Action, Area

Right = tuple[Area, Action]

AREAS: tuple[Area, ...] = get_args(Area)
ACTIONS: tuple[Action, ...] = get_args(Action)
EVERYTHING: frozenset[Right] = frozenset(product(AREAS, ACTIONS))

_PREFIX = "custom:olo"
_MORE: dict[str, dict[Area, tuple[Action, ...]]] = {
    "viewer": {
        "catalog": ("read",),
        "jobs": ("read",),
        "runs": ("read",),
        "lineage": ("read",),
        "experiments": ("read",),
        "health": ("read",),
        "workspaces": ("read",),
    },
    "analyst": {
        "catalog": ("write",),
        "jobs": ("trigger",),
        "runs": ("trigger",),
        "queries": ("read", "write"),
        "promote": ("read", "write"),
    },
    "data-engineer": {
        "jobs": ("write", "deploy"),
        "runs": ("write",),
        "lineage": ("write",),
        "experiments": ("write",),
        "promote": ("deploy",),
    },
    "workspace-admin": {
        "workspaces": ("write", "admin"),
        "queries": ("admin",),
        "audit": ("read",),
    },
}


def _grown() -> dict[str, frozenset[Right]]:
    rights: frozenset[Right] = frozenset()
    grown: dict[str, frozenset[Right]] = {}
    for role, more in _MORE.items():
        rights |= {(area, action) for area, actions in more.items() for action in actions}
        grown[role] = rights
    return {**grown, "platform-admin": EVERYTHING}


RIGHTS = _grown()
"""The rights of each role, the least role first."""
ROLES: tuple[str, ...] = tuple(RIGHTS)


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """What one may do who has these roles; a role that isn't one gives nothing.

    Example:
        >>> ("jobs", "trigger") in rights_of(["viewer"]), ("jobs", "trigger") in rights_of(["viewer", "analyst"])
        (False, True)
    """
    return frozenset().union(*(RIGHTS.get(role, frozenset()) for role in roles))


def roles_of(rights: frozenset[Right]) -> frozenset[str]:
    """The roles whose rights these include.

    Example:
        >>> sorted(roles_of(RIGHTS["analyst"]))
        ['analyst', 'viewer']
    """
    return frozenset(role for role in ROLES if RIGHTS[role] <= rights)


def scope(right: Right) -> str:
    """A right as a scope of JupyterHub.

    Example:
        >>> scope(("jobs", "trigger"))
        'custom:olo:jobs:trigger'
    """
    return f"{_PREFIX}:{right[0]}:{right[1]}"


def scopes_of(role: str) -> list[str]:
    """The Hub's scopes of a role, sorted.

    Raises:
        KeyError: There is no such role.
    """
    return sorted(scope(right) for right in RIGHTS[role])


def rights_in(scopes: Iterable[str]) -> frozenset[Right]:
    """The rights that scopes of the Hub give; others, and filtered ones, give none.

    Example:
        >>> rights_in(["custom:olo:jobs:read", "servers", "custom:olo:jobs:read!user=ana"])
        frozenset({('jobs', 'read')})
    """
    given = set(scopes)
    return frozenset(right for right in EVERYTHING if scope(right) in given)
