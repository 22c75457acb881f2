"""Environments of Python tasks: one a requirements file, made once and kept, beside nobody else's packages.

Made with uv where it is, else with venv and pip. What the file says decides the folder: a changed file is a new
environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from olo_jobs.spec import JobSpec

FOLDER_VARIABLE = "OLO_ENVIRONMENTS"
"""Names the folder that environments are kept in; default: ``olo/environments`` in the XDG folder of caches."""


class RequirementsError(Exception):
    """An environment can't be made; the message carries the end of what the installer said."""


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where environments are kept."""
    named = environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "olo" / "environments"


def python_for(requirements: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The Python of the environment of a requirements file, made when it isn't there.

    Raises:
        RequirementsError: The file can't be read, or its packages can't be installed.
    """
    try:
        text = requirements.read_bytes()
    except OSError as error:
        raise RequirementsError(f"{requirements} can't be read: {error.strerror}.") from error
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = folder(environ) / f"{version}-{hashlib.sha256(text).hexdigest()[:16]}"
    python, complete = place / "bin" / "python", place / ".complete"
    if complete.exists():
        return str(python)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(place, ignore_errors=True)
            _make(place, python, requirements)
            complete.touch()
    return str(python)


def _make(place: Path, python: Path, requirements: Path) -> None:
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], requirements)
        _run([uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(requirements)], requirements)
    else:
        _run([sys.executable, "-m", "venv", str(place)], requirements)
        _run([str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)], requirements)


def _run(command: list[str], requirements: Path) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise RequirementsError(f"The environment of {requirements} can't be made:\n{said}")


def pythons_for(job: JobSpec, root: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The Python of each requirements file that the job's tasks name, by the name that they give it.

    Raises:
        RequirementsError: As python_for.
    """
    named = {task.python.requirements for task in job.tasks if task.python is not None and task.python.requirements}
    return {name: python_for(root / name, environ) for name in sorted(named)}
