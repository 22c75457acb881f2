"""Which host a remote's URL names, and which kind it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

import httpx2 as httpx

from olo_jupyter.backends.hosts import gitea, github, gitlab
from olo_jupyter.backends.hosts.base import GitHost, HostError
from olo_jupyter.backends.hosts.transport import HostClient
from olo_jupyter.backends.upstream.authority import authority_hint, certificates

Kind = Literal["github", "gitlab", "gitea"]
KNOWN: dict[str, Kind] = {
    "github.com": "github", "gitlab.com": "gitlab", "gitea.com": "gitea", "codeberg.org": "gitea",
}  # fmt: skip
_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?!/)(?P<path>[^\s]+)")
_WEB_SCHEMES = ("http", "https")
_SSH_SCHEMES = ("ssh", "git+ssh", "git")
_PROBES: dict[Kind, tuple[str, Callable[[httpx.Response], bool]]] = {
    "gitea": ("/api/v1/version", lambda answer: answer.is_success and "version" in answer.json()),
    "github": ("/api/v3/meta", lambda answer: "x-github-request-id" in answer.headers),
    "gitlab": ("/api/v4/version", lambda answer: "x-gitlab-meta" in answer.headers or "message" in answer.json()),
}


@dataclass(frozen=True)
class Remote:
    """A repository on a host.

    Args:
        host: Name, with the port of its pages where they have one.
        path: ``owner/name``; groups of GitLab nest.
        web: Where its pages are, e.g. ``https://git.example.org``.
    """

    host: str
    path: str
    web: str


def parse_remote(url: str, web: str = "") -> Remote | None:
    """The host and the repository that a remote's URL names; None for a folder.

    Args:
        web: Where the host's pages are, where the URL doesn't tell (a path before the owner, another port).

    Example:
        >>> parse_remote("git@github.com:ana/flights.git")
        Remote(host='github.com', path='ana/flights', web='https://github.com')
        >>> parse_remote("https://ana:secret@example.org:3000/ana/a%20b.git")
        Remote(host='example.org:3000', path='ana/a b', web='https://example.org:3000')
        >>> parse_remote("https://example.org/git/ana/flights", web="https://example.org/git/").path
        'ana/flights'
        >>> parse_remote("../origin.git") is None
        True
    """
    parts = urlsplit(url)
    if parts.scheme in _WEB_SCHEMES and parts.hostname:
        host = parts.hostname + (f":{parts.port}" if parts.port else "")
        path, page = parts.path, f"{parts.scheme}://{host}"
    elif parts.scheme in _SSH_SCHEMES and parts.hostname:
        host, path, page = parts.hostname, parts.path, f"https://{parts.hostname}"
    elif "://" not in url and (scp := _SCP.fullmatch(url)):
        host, path, page = scp["host"], scp["path"], f"https://{scp['host']}"
    else:
        return None
    name = unquote(path).strip("/").removesuffix(".git").rstrip("/")
    if web:
        page = web.rstrip("/")
        below = urlsplit(page)
        host = below.netloc or host
        name = name.removeprefix(below.path.strip("/")).strip("/")
    return Remote(host, name, page) if "/" in name else None


def kind_of(remote: Remote, ca_file: Path | None = None) -> Kind:
    """The kind of a host: a known name, else what its API answers to one who isn't signed in.

    Raises:
        HostError: host-unknown: it answers as none of them.
        OloError: certificate-invalid: ``ca_file`` can't be read.
    """
    known = KNOWN.get(remote.host)
    if known is not None:
        return known
    try:
        with httpx.Client(verify=certificates(ca_file), timeout=10.0) as probe:
            for kind, (path, fits) in _PROBES.items():
                if _fits(probe, f"{remote.web}{path}", fits):
                    return kind
    except httpx.TransportError as error:
        raise HostError(
            f"{remote.host} can't be reached to see which kind of Git host it is: {error}",
            hint=authority_hint(str(error), "git.ca_file")
            or "Name the kind: git.host in olo.yml (github, gitlab or gitea).",
        ) from error
    raise HostError(
        f"{remote.host} answers neither as GitHub, GitLab nor Gitea.",
        code="host-unknown",
        hint="Name the kind and the address: git.host and git.url in olo.yml.",
    )


def _fits(probe: httpx.Client, address: str, fits: Callable[[httpx.Response], bool]) -> bool:
    answer = probe.get(address)
    try:
        return fits(answer)
    except (ValueError, TypeError):  # no JSON: another kind of host, or a page of its own
        return False


def connect(
    remote: Remote,
    kind: Kind,
    token: str,
    *,
    ca_file: Path | None = None,
    seconds: float = 30.0,
    transport: httpx.BaseTransport | None = None,
) -> GitHost:
    """The host of a repository, signed in by ``token``.

    Raises:
        HostError: The certificates can't be read.
    """

    def client(api: str, headers: dict[str, str]) -> HostClient:
        return HostClient(api, remote.host, headers, ca_file=ca_file, seconds=seconds, transport=transport)

    if kind == "gitea":
        return gitea.Gitea(client(f"{remote.web}/api/v1", gitea.headers(token)), remote.path, remote.web)
    if kind == "gitlab":
        return gitlab.GitLab(client(f"{remote.web}/api/v4", gitlab.headers(token)), remote.path, remote.web)
    # The REST API of an enterprise server lies below /api/v3, GraphQL beside it.
    graphql = "graphql" if remote.host == "github.com" else f"{remote.web}/api/graphql"
    return github.GitHub(client(github_api(remote), github.headers(token)), remote.path, remote.web, graphql)


def github_api(remote: Remote) -> str:
    """Where the REST API of github.com or of an enterprise server is.

    Example:
        >>> github_api(Remote("git.example.org", "a/b", "https://git.example.org"))
        'https://git.example.org/api/v3'
    """
    return "https://api.github.com" if remote.host == "github.com" else f"{remote.web}/api/v3"
