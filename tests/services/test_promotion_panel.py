"""Promotions in a real JupyterLab with a real Gitea: what tests/ui/promotion.spec.ts does with them."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from tests.services.gitea import Gitea
from tests.services.panels import run_spec


@pytest.mark.timeout(900)
def test_promotions_in_the_browser(gitea: Gitea) -> None:
    headers = {"Authorization": f"token {gitea.token}"}
    wanted = {"name": "panel", "auto_init": False}
    made = httpx.post(f"{gitea.uri}/api/v1/user/repos", headers=headers, json=wanted, timeout=30)
    assert made.status_code == 201, made.text
    repository = f"{gitea.uri}/ana/panel.git"
    run_spec("promotion", passed=4, OLO_TEST_GITEA=repository, OLO_GIT_TOKEN=gitea.token)
