"""A project whose jobs a real Airflow runs: laid out, pushed and deployed to the target ``prod``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services.airflow import DEPLOY_BRANCH, Airflow
from tests.services.process import finished, until

DAG_FILE = (Path(__file__).parents[2] / "templates/project/dags/jobs.py").read_text()
OLO_YML = """\
version: 1
name: shop
package: shop
default_catalog: dev
catalogs:
  dev:
    type: sql
    properties: {{uri: "sqlite:///${{OLO_LAKEHOUSE}}/dev.db", warehouse: "file://${{OLO_LAKEHOUSE}}/dev"}}
orchestrators:
  airflow: {{url: "{url}", username: admin, targets: [prod]}}
"""


@contextmanager
def deployed(airflow: Airflow, root: Path, files: Mapping[str, str]) -> Iterator[None]:
    """Release v1.0.0 of a project, which ``airflow`` serves; until the end, OLO_ variables are those of its ana.

    Args:
        root: The project's folder, which is made.
        files: More files of it, with their texts: jobs, modules.
    """
    written = {
        "olo.yml": OLO_YML.format(url=airflow.uri),
        "targets/prod.yml": "catalog: dev\nservice_account: svc-olo\nresources: {small: {cpu: 1, memory: 1GiB}}\n",
        "dags/jobs.py": DAG_FILE,
        **files,
    }
    for name, text in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (airflow.lake / "dev").mkdir(exist_ok=True)
    # A bundle whose branch isn't there when Airflow first looks is given up for good.
    until((airflow.folder / "bundles" / "project" / "tracking_repo" / ".git").exists, 180)
    who = ["git", "-c", "user.name=ana", "-c", "user.email=ana@example.org"]
    for words in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "remote", "add", "origin", str(airflow.repository)],
        ["git", "add", "."],
        [*who, "commit", "-qm", "feat: jobs"],
        ["git", "tag", "v1.0.0"],
        ["git", "push", "-q", "origin", "main", "v1.0.0"],
        # What the bundle followed until now was no deployment: olo's first one starts the branch.
        ["git", "push", "-q", "origin", "--delete", DEPLOY_BRANCH],
    ):
        finished(words, root)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OLO_") and name != "OLO_CACHE"]:
            patch.delenv(name)
        patch.setenv("OLO_LAKEHOUSE", str(airflow.lake))
        patch.setenv("OLO_STATE", str(root.parent / "state"))
        patch.setenv("OLO_USER", "ana")
        patch.setenv("OLO_SERVICE_ACCOUNT", "svc-olo")
        patch.setenv("OLO_AIRFLOW_PASSWORD", airflow.passwords["admin"])
        olo(root, "deploy", "--target", "prod", "--ref", "v1.0.0")
        yield


def olo(root: Path, *words: str, code: int = 0) -> str:
    """A command of olo in a project, which must end with ``code``; what it printed."""
    command = [sys.executable, "-m", "olo_jupyter.cli", *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout
