"""Both wheels in empty environments: what they bring, that dbt finds the adapter, and that dbt outlives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.services.pypi import UV

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path | None = None) -> str:
    environ = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**environ, "SKIP_JUPYTER_BUILDER": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(folder: Path) -> Path:
    """A new, empty environment; its Python."""
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    return folder / "bin" / "python"


def install(python: Path, *what: str | Path) -> None:
    run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", ROOT / "constraints.txt", *what)


def installed(python: Path) -> set[str]:
    listed = json.loads(run(UV, "pip", "list", "--python", python, "--format", "json"))
    return {package["name"].lower().replace("_", "-") for package in listed}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """olo-jobs and olo-jupyter as wheels, built from this checkout."""
    out = tmp_path_factory.mktemp("wheels")
    for folder in (ROOT / "jobs", ROOT):
        run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out, cwd=folder)
    return {path.name.split("-")[0].replace("_", "-"): path for path in out.glob("*.whl")}


def test_the_job_spec_alone_brings_pydantic_and_yaml_only(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    install(python, wheels["olo-jobs"])
    needed = {"annotated-types", "pydantic", "pydantic-core", "pyyaml", "typing-extensions", "typing-inspection"}
    assert installed(python) == {"olo-jobs", *needed}
    run(python, "-c", "import olo_jobs.spec, olo_jobs.load, olo_jobs.schema")


def test_the_wheel_shares_dbts_folders_without_owning_them(wheels: dict[str, Path]) -> None:
    names = set(zipfile.ZipFile(wheels["olo-jupyter"]).namelist())
    assert not names & {"dbt/__init__.py", "dbt/adapters/__init__.py", "dbt/include/__init__.py"}
    adapter = {"__init__.py", "__version__.py", "connections.py", "impl.py", "seeds.py"}
    assert {f"dbt/adapters/olo/{name}" for name in adapter} <= names
    include = {"__init__.py", "dbt_project.yml", "profile_template.yml", "macros/relations.sql", "macros/seeds.sql"}
    assert {f"dbt/include/olo/{name}" for name in include} <= names
    assert {"olo_jupyter/__init__.py", "olo_magics/__init__.py", "olo_converters/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("tests/", "olo_jobs/"))]


def test_dbt_finds_the_adapter_and_outlives_it(wheels: dict[str, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    install(python, wheels["olo-jobs"], f"olo-jupyter[dbt] @ {wheels['olo-jupyter'].as_uri()}")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "dbt_project.yml").write_text("name: p\nprofile: p\n")
    (tmp_path / "project" / "profiles.yml").write_text(
        "p: {target: x, outputs: {x: {type: olo, catalog: c, schema: s, threads: 1}}}\n"
    )
    dbt = [python.parent / "dbt", "--no-send-anonymous-usage-stats"]
    run(*dbt, "parse", "--profiles-dir", ".", cwd=tmp_path / "project")
    run(UV, "pip", "uninstall", "--quiet", "--python", python, "olo-jupyter")
    run(python, "-c", "import dbt.cli.main, dbt.adapters.trino, dbt.include.global_project")
    run(*dbt, "--version", cwd=tmp_path)
