"""The person's fork, where olo.yml leaves it to the host to find or make it."""

from __future__ import annotations

from contextlib import closing

from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.hosts.discover import parse_remote
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.pull_request import open_host
from olo_jupyter.promotion.repository import REMOTE, Repository


def find_fork(repository: Repository, settings: Settings) -> None:
    """Have the promotions of ``repository`` pushed to the person's fork, if they may not push to ``origin``.

    Where the host can't tell, nothing is pushed: ``offline`` says why.
    """
    if not repository.finds_fork or repository.remote is None:
        return
    try:
        with closing(open_host(repository, settings)) as host:
            found = host.fork()
        if found is not None:
            over_http = repository.git("remote", "get-url", "--push", REMOTE).startswith(("http:", "https:"))
            url = found.http if over_http else found.ssh
            here, there = repository.remote, parse_remote(url, settings.git.url)
            if there is None or there.host != here.host:  # the token is for this host alone
                raise HostError(f"{here.host} names a fork on another host.", code="host-protocol")
            repository.fork = url
    except OloError as error:
        repository.offline = f"the fork isn't known: {error.message} {error.hint}".strip()
