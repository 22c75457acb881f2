"""The experiments panel in a real JupyterLab, on a real MLflow: what tests/ui/experiments.spec.ts does with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.services.mlflow import MLflow
from tests.services.test_mlflow import FILL

ROOT = Path(__file__).resolve().parents[2]


def test_experiments_in_the_browser(mlflow: MLflow) -> None:
    mlflow.python(FILL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ran = subprocess.run(
        ["node_modules/.bin/playwright", "test", "-c", "tests/ui/playwright.config.ts", "experiments.spec.ts"],
        cwd=ROOT, capture_output=True, text=True, timeout=280,
        env={**os.environ, "OLO_TEST_MLFLOW": mlflow.uri, "OLO_UI_PORT": str(port), "OLO_PYTHON": sys.executable},
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-6000:]
    assert "4 passed" in ran.stdout
