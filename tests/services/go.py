"""Programs written in Go, built from Go's module proxy."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.services.process import ServiceError


def go_install(package: str, into: Path) -> None:
    """Build the program ``package`` (``path@version``) into the folder ``into``.

    Raises:
        ServiceError: There is no Go, or the build failed.
    """
    if shutil.which("go") is None:
        raise ServiceError(f"Go is missing, and {package} is built with it. Install Go 1.25 or newer.")
    environ = {**os.environ, "GOBIN": str(into), "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
    done = subprocess.run(["go", "install", package], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceError(f"go install {package} failed:\n{done.stderr[-3000:]}")
