"""The experiments panel in a real JupyterLab, on a real MLflow: what tests/ui/experiments.spec.ts does with it."""

from __future__ import annotations

import pytest

from tests.services.mlflow import MLflow
from tests.services.panels import run_spec
from tests.services.test_mlflow import FILL


@pytest.mark.timeout(900)
def test_experiments_in_the_browser(mlflow: MLflow) -> None:
    mlflow.python(FILL)
    run_spec("experiments", passed=6, OLO_TEST_MLFLOW=mlflow.uri)
