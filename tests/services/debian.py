"""Debian packages, installed where they are missing and we may."""

from __future__ import annotations

import os
import shutil
import subprocess

from tests.services.cache import locked
from tests.services.process import ServiceError


def ensure_command(command: str, package: str) -> str:
    """The path of ``command``; ``package`` is installed by apt-get where it is missing.

    Raises:
        ServiceError: It is missing, and this isn't root on a Debian.
    """
    found = shutil.which(command)
    if found is None:
        install_package(package)
        found = shutil.which(command)
    if found is None:
        raise ServiceError(f"The package {package} brought no {command}.")
    return found


def chromium() -> str:
    """The Chromium to test with: CHROMIUM_PATH, one that is installed, else Debian's.

    Raises:
        ServiceError: There is none, and it can't be installed.
    """
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, found), None) or ensure_command("chromium", "chromium")


def install_package(package: str) -> None:
    """Install a Debian package with apt-get.

    Raises:
        ServiceError: No apt-get, not root, or it failed.
    """
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise ServiceError(f"{package} is missing. Install it: sudo apt-get install {package}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with locked("apt"):
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", package]):
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServiceError(f"apt-get install {package} failed:\n{(done.stdout + done.stderr)[-2000:]}")
