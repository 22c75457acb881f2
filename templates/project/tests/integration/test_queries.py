"""Every saved query runs in the target that OLO_TARGET names. `task integration` runs this."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUERIES = sorted((ROOT / "queries").rglob("*.sql"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
def test_query_runs(query: Path) -> None:
    command = [sys.executable, "-m", "olo_jupyter.cli", "sql", "--json", "--file", str(query)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_target_is_named() -> None:
    assert os.environ.get("OLO_TARGET"), "name a target: task integration TARGET=staging"
