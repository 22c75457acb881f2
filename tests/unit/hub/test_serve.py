"""The Hub's keeper of the shared service: it stays, answers in its place, and starts it when it can start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.shop import lay_out

SECONDS = 120


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
        return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


@pytest.fixture
def keeper(project: Path, port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (project / "olo.yml").open("a", encoding="utf-8") as config:
        config.write("no_such_key: 1\n")
    environ = {
        **os.environ,
        "OLO_PROJECT": str(project),
        "OLO_STATE": str(tmp_path / "state"),
        "JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api",
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/olo/",
    }
    process = subprocess.Popen([sys.executable, "-m", "olo_jupyter.hub.serve"], env=environ, start_new_session=True)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(20)


def answers(url: str, status: int) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == status
    except httpx.HTTPError:
        return False


def wait_for(url: str, status: int) -> None:
    end = time.monotonic() + SECONDS
    while not answers(url, status):
        assert time.monotonic() < end, f"{url} doesn't answer {status}"
        time.sleep(0.05)


@pytest.mark.timeout(400)
def test_an_error_in_the_project_ends_nothing_and_is_mended_without_a_restart(
    keeper: subprocess.Popen[bytes], project: Path, port: int
) -> None:
    service = f"http://127.0.0.1:{port}/services/olo"
    wait_for(f"{service}/ready", 503)
    config = project / "olo.yml"
    config.write_text(config.read_text().replace("no_such_key: 1\n", ""))
    wait_for(f"{service}/health", 200)
    assert answers(f"{service}/", 404), "what the Hub asks at its start"
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(SECONDS) == 0
    assert not answers(f"{service}/health", 200), "the service ended with it"
