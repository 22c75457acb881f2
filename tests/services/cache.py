"""The folder that installations are kept in: outside the tree, filled once, safe for several processes at a time."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def folder() -> Path:
    """The cache folder: ``OLO_CACHE``, else ``olo-jupyter`` where the XDG base directories keep caches."""
    base = os.environ.get("OLO_CACHE")
    if base:
        return Path(base).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "olo-jupyter"


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the machine-wide lock ``name``; waits for the process that has it."""
    locks = folder() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def installed(name: str, recipe: str, build: Callable[[Path], None]) -> Path:
    """The folder of the installation ``name``, built at the first call.

    It appears by one rename when ``build`` is through: a killed installation leaves nothing that looks like one. A
    changed ``recipe`` (versions, poms, sources) is another folder.

    Args:
        name: Short name with the version, e.g. ``trino-483``.
        recipe: Everything that decides what gets installed, as text.
        build: Fills the empty folder that it is given.
    """
    target = folder() / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"
    if target.is_dir():
        return target
    with locked(name):
        if target.is_dir():
            return target
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder()))
        try:
            build(draft)
            draft.chmod(0o755)
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target
