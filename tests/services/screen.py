"""A JupyterLab with a page in Chromium that tells what it shows, and other pages' connections beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import httpx2 as httpx

from tests.services.debian import chromium
from tests.services.people import Page
from tests.services.process import free_port, until

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"


class Screen:
    """A person's JupyterLab on a project, and their browser on one of its jobs.

    Args:
        project: Its folder.
        scratch: Where JupyterLab keeps its own files.
        job: What the browser shows.
        target: Whose job it is.
    """

    def __init__(self, project: Path, scratch: Path, job: str, target: str) -> None:
        self._project, self._scratch, self._job, self._target = project, scratch, job, target
        self._stack = ExitStack()
        self._base = f"http://127.0.0.1:{free_port()}"
        self.seen: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:  # what was started ends where the rest doesn't start
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def _start(self, stack: ExitStack) -> None:
        folders = {
            f"JUPYTER{name}": str(self._scratch / name.lower())
            for name in ("_CONFIG_DIR", "_RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
        }
        environ = {**os.environ, **folders, "OLO_PROJECT": str(self._project)}
        port = self._base.rpartition(":")[2]
        lab = [
            sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self._project}", f"--IdentityProvider.token={TOKEN}",
        ]  # fmt: skip
        with (self._scratch / "lab.log").open("ab") as log:
            server = subprocess.Popen(lab, env=environ, stdout=log, stderr=log)
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        until(self._answers)
        command = ["node", str(ROOT / "tests/services/airflow_page.mjs"), self._base, TOKEN, self._job, self._target]
        environ["CHROMIUM_PATH"] = chromium()
        browser = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.callback(browser.wait, 30)
        assert browser.stdin is not None
        stack.callback(browser.stdin.close)
        threading.Thread(target=self._read, args=(browser,), daemon=True).start()
        until(lambda: any("ready" in line for line in self.seen))

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self._base}/api", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def _read(self, browser: subprocess.Popen[str]) -> None:
        assert browser.stdout is not None
        for line in browser.stdout:
            self.seen.append(json.loads(line))

    @contextmanager
    def many(self, count: int) -> Iterator[None]:
        """So many more pages, each with what the panel shows and the event socket open."""
        paths = (f"runs?job={self._job}&target={self._target}", f"jobs?target={self._target}")
        with ExitStack() as stack:
            for _ in range(count):
                stack.callback(Page(self._base, TOKEN, paths).close)
            yield

    def _states(self, run: str) -> list[dict[str, Any]]:
        return [one for one in list(self.seen) if one.get("run") == run]

    def wait_for(self, run: str, state: str) -> None:
        """Wait until the browser shows it."""
        try:
            until(lambda: [one for one in self._states(run) if one["state"] == state], 400)
        except AssertionError as error:
            raise AssertionError(f"{error}: {run} in {self.seen}") from error

    def moment(self, run: str, state: str) -> float:
        """When the browser showed a run in a state first, in seconds since 1970."""
        return next(float(one["at"]) for one in self._states(run) if one["state"] == state)
