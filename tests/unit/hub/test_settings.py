"""What a Hub's operator may say, and what follows for roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.hub.rights import custom_scopes, roles
from olo_jupyter.hub.settings import HubError, from_environment
from olo_jupyter.server.roles import ROLES, scopes_of

ISSUER = "https://id.example.org/realms/olo"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "OLO_HUB_CLIENT_SECRET_FILE"),
        ({"client_secret": "s3cret", "issuer": "http://id.example.org"}, "OLO_HUB_ISSUER: http://id.example.org would"),
        ({"client_secret": "s3cret", "url": "hub.example.org"}, "OLO_HUB_URL"),
        ({"client_secret": "s3cret", "groups": {"analysts": "analist"}}, "OLO_HUB_GROUPS: the group analysts"),
        ({"client_secret": "s3cret", "groups": {}}, "no group may sign in"),
        ({"client_secret": "s3cret", "environment": {"TRINO_PASSWORD": "hunter2"}}, "TRINO_PASSWORD would be readable"),
        ({"client_secret": "s3cret", "client_secret_file": Path("x")}, "give the client's secret once"),
        ({"client_secret": "s3cret", "idle_seconds": 1}, "OLO_HUB_IDLE_SECONDS"),
    ],
)
def test_what_is_wrong_is_told_by_the_variable_s_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(HubError) as caught:
        from_environment(**{"issuer": ISSUER, **given})
    assert said in caught.value.message
    assert "s3cret" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_variables_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    monkeypatch.setenv("OLO_HUB_ISSUER", f"{ISSUER}/")
    monkeypatch.setenv("OLO_HUB_CLIENT_SECRET_FILE", str(secret))
    monkeypatch.setenv("OLO_HUB_GROUPS", '{"data": "analyst"}')
    settings = from_environment()
    assert (settings.issuer, settings.secret, settings.groups) == (ISSUER, "s3cret", {"data": "analyst"})
    secret.write_text("")
    with pytest.raises(HubError, match="is empty"):
        _ = settings.secret


def test_each_role_has_its_scopes_and_only_groups_give_roles() -> None:
    loaded = {one["name"]: one for one in roles({"one": "viewer", "two": "viewer", "chiefs": "platform-admin"})}
    assert loaded["olo-viewer"]["groups"] == ["one", "two"]
    held = {scope for scope in loaded["olo-viewer"]["scopes"] if scope.startswith("custom:")}
    assert held == set(scopes_of("viewer"))
    assert "olo-analyst" not in loaded, "no group has the role"
    assert not any("users" in one for one in loaded.values()), "nobody has a role by name"
    for role in loaded.values():
        custom = {scope for scope in role["scopes"] if scope.startswith("custom:")}
        assert custom <= set(custom_scopes())
        assert not {"admin:users", "admin:servers", "access:servers"} & set(role["scopes"]), role["name"]
    assert {scope for role in ROLES for scope in scopes_of(role)} <= set(custom_scopes())
