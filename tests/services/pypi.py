"""Python packages in a folder of their own, beside the environment that the tests run in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.services.process import ServiceError


def pip_install(requirements: Sequence[str], target: Path, *, dependencies: bool = False) -> None:
    """Install packages into the folder ``target``, which then belongs on ``PYTHONPATH``.

    A plain folder, no virtual environment: it can be moved, so an installation appears by one rename.

    Raises:
        ServiceError: The installation failed.
    """
    uv = shutil.which("uv")
    command = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    options = ["--quiet", "--python-version", f"{sys.version_info.major}.{sys.version_info.minor}"] if uv else ["-q"]
    more = [] if dependencies else ["--no-deps"]
    done = subprocess.run(
        [*command, "install", *options, *more, "--target", str(target), *requirements],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceError(f"{', '.join(requirements)} could not be installed:\n{done.stderr[-2000:]}")
