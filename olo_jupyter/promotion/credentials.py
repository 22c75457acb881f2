"""The token for a Git host: from where olo.yml says, the environment, Git's credential helpers or the keyring."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from olo_jupyter.backends.hosts.discover import KNOWN, Kind, Remote, github_api
from olo_jupyter.backends.hosts.github_app import installation_token
from olo_jupyter.engine_settings import from_keyring
from olo_jupyter.git_settings import GitSettings
from olo_jupyter.promotion.git import SECRET_VARIABLE, Git

ANY_HOST = "OLO_GIT_TOKEN"
_PUBLIC_GITHUB = ("GH_TOKEN", "GITHUB_TOKEN")
_VARIABLES: dict[Kind, tuple[str, ...]] = {
    "github": ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN"),
}
_NAME_VARIABLE = "OLO_GIT_USERNAME_HANDED_OVER"
_ANY_USER, _APP_USER = "oauth2", "x-access-token"
_KEYRING_ACCOUNT = "token"
# The token reaches git by the environment: in an argument every process of the machine could read it.
_HELPER = f'!f() {{ test "$1" = get && echo "username=${_NAME_VARIABLE}" && echo "password=${SECRET_VARIABLE}"; }}; f'


@dataclass(frozen=True)
class SignIn:
    """What git signs in by."""

    username: str
    token: str


def variables(kind: Kind, remote: Remote, configured: str = "") -> tuple[str, ...]:
    """The environment variables that may hold the token, the first that is set counts.

    Those that GitHub's own command reads for github.com are not sent to any other host.

    Example:
        >>> variables("gitea", Remote("git.example.org", "a/b", "https://git.example.org"))
        ('OLO_GIT_TOKEN', 'GITEA_TOKEN', 'FORGEJO_TOKEN')
        >>> variables("gitlab", Remote("gitlab.com", "a/b", "https://gitlab.com"), "TEAM_TOKEN")
        ('TEAM_TOKEN',)
    """
    if configured:
        return (configured,)
    own = _PUBLIC_GITHUB if remote.host == "github.com" else _VARIABLES[kind]
    return (ANY_HOST, *own)


def token_for(
    kind: Kind, remote: Remote, git: Git, settings: GitSettings, user: str, environ: Mapping[str, str] = os.environ
) -> str | None:
    """The token for a host's API, None where nobody has one.

    Args:
        git: In the user's repository: its configuration names the credential helpers.
        settings: What olo.yml says; where it names a place, no other counts.
        user: The person, whose the keyring's entry is.

    Raises:
        SecretError: There is nothing where olo.yml says, or the keyring is locked.
        HubTokenError: The Hub gives none.
        HostError: GitHub gives the app no token.
    """
    if settings.app is not None or settings.token is not None:
        return _configured(remote, settings, user, environ)
    told = _told(variables(kind, remote, settings.token_env), environ)
    if told is not None or settings.token_env:
        return told
    return _from_helpers(remote, git) or from_keyring(keyring_service(remote), _KEYRING_ACCOUNT) or None


def sign_in(
    remote: Remote, kind: Kind | None, settings: GitSettings, user: str, environ: Mapping[str, str] = os.environ
) -> SignIn | None:
    """What git itself signs in by, beside the user's own credential helpers; None where they have to do.

    Args:
        kind: None where it isn't known: then only the variables that are meant for any host count.

    Raises:
        SecretError, HubTokenError, HostError: As token_for.
    """
    if settings.push is not None:
        return SignIn(settings.push.username, settings.push.token.read(user, environ))
    if settings.app is not None or settings.token is not None:
        return SignIn(_APP_USER if settings.app else _ANY_USER, _configured(remote, settings, user, environ))
    names = variables(kind, remote, settings.token_env) if kind is not None else (settings.token_env or ANY_HOST,)
    told = _told(names, environ)
    if told is None and not settings.token_env:
        told = from_keyring(keyring_service(remote), _KEYRING_ACCOUNT) or None
    return SignIn(_ANY_USER, told) if told is not None else None


def network_environment(
    remote: Remote | None, settings: GitSettings, user: str, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Variables for git commands that speak to the remote: the token, and the certificates that olo.yml names.

    Args:
        remote: None for a remote that isn't reached by HTTP: SSH has keys of its own.

    Raises:
        SecretError, HubTokenError, HostError: As token_for.
    """
    if remote is None:
        return {}
    made = {"GIT_SSL_CAINFO": str(settings.ca_file)} if settings.ca_file is not None else {}
    found = sign_in(remote, settings.host or KNOWN.get(remote.host), settings, user, environ)
    if found is None:
        return made
    return {
        **made,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"credential.{remote.web}.helper",
        "GIT_CONFIG_VALUE_0": _HELPER,
        _NAME_VARIABLE: found.username,
        SECRET_VARIABLE: found.token,
    }


def keyring_service(remote: Remote) -> str:
    """The keyring's service for a host.

    Example:
        >>> keyring_service(Remote("git.example.org", "a/b", "https://git.example.org"))
        'olo:git.example.org'
    """
    return f"olo:{remote.host}"


def _configured(remote: Remote, settings: GitSettings, user: str, environ: Mapping[str, str]) -> str:
    """The token from the place that olo.yml names."""
    if settings.app is None:
        assert settings.token is not None
        return settings.token.read(user, environ)
    app = settings.app
    key = app.private_key.read(user, environ)
    return installation_token(github_api(remote), remote.path, app.id, key, app.installation, ca_file=settings.ca_file)


def _told(names: tuple[str, ...], environ: Mapping[str, str]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _from_helpers(remote: Remote, git: Git) -> str | None:
    scheme, _, host = remote.web.partition("://")
    asked = f"protocol={scheme}\nhost={host.split('/')[0]}\npath={remote.path}\n\n"
    # Helpers only: without a terminal git asks nobody.
    answer = git.run("credential", "fill", stdin=asked.encode(), seconds=10.0, env={"GIT_ASKPASS": "true"})
    told = dict(line.split("=", 1) for line in answer.text.splitlines() if "=" in line)
    return told.get("password") or None
