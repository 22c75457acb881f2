"""What only the Hub's own account may see: its services' processes, and what it keeps encrypted."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.services.jupyterhub.hub import Hub


def refresh_token(hub: Hub, name: str) -> str:
    """What the Hub keeps encrypted, taken with its own key."""
    script = (
        "import asyncio, sys\nfrom jupyterhub import crypto, orm\n"
        f"db = orm.new_session_factory('sqlite:///{hub.folder}/state/jupyterhub.sqlite')()\n"
        f"user = orm.User.find(db, {name!r})\n"
        "async def read(): return await crypto.decrypt(user.encrypted_auth_state)\n"
        "print(asyncio.run(read())['refresh_token'])"
    )
    environ = {**os.environ, **hub.environ}
    python = str(hub.folder / "env" / "bin" / "python")
    done = subprocess.run([python, "-c", script], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def service_token(name: str) -> str:
    return next(of_service(name))[1]["JUPYTERHUB_API_TOKEN"]


def of_service(name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The processes of one of the Hub's services, with their environments."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environ = dict(part.split("=", 1) for part in (process / "environ").read_text().split("\0") if "=" in part)
        except (OSError, ValueError):
            continue
        if environ.get("JUPYTERHUB_SERVICE_NAME") == name:
            yield int(process.name), environ
