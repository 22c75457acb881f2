"""The token for a Git host: from the environment, Git's credential helpers or the keyring, never a file of ours."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping

from olo_jupyter.backends.hosts.discover import Kind, Remote
from olo_jupyter.promotion.git import Git

ANY_HOST = "OLO_GIT_TOKEN"
_PUBLIC_GITHUB = ("GH_TOKEN", "GITHUB_TOKEN")
_VARIABLES: dict[Kind, tuple[str, ...]] = {
    "github": ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN"),
}
_HANDED_OVER = "OLO_GIT_HANDED_OVER"
# The token reaches git by the environment: in an argument every process of the machine could read it.
_HELPER = f'!f() {{ test "$1" = get && echo username=oauth2 && echo "password=${_HANDED_OVER}"; }}; f'


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
    kind: Kind, remote: Remote, git: Git, *, configured: str = "", environ: Mapping[str, str] = os.environ
) -> str | None:
    """The token for a host, None where nobody has one.

    Args:
        git: In the user's repository: its configuration names the credential helpers.
        configured: The environment variable that olo.yml names; then no other counts.
    """
    for name in variables(kind, remote, configured):
        if environ.get(name):
            return environ[name]
    if configured:
        return None
    return _from_helpers(remote, git) or _from_keyring(remote)


def network_environment(
    remote: Remote | None, kind: Kind | None, configured: str = "", environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Variables with which git itself signs in by the environment's token, after the user's credential helpers.

    Args:
        kind: None where it isn't known: then only the variables that are meant for any host count.
    """
    if remote is None or not remote.web.startswith("http"):
        return {}
    names = variables(kind, remote, configured) if kind is not None else (configured or ANY_HOST,)
    token = next((environ[name] for name in names if environ.get(name)), None)
    if token is None:
        return {}
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"credential.{remote.web}.helper",
        "GIT_CONFIG_VALUE_0": _HELPER,
        _HANDED_OVER: token,
    }


def _from_helpers(remote: Remote, git: Git) -> str | None:
    scheme, _, host = remote.web.partition("://")
    asked = f"protocol={scheme}\nhost={host.split('/')[0]}\npath={remote.path}\n\n"
    # Helpers only: without a terminal git asks nobody.
    answer = git.run("credential", "fill", stdin=asked.encode(), seconds=10.0, env={"GIT_ASKPASS": "true"})
    told = dict(line.split("=", 1) for line in answer.text.splitlines() if "=" in line)
    return told.get("password") or None


def _from_keyring(remote: Remote) -> str | None:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    found = keyring.get_password(f"olo:{remote.host}", "token")
    return found if isinstance(found, str) else None
