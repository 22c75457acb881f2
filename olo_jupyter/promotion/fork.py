"""The person's fork, where olo.yml leaves it to the host to find or make it."""

from __future__ import annotations

import threading
import time
from contextlib import closing

from olo_jupyter.backends.hosts.base import HostError
from olo_jupyter.backends.hosts.discover import Remote, parse_remote
from olo_jupyter.config import Settings
from olo_jupyter.errors import OloError
from olo_jupyter.promotion.pull_request import open_host
from olo_jupyter.promotion.repository import REMOTE, Repository

_SECONDS = 600.0
"""How long an answer counts: rights and forks change seldom, and asking takes up to three requests."""
_known: dict[tuple[Remote, str, bool], tuple[float, str]] = {}
_lock = threading.Lock()


def find_fork(repository: Repository, settings: Settings) -> None:
    """Have the promotions of ``repository`` pushed to the person's fork, if they may not push to ``origin``.

    Where the host can't tell, nothing is pushed: ``offline`` says why. What it told is known for some minutes.
    """
    here = repository.remote
    if not repository.finds_fork or here is None:
        return
    over_http = repository.git("remote", "get-url", "--push", REMOTE).startswith(("http:", "https:"))
    key = (here, settings.user, over_http)
    with _lock:
        since, known = _known.get(key, (0.0, ""))
    if since and time.monotonic() - since < _SECONDS:
        repository.fork = known
        return
    try:
        with closing(open_host(repository, settings)) as host:
            found = host.fork()
        url = "" if found is None else found.http if over_http else found.ssh
        there = parse_remote(url, settings.git.url) if url else here
        if there is None or there.host != here.host:  # the token is for this host alone
            raise HostError(f"{here.host} names a fork on another host.", code="host-protocol")
    except OloError as error:
        repository.offline = f"the fork isn't known: {error.message} {error.hint}".strip()
        return
    repository.fork = url
    with _lock:
        _known[key] = (time.monotonic(), url)


def forget_fork(repository: Repository, settings: Settings) -> None:
    """Ask anew next time: what is known of the fork may have led to a push that failed."""
    with _lock:
        for key in [key for key in _known if key[:2] == (repository.remote, settings.user)]:
            del _known[key]
