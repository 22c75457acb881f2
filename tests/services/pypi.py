"""Python packages in a folder of their own, beside the environment that the tests run in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.services.process import ServiceError

UV = Path(sys.executable).with_name("uv")
"""The extra [dev] brings it: environments made by uv have no pip of their own."""


def pip_install(requirements: Sequence[str], target: Path, *, dependencies: bool = False) -> None:
    """Install packages into the folder ``target``, which then belongs on ``PYTHONPATH``.

    A plain folder, no virtual environment: it can be moved, so an installation appears by one rename.

    Raises:
        ServiceError: The installation failed.
    """
    more = [] if dependencies else ["--no-deps"]
    install = [str(UV), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target)]
    done = subprocess.run(
        [*install, *more, *requirements],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceError(f"{', '.join(requirements)} could not be installed:\n{done.stderr[-2000:]}")
