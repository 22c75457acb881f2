"""Every route is tried by every role."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx2 as httpx
import pytest

from olo_jupyter.server import events
from olo_jupyter.server.roles import AREAS, RIGHTS, ROLES
from olo_jupyter.server.routes import ROUTES
from olo_jupyter.server.routes.route import API
from olo_jupyter.server.security_page import security_page

REMOTE = [route for route in ROUTES if not route.local]


@pytest.mark.parametrize("role", ROLES)
def test_every_route_by_every_role(ask: Callable[..., httpx.Response], role: str) -> None:
    for route in REMOTE:
        path = API + re.sub(r"\{\w+\}", "none", route.path)
        response = ask(route.method, path, role)
        allowed = (route.area, route.action) in RIGHTS[role]
        assert (response.status_code == 403) is not allowed, f"{role}: {route.method} {route.path} {response.text}"
        assert response.status_code not in (401, 405, 429)


def test_each_role_has_the_rights_of_the_one_before_and_more() -> None:
    for less, more in pairwise(ROLES):
        assert RIGHTS[less] < RIGHTS[more]


def test_every_event_has_an_area() -> None:
    for path in Path(events.__file__).parent.glob("*.yml"):
        found = re.search(r"^\$id: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert found is not None
        assert events.area_of(found[1]) in AREAS


def test_a_viewer_only_reads() -> None:
    assert {action for _, action in RIGHTS["viewer"]} == {"read"}


def test_what_changes_nothing_by_its_method_may_not_change_anything() -> None:
    for route in ROUTES:
        assert route.method != "GET" or route.action == "read", f"GET {route.path} needs {route.action}"


def test_the_table_in_the_documentation_is_the_code_s() -> None:
    page = (Path(__file__).parents[4] / "docs" / "security.md").read_text(encoding="utf-8")
    assert security_page(page) == page, "docs/security.md is old: python scripts/published.py"
