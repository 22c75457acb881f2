"""Gitea, built from its Go module: a Git host with an API, its own accounts and SQLite, on loopback."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.cache import installed
from tests.services.process import Process, ServiceError, finished, free_port, http_answers

VERSION = "v1.26.0"
_MODULE = "code.gitea.io/gitea"
_GENERATED = ("options", "public", "migration", "templates")
_GENERATE_TAGS = "bindata"
_BUILD_TAGS = "sqlite sqlite_unlock_notify bindata"
_ACCOUNT = "nobody"
_APP_INI = """\
APP_NAME = olo
RUN_USER = {account}
WORK_PATH = {folder}
RUN_MODE = prod

[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
OFFLINE_MODE = true
DISABLE_SSH = true
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db

[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}

[service]
DISABLE_REGISTRATION = true

[repository]
DEFAULT_BRANCH = main

[log]
LEVEL = Warn
"""


@dataclass
class Gitea:
    """A running Gitea; ``token`` has every right of its administrator ``ana``."""

    port: int
    token: str
    process: Process
    folder: Path

    @property
    def uri(self) -> str:
        """The endpoint, e.g. ``http://127.0.0.1:3000``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"GITEA_URL": self.uri, "GITEA_TOKEN": self.token, "user": "ana"}

    def add_user(self, name: str) -> str:
        """Make an account without special rights; gives a token of its own."""
        return _account(self.folder, name)

    def running(self) -> bool:
        """Whether it answers."""
        return http_answers(f"{self.uri}/api/healthz")()

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def install() -> Path:
    """The folder that holds the ``gitea`` program, built at the first call (about 9 minutes on two cores).

    Raises:
        ServiceError: There is no Go here, or the build failed.
    """
    return installed(f"gitea-{VERSION}", " ".join([_MODULE, VERSION, _BUILD_TAGS, *_GENERATED]), _build)


def start(folder: Path) -> Gitea:
    """Start a server with the administrator ``ana``; its files are in ``folder``.

    Raises:
        ServiceError: It didn't come up in time; the message carries the end of its log.
    """
    program, port = install() / "gitea", free_port()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "custom" / "conf" / "app.ini"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.touch(mode=0o600)
    settings.write_text(_APP_INI.format(account=_run_user(), folder=folder, port=port, secret=secrets.token_hex(32)))
    # Below a folder that others can enter: the account may not reach the cache of the user who runs the tests.
    local = folder / "gitea"
    shutil.copy(program, local)
    if os.geteuid() == 0:
        account = pwd.getpwnam(_ACCOUNT)
        for path in (folder, folder / "custom", settings.parent, settings, local):
            os.chown(path, account.pw_uid, account.pw_gid)
    _gitea(folder, "migrate")
    token = _account(folder, "ana", "--admin")
    process = Process([*_as_account(), str(local), "web"], folder / "gitea.log", environ=_environment(folder))
    gitea = Gitea(port, token, process, folder)
    process.wait_until(gitea.running, 60, "Gitea")
    return gitea


def _account(folder: Path, name: str, *more: str) -> str:
    """Make an account and a token of it; the password is nobody's."""
    password = ["--random-password", "--must-change-password=false"]
    _gitea(folder, "admin", "user", "create", "--username", name, "--email", f"{name}@example.org", *password, *more)
    scopes = ["--scopes", "all", "--raw"]
    return _gitea(folder, "admin", "user", "generate-access-token", "--username", name, *scopes).split()[-1]


def _gitea(folder: Path, *arguments: str) -> str:
    return finished([*_as_account(), str(folder / "gitea"), *arguments], folder, _environment(folder))


def _environment(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "GITEA_WORK_DIR": str(folder), "GITEA_CUSTOM": str(folder / "custom")}


def _run_user() -> str:
    return _ACCOUNT if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _as_account() -> list[str]:
    """Gitea refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_ACCOUNT}", "--regid=nogroup", "--clear-groups"]


def _build(target: Path) -> None:
    if shutil.which("go") is None:
        raise ServiceError("Gitea is built from source, and there is no Go here. Install it: apt-get install golang")
    environ = {"GOFLAGS": "-mod=mod -buildvcs=false", "CGO_ENABLED": "1"}
    listed = finished(["go", "mod", "download", "-json", f"{_MODULE}@{VERSION}"], target, environ)
    source = target / "source"
    # The module cache is read-only, and the build writes generated files beside the sources.
    shutil.copytree(_folder_of(listed), source)
    for path in [source, *source.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    finished(["go", "mod", "download"], source, environ)
    modules = [f"./modules/{name}" for name in _GENERATED]
    finished(["go", "generate", "-tags", _GENERATE_TAGS, *modules], source, environ)
    finished(["go", "build", "-tags", _BUILD_TAGS, "-o", str(target / "gitea"), "."], source, environ)
    shutil.rmtree(source)


def _folder_of(listed: str) -> Path:
    return Path(json.loads(listed)["Dir"])
