"""Where a token comes from, by what git signs in, and that nobody else sees it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import jwt
import keyring
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from keyring.errors import KeyringLocked
from keyrings.alt.file import PlaintextKeyring

from olo_jupyter.backends.hosts import github_app
from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.hosts.discover import Remote
from olo_jupyter.engine_settings import SecretError
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion.credentials import network_environment, sign_in, token_for
from olo_jupyter.promotion.git import SECRET_VARIABLE, Git, GitError

REMOTE = Remote("git.example.org", "ana/flights", "https://git.example.org")
GITHUB = Remote("github.com", "ana/flights", "https://github.com")


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    subprocess.run(["git", "init", "-q", str(tmp_path / "project")], check=True)
    return Git(tmp_path / "project")


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[PlaintextKeyring]:
    """A keyring of one's own, in a file."""
    before = keyring.get_keyring()
    mine = PlaintextKeyring()
    mine.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_the_keyring_s_token_counts_last(git: Git, ring: PlaintextKeyring) -> None:
    assert token_for("gitea", REMOTE, git, GitSettings(), "ana", {}) is None
    keyring.set_password("olo:git.example.org", "token", "from-the-ring")
    assert token_for("gitea", REMOTE, git, GitSettings(), "ana", {}) == "from-the-ring"
    found = sign_in(REMOTE, "gitea", GitSettings(), "ana", {})
    assert found is not None
    assert found.token == "from-the-ring"
    told = {"GITEA_TOKEN": "from-the-environment"}
    assert token_for("gitea", REMOTE, git, GitSettings(), "ana", told) == "from-the-environment"
    helper = git.folder / "helper"
    helper.write_text('#!/bin/sh\n[ "$1" = get ] && echo username=ana && echo password=from-the-helper\n')
    helper.chmod(0o755)
    git("config", "credential.helper", str(helper))
    assert token_for("gitea", REMOTE, git, GitSettings(), "ana", {}) == "from-the-helper"


def test_a_keyring_that_is_locked_is_said(git: Git, ring: PlaintextKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: Any) -> str:
        raise KeyringLocked("it is locked")

    monkeypatch.setattr(ring, "get_password", locked)
    with pytest.raises(SecretError) as raised:
        token_for("gitea", REMOTE, git, GitSettings(), "ana", {})
    assert raised.value.code == "keyring-locked"
    assert "Unlock" in raised.value.hint


def test_what_olo_yml_names_counts_alone(git: Git, ring: PlaintextKeyring, tmp_path: Path) -> None:
    keyring.set_password("olo:git.example.org", "token", "from-the-ring")
    (tmp_path / "token").write_text("from-the-file\n")
    named = GitSettings.model_validate({"token": {"file": str(tmp_path / "token")}}, context={"root": tmp_path})
    environ = {"OLO_GIT_TOKEN": "another", "GITEA_TOKEN": "another"}
    assert token_for("gitea", REMOTE, git, named, "ana", environ) == "from-the-file"
    empty = GitSettings.model_validate({"token": {"env": "TEAM_TOKEN"}})
    with pytest.raises(SecretError, match="TEAM_TOKEN"):
        token_for("gitea", REMOTE, git, empty, "ana", environ)
    assert token_for("gitea", REMOTE, git, GitSettings(token_env="TEAM_TOKEN"), "ana", environ) is None


def test_a_deploy_token_is_git_s_alone(git: Git) -> None:
    settings = GitSettings.model_validate(
        {"push": {"username": "gitlab+deploy-token-1", "token": {"env": "DEPLOY"}}, "token_env": "API"}
    )
    environ = {"DEPLOY": "deploy-token", "API": "api-token"}
    assert token_for("gitlab", REMOTE, git, settings, "ana", environ) == "api-token"
    handed = network_environment(REMOTE, settings, "ana", environ)
    assert handed[SECRET_VARIABLE] == "deploy-token"
    assert "deploy-token" not in handed["GIT_CONFIG_VALUE_0"]
    asked = "protocol=https\nhost=git.example.org\npath=ana/flights\n\n"
    answer = git("credential", "fill", stdin=asked.encode(), env={**handed, SECRET_VARIABLE: "unmasked"})
    assert "username=gitlab+deploy-token-1" in answer
    elsewhere = asked.replace("git.example.org", "evil.example.net")
    other = git.run("credential", "fill", stdin=elsewhere.encode(), env={**handed, "GIT_ASKPASS": "false"})
    assert b"deploy-token" not in other.out
    assert other.code != 0


def test_what_git_says_of_the_token_is_masked(git: Git) -> None:
    environ = {SECRET_VARIABLE: "s3cr3t-t0k3n"}
    git("config", "alias.leak", f"!f() {{ echo ${SECRET_VARIABLE}; echo ${SECRET_VARIABLE} >&2; exit 1; }}; f")
    with pytest.raises(GitError) as raised:
        git("leak", env=environ)
    assert "s3cr3t" not in f"{raised.value.message}{raised.value.output}"
    assert "***" in raised.value.output


def test_the_named_certificates_are_git_s_too(git: Git, tmp_path: Path) -> None:
    settings = GitSettings.model_validate({"ca_file": str(tmp_path / "ca.pem")})
    assert network_environment(REMOTE, settings, "ana", {})["GIT_SSL_CAINFO"] == str(tmp_path / "ca.pem")
    assert network_environment(None, settings, "ana", {"OLO_GIT_TOKEN": "x"}) == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"token": "ghp_literal"}, "never stands in the file"),
        ({"token": {"env": "A"}, "token_env": "B"}, "name one of"),
        ({"app": {"id": 1, "private_key": {"env": "K"}}, "host": "gitlab"}, "GitHub's"),
        ({"committer": "no address"}, "pattern"),
        ({"push": {"username": "a b", "token": {"env": "A"}}}, "pattern"),
    ],
)
def test_settings_that_make_no_sense(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        GitSettings.model_validate(values)
    assert "ghp_literal" not in str(raised.value).split("input_value")[0]


class AppHost:
    """GitHub's two answers to an app; what it was asked."""

    def __init__(self, lives: timedelta = timedelta(hours=1)) -> None:
        self.key = generate_private_key(65537, 2048)
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.lives = lives

    @property
    def pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        scheme, _, token = request.headers["authorization"].partition(" ")
        assert scheme == "Bearer"
        claims = jwt.decode(token, self.key.public_key(), algorithms=["RS256"])
        assert claims["exp"] - claims["iat"] <= 600
        assert claims["iat"] <= time.time()
        body = json.loads(request.content) if request.content else {}
        self.asked.append((request.method, request.url.path, {**claims, **body}))
        if request.method == "GET":
            return httpx.Response(200, json={"id": 17})
        ends = (datetime.now(UTC) + self.lives).isoformat()
        return httpx.Response(201, json={"token": f"ghs_{len(self.asked)}", "expires_at": ends})


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    github_app._known.clear()
    yield
    github_app._known.clear()


def _token(host: AppHost, installation: int | None = None) -> str:
    transport = httpx.MockTransport(host)
    return github_app.installation_token(
        "https://api.github.com", GITHUB.path, "Iv1.abc", host.pem, installation, transport=transport
    )


def test_an_app_s_token_is_of_one_repository_and_kept_while_it_lives() -> None:
    host = AppHost()
    first = _token(host)
    assert [(method, path) for method, path, _ in host.asked] == [
        ("GET", "/repos/ana/flights/installation"),
        ("POST", "/app/installations/17/access_tokens"),
    ]
    assert host.asked[0][2]["iss"] == "Iv1.abc"
    assert host.asked[1][2]["repositories"] == ["flights"]
    assert _token(host) == first
    assert len(host.asked) == 2
    short = AppHost(timedelta(minutes=2))
    assert _token(short, 18) != _token(short, 18)
    assert {path for _, path, _ in short.asked} == {"/app/installations/18/access_tokens"}


def test_an_app_that_isn_t_installed_is_said() -> None:
    host = AppHost()
    transport = httpx.MockTransport(lambda _: httpx.Response(404, json={"message": "Not Found"}))
    with pytest.raises(HostError) as raised:
        github_app.installation_token("https://api.github.com", "ana/x", "7", host.pem, transport=transport)
    assert "isn't installed for ana/x" in raised.value.message
    with pytest.raises(HostError) as bad:
        github_app.installation_token("https://api.github.com", "ana/x", "7", "-----BEGIN s3cr3t")
    assert "s3cr3t" not in f"{bad.value.message}{bad.value.hint}"
    assert "PEM" in bad.value.message


def test_git_signs_in_as_the_app(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    host = AppHost()
    monkeypatch.setattr(
        github_app.HostClient, "__init__", _with_transport(github_app.HostClient.__init__, httpx.MockTransport(host))
    )
    settings = GitSettings.model_validate({"app": {"id": 7, "private_key": {"env": "APP_KEY"}}})
    environ = {"APP_KEY": host.pem}
    handed = network_environment(GITHUB, settings, "ana", environ)
    assert handed[SECRET_VARIABLE] == token_for("github", GITHUB, git, settings, "ana", environ) == "ghs_2"
    assert "x-access-token" in handed.values()


def _with_transport(original: Any, transport: httpx.BaseTransport) -> Any:
    def made(self: Any, *arguments: Any, **more: Any) -> None:
        original(self, *arguments, **{**more, "transport": transport})

    return made
