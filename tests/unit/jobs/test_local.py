"""This machine passes what every orchestrator must do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.jobs.orchestrator import Orchestrator, OrchestratorError, connect
from tests.orchestrators import JOBS, OrchestratorSuite
from tests.services.process import finished
from tests.shop import forget_environment, lay_out


@pytest.fixture(scope="class")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = lay_out(tmp_path_factory.mktemp("local"))
    (root / "targets").mkdir()
    (root / "targets/dev.yml").write_text("catalog: dev\nsources: dev\n")
    (root / "jobs").mkdir()
    for name, text in JOBS.items():
        (root / f"jobs/{name}.yml").write_text(text)
    finished(["git", "init", "-q"], root)
    finished(["git", "add", "."], root)
    finished(["git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", "commit", "-qm", "feat: jobs"], root)
    return root


class TestLocal(OrchestratorSuite):
    @pytest.fixture
    def orchestrator(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Orchestrator]:
        forget_environment(monkeypatch)
        connected = connect(load_settings(project), "dev")
        assert connected.name == "local"
        yield connected
        connected.close()

    def test_has_no_schedules(self, orchestrator: Orchestrator) -> None:
        with pytest.raises(OrchestratorError, match="runs no schedules"):
            orchestrator.pause("diamond", True)


def test_a_wrong_name_is_told(project: Path) -> None:
    with pytest.raises(OrchestratorError, match="no orchestrator 'airflo'"):
        connect(load_settings(project), "dev", "airflo")


def test_a_wrong_job_is_told_with_the_nearest(project: Path) -> None:
    orchestrator = connect(load_settings(project), "dev")
    for job, hint in (("diamnd", "Did you mean 'diamond'?"), ("qqq", "Jobs: diamond, flaky, slow.")):
        with pytest.raises(OrchestratorError) as refused:
            orchestrator.trigger(job, {})
        assert (refused.value.code, refused.value.hint) == ("job-not-found", hint)
