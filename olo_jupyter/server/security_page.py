"""The tables of docs/security.md, from the routes and roles."""

from __future__ import annotations

import re

from olo_jupyter.errors import OloError
from olo_jupyter.server.roles import ACTIONS, AREAS, RIGHTS, ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API

_BEGIN, _END = "<!-- generated: scripts/published.py -->", "<!-- end of generated -->"


def security_page(page: str) -> str:
    """A page with its generated part as the code says now.

    Raises:
        OloError: The page has no place for it.
    """
    found = re.search(f"{re.escape(_BEGIN)}.*{re.escape(_END)}", page, re.DOTALL)
    if found is None:
        raise OloError(f"The page has no part between {_BEGIN} and {_END}.", code="bad-parameter")
    return f"{page[: found.start()]}{tables()}{page[found.end() :]}"


def tables() -> str:
    """Roles × areas, then routes × roles, in Markdown."""
    lines = [_BEGIN, "", "### What each role may do", "", _row(["area", *ROLES]), _row(["---"] * (len(ROLES) + 1))]
    for area in AREAS:
        cells = [", ".join(action for action in ACTIONS if (area, action) in RIGHTS[role]) or "–" for role in ROLES]
        lines.append(_row([area, *cells]))
    lines += ["", "### Every route", ""]
    head = ["route", "scope", "answered by", *ROLES]
    lines += [_row(head), _row(["---"] * len(head))]
    for route in sorted(ROUTES, key=lambda route: (route.area, route.path, route.method)):
        cells = ["✓" if (route.area, route.action) in RIGHTS[role] else "403" for role in ROLES]
        where = "own server" if route.local else "service"
        lines.append(_row([f"`{route.method} {API}{route.path}`", f"`{route.scope}`", where, *cells]))
    return "\n".join([*lines, "", _END])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
