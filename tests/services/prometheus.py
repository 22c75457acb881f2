"""Prometheus from the Debian package: its server, and promtool, which checks rules and asks."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services.debian import ensure_command
from tests.services.process import Process, free_port, http_answers


def promtool() -> str:
    """The program ``promtool``; the package is installed where it is missing.

    Raises:
        ServiceError: It is missing and can't be installed here.
    """
    return ensure_command("promtool", "prometheus")


def check(*arguments: str | Path, cwd: Path) -> None:
    """Run promtool; what it finds wrong is an assertion error."""
    words = [promtool(), *(str(one) for one in arguments)]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Prometheus:
    """A running Prometheus."""

    port: int
    process: Process

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer of its API, e.g. ``ask("query", query="up")``."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        return answer["data"]

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def start(folder: Path, config: Path) -> Prometheus:
    """Start a server on a configuration; its files are in ``folder``.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    promtool()
    port = free_port()
    listen = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder / 'data'}"]
    process = Process(["prometheus", f"--config.file={config}", *listen], folder / "prometheus.log")
    process.wait_until(http_answers(f"http://127.0.0.1:{port}/-/ready"), 60, "Prometheus")
    return Prometheus(port, process)
