"""Where dbt writes the models of a new project, as dbt itself resolves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.project import Project
from olo_jupyter.project.validate import validate


def _relations(root: Path, target: str, **environ: str) -> dict[str, str]:
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "parse", "--target", target]
    command += ["--project-dir", ".", "--profiles-dir", ".", "--no-partial-parse"]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OLO_", "DBT_"))}
    settings = {"OLO_USER": "ana", "OLO_STATE": str(root.parent / "state"), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run(
        command, cwd=root, env={**kept, **settings, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "[WARNING]" not in done.stdout, done.stdout
    nodes = json.loads((root / "target" / "manifest.json").read_text())["nodes"].values()
    return {node["name"]: node["relation_name"].replace('"', "") for node in nodes}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "flights"
    create(folder, Answers("flights", sources={"silver": ("flights",)}))
    for layer in ("bronze", "silver", "gold"):
        (folder / "models" / layer / f"of_{layer}.sql").write_text("select 1 as x\n")
    return folder


@pytest.mark.parametrize(
    ("target", "environ", "expected"),
    [
        (
            "sandbox",
            {},
            {
                "of_bronze": "ana_sandbox.gold.bronze_of_bronze",
                "of_silver": "ana_sandbox.gold.silver_of_silver",
                "of_gold": "ana_sandbox.gold.of_gold",
            },
        ),
        (
            "dev",
            {},
            {"of_bronze": "dev.bronze.of_bronze", "of_silver": "dev.silver.of_silver", "of_gold": "dev.gold.of_gold"},
        ),
        (
            "sandbox",
            {"OLO_NAMESPACE": "proof", "OLO_SANDBOX_CATALOG": "mine"},
            {
                "of_bronze": "mine.proof.bronze_of_bronze",
                "of_silver": "mine.proof.silver_of_silver",
                "of_gold": "mine.proof.of_gold",
            },
        ),
    ],
)
def test_models_of_each_layer(root: Path, target: str, environ: dict[str, str], expected: dict[str, str]) -> None:
    assert _relations(root, target, **environ) == expected


def test_a_model_that_leaves_the_sandbox_is_told_however_often_it_is_asked(root: Path, tmp_path: Path) -> None:
    project = Project(load_settings(root, {"OLO_USER": "ana", "HOME": str(tmp_path)}))
    path = root / "models/silver/of_silver.sql"
    path.write_text("{{ config(database='dev') }} select 1 as x\n")
    for _ in range(2):
        (problem,) = validate(project)
        assert (problem.file, problem.code) == ("models/silver/of_silver.sql", "sandbox-write")
        assert "dev.gold.silver_of_silver" in problem.message
    path.write_text("select 1 as x\n")
    assert validate(project) == []
