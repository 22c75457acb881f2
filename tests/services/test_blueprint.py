"""A fresh project as its users and its CI have it: workflows are linted, `task check` passes, whatever its name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from olo_jupyter.project.blueprint import Answers, create
from tests.services.release_tools import TASK, program

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
FOLDERS = {"github": "plain", "gitlab": "with space & 'quote'", "gitea": 'Üñí "$HOME" (1)', "none": "a;b#c"}


def project(parent: Path, ci: str) -> Path:
    folder = parent / FOLDERS[ci]
    description = 'Ana\'s "flights": 100% \\ {{ x }} & more'
    create(folder, Answers("shop", owner="org/data-team", more={"ci": ci, "description": description}))
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


@pytest.mark.timeout(900)
@pytest.mark.parametrize("ci", ["github", "gitea"])
def test_workflows_are_clean(tmp_path: Path, ci: str) -> None:
    files = sorted((project(tmp_path, ci) / f".{ci}" / "workflows").glob("*.yml"))
    assert len(files) == 6
    # Gitea runs version 3 of the upload action, which GitHub has retired.
    old = ["-ignore", "upload-artifact@v3"] if ci == "gitea" else []
    command = [str(program(ACTIONLINT)), "-shellcheck=", *old, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for file in files:
        jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
        commands = [step["run"] for job in jobs.values() for step in job.get("steps", ()) if "run" in step]
        # An expression in a command would be code: values come by the environment.
        assert not [command for command in commands if "${{" in command]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "ci", [pytest.param(ci, marks=[pytest.mark.full] * (ci != "gitlab")) for ci in sorted(FOLDERS)]
)
def test_a_fresh_project_passes_its_own_check(tmp_path: Path, ci: str) -> None:
    folder = project(tmp_path, ci)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "OLO_STATE": str(tmp_path / "state"), "OLO_USER": "ana"}
    task = str(program(TASK))
    done = subprocess.run([task, "check"], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_gitlabs_pipeline_is_what_its_schema_says(tmp_path: Path) -> None:
    file = project(tmp_path, "gitlab") / ".gitlab-ci.yml"
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    done = subprocess.run([*check, "--data-transform", "gitlab-ci", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert [jobs[f"workspaces-{what}"]["script"][-1].split()[-1] for what in ("plan", "apply", "drift")] == [
        "--plan",
        "--yes",
        "drift",
    ]
