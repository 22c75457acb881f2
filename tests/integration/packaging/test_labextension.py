"""The wheel in an environment without Node: JupyterLab lists the extension, the server enables its side."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.services.pypi import UV

ROOT = Path(__file__).parents[3]
SHARED = "share/jupyter/labextensions/olo-jupyter"

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both wheels, with the extension that stands built in the checkout."""
    if not (ROOT / "olo_jupyter" / "labextension" / "package.json").is_file():
        pytest.fail("The extension isn't built: jlpm build:prod")
    out = tmp_path_factory.mktemp("wheels")
    for folder in (ROOT / "jobs", ROOT):
        build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out)
        run(*build, cwd=folder, env={**os.environ, "SKIP_JUPYTER_BUILDER": "1"})
    return sorted(out.glob("*.whl"))


def test_the_wheel_holds_the_built_extension(wheels: list[Path]) -> None:
    wheel = zipfile.ZipFile(next(path for path in wheels if path.name.startswith("olo_jupyter-")))
    files = {re.sub(r"^olo_jupyter-[^/]+\.data/data/", "", name) for name in wheel.namelist()}
    assert {f"{SHARED}/package.json", f"{SHARED}/install.json", f"{SHARED}/schemas/olo-jupyter/catalog.json"} <= files
    assert "etc/jupyter/jupyter_server_config.d/olo_jupyter.json" in files
    assert not [name for name in files if name.startswith(("node_modules", "lib/", "labextension/"))]
    name = next(name for name in wheel.namelist() if name.endswith(f"{SHARED}/package.json"))
    built = json.loads(wheel.read(name))
    source = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert (built["version"], wheel.filename and f"-{built['version']}-" in wheel.filename) == (source["version"], True)
    assert f"{SHARED}/{built['jupyterlab']['_build']['load']}" in files


def test_a_plain_installation_works_without_node(wheels: list[Path], tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    constraints = ("--constraint", ROOT / "constraints.txt")
    run(UV, "pip", "install", "--quiet", "--python", python, *constraints, *wheels, "jupyterlab")
    # Nothing but this environment: no Node, no settings of the developer's.
    env = {"PATH": str(python.parent), "HOME": str(tmp_path)}
    assert shutil.which("node", path=env["PATH"]) is None
    listed = re.sub(r"\x1b\[\d*m", "", run(python, "-m", "jupyter", "labextension", "list", env=env))
    assert re.search(r"olo-jupyter v\S+ enabled OK \(python, olo_jupyter\)", listed), listed
    enabled = re.sub(r"\x1b\[\d*m", "", run(python, "-m", "jupyter", "server", "extension", "list", env=env))
    assert re.search(r"olo_jupyter enabled\s+- Validating olo_jupyter\.\.\.\s+olo_jupyter \S+ OK", enabled), enabled
