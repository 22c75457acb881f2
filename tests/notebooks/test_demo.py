"""The demo from start to end, twice, and its notebook by nbval and papermill, all in real kernels."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRON = {**os.environ, "OLO_USER": "ana", "PYTHONDONTWRITEBYTECODE": "1"}


def olo(*arguments: str, cwd: Path, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "olo_jupyter.cli", *arguments]
    return subprocess.run(command, cwd=cwd, env=ENVIRON, capture_output=True, text=True, timeout=timeout, check=False)


def git(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that passed."""
    folder = tmp_path_factory.mktemp("demo")
    ended = olo("demo", str(folder), "--json", cwd=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    summary = json.loads(ended.stdout.splitlines()[-1])
    assert summary["passed"], summary
    return folder


def branches(demo: Path) -> str:
    return git("for-each-ref", "--format=%(refname) %(objectname)", cwd=demo / "origin.git")


@pytest.mark.timeout(900)
def test_promotions_are_on_the_remote_with_their_evidence(demo: Path) -> None:
    for name, files in (
        ("daily_delays", {"models/gold/daily_delays.sql", "jobs/daily_delays.yml"}),
        ("delay_score", {"src/flights/delay_score.py"}),
    ):
        listed = git("ls-tree", "-r", "--name-only", f"olo/ana/{name}", cwd=demo / "origin.git").splitlines()
        assert files <= set(listed)
        evidence = json.loads(git("show", f"olo/ana/{name}:.olo/evidence/{name}.json", cwd=demo / "origin.git"))
        assert evidence["status"] == "verified"


@pytest.mark.timeout(900)
def test_second_run_changes_nothing(demo: Path) -> None:
    before, checkout = branches(demo), git("status", "--porcelain", cwd=demo / "project")
    ended = olo("demo", str(demo), cwd=demo)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.rstrip().endswith("demo: passed")
    assert branches(demo) == before
    assert git("status", "--porcelain", cwd=demo / "project") == checkout == ""


@pytest.mark.timeout(600)
def test_nbval_runs_the_notebook(demo: Path) -> None:
    path = demo / "project" / "notebooks" / "flight_delays.ipynb"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "--nbval-current-env",
        "-q",
        "-p",
        "no:cacheprovider",
        path.name,
    ]
    environ = {**ENVIRON, "OLO_STATE": str(demo / "state"), "OLO_NOTEBOOK": str(path)}
    before = branches(demo)
    ended = subprocess.run(command, cwd=path.parent, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert branches(demo) == before


@pytest.mark.timeout(600)
def test_papermill_runs_the_notebook_again(demo: Path, tmp_path: Path) -> None:
    path = demo / "project" / "notebooks" / "flight_delays.ipynb"
    command = [sys.executable, "-m", "papermill", str(path), str(tmp_path / "out.ipynb"), "--cwd", str(path.parent)]
    environ = {**ENVIRON, "OLO_STATE": str(demo / "state"), "OLO_NOTEBOOK": str(path)}
    before = branches(demo)
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert branches(demo) == before
