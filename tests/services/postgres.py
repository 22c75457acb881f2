"""PostgreSQL from the Debian package: one cluster in a folder, one database, one user with a password."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian import install_package
from tests.services.process import Process, ServiceError, finished, free_port

_ACCOUNT = "postgres"


@dataclass
class Postgres:
    """A running PostgreSQL with an empty database."""

    port: int
    user: str
    password: str
    database: str
    process: Process
    folder: Path
    command: list[str]

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Stopped while the body runs, then there again on the same port with the same data."""
        self.stop()
        try:
            yield
        finally:
            self.process = _served(self.command, self.folder, self.port)

    @property
    def uri(self) -> str:
        """SQLAlchemy's address of the database, by psycopg 2."""
        return self._uri(self.database)

    def create(self, database: str) -> str:
        """Make an empty database; its address, as :attr:`uri`.

        Raises:
            ServiceError: It can't be made.
        """
        server = ["-h", "127.0.0.1", "-p", str(self.port), "-U", self.user]
        finished([str(install() / "createdb"), *server, database], self.folder, {"PGPASSWORD": self.password})
        return self._uri(database)

    def _uri(self, database: str) -> str:
        return f"postgresql+psycopg2://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def jdbc(self) -> str:
        """Java's address of the database, without user and password."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{self.database}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"POSTGRES_URL": self.uri}

    def stop(self) -> None:
        """Stop the server (fast: open connections are cut)."""
        self.process.stop(first=signal.SIGINT)


def install() -> Path:
    """The folder of PostgreSQL's programs; the Debian package is installed where there is none.

    Raises:
        ServiceError: It is missing and can't be installed here.
    """
    found = _programs()
    if found is None:
        install_package("postgresql")
        found = _programs()
    if found is None:
        raise ServiceError("The package postgresql brought no initdb under /usr/lib/postgresql.")
    return found


def start(folder: Path) -> Postgres:
    """Start a new cluster whose files are in ``folder``.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    programs, port, password = install(), free_port(), secrets.token_hex(16)
    # PostgreSQL refuses to run as root: then its folder and its processes are the package's own account's.
    as_account = ["setpriv", f"--reuid={_ACCOUNT}", f"--regid={_ACCOUNT}", "--init-groups"] if os.geteuid() == 0 else []
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if as_account:
        account = pwd.getpwnam(_ACCOUNT)
        for path in (folder, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
        _check_reachable(folder, as_account)
    data = folder / "data"
    init = [str(programs / "initdb"), "-D", str(data), "-U", "olo", "--pwfile", str(secret), "-A", "scram-sha-256"]
    finished([*as_account, *init, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], folder)
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    command = [*as_account, str(programs / "postgres"), "-D", str(data), "-p", str(port), *options]
    service = Postgres(port, "olo", password, "lake", _served(command, folder, port), folder, command)
    try:
        service.create(service.database)
    except ServiceError:
        service.stop()
        raise
    return service


def _served(command: list[str], folder: Path, port: int) -> Process:
    process = Process(command, folder / "postgres.log", cwd=folder)
    ready = [str(install() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    process.wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, 60, "PostgreSQL")
    return process


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def _check_reachable(folder: Path, as_account: list[str]) -> None:
    done = subprocess.run([*as_account, "test", "-w", str(folder)], check=False)
    if done.returncode:
        raise ServiceError(
            f"The account {_ACCOUNT} can't reach {folder}: one of the folders above it keeps others out."
        )
