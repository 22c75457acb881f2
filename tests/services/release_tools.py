"""What a runner of the blueprint's workflows has installed: Task and python-semantic-release, from the cache."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.services.cache import installed
from tests.services.go import go_install
from tests.services.process import finished
from tests.services.pypi import UV

TASK = "github.com/go-task/task/v3/cmd/task@v3.54.0"
SEMANTIC_RELEASE = "python-semantic-release==10.7.0"


def program(package: str) -> Path:
    """A Go program from the cache."""
    name = package.rpartition("/")[2].replace("@", "-")
    return installed(name, package, lambda target: go_install(package, target)) / name.partition("-")[0]


def path() -> str:
    """A PATH with these tools, the environment of the tests (olo, dbt) first."""
    released = installed(SEMANTIC_RELEASE.replace("==", "-"), SEMANTIC_RELEASE, _semantic_release) / "env" / "bin"
    return os.pathsep.join(
        [str(Path(sys.executable).parent), str(program(TASK).parent), str(released), os.environ["PATH"]]
    )


def _semantic_release(target: Path) -> None:
    environment = str(target / "env")
    finished([str(UV), "venv", "--quiet", "--relocatable", "--python", sys.executable, environment], target)
    python = str(target / "env" / "bin" / "python")
    finished([str(UV), "pip", "install", "--quiet", "--python", python, SEMANTIC_RELEASE], target)
