"""People of a team: each has a real Jupyter Server that passes on to one shared service, and a page open in it."""

from __future__ import annotations

import json
import secrets
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import httpx2 as httpx
import websocket

from olo_jupyter.server.events import RUN_CHANGED
from tests.services.process import Process, free_port, http_answers

_AT_ONCE = 4
"""Servers that start at the same time."""


class Page:
    """What a browser with the panel open asks of its server, as labextension/src does.

    It reads what it shows. What changes of jobs and runs is in the events themselves; the overview's health is read
    again when a run isn't running any more.

    Args:
        base: The Jupyter Server's address.
        token: Its token.
        paths: What is shown, below ``/olo/api/``.
    """

    def __init__(self, base: str, token: str, paths: Sequence[str]) -> None:
        self.heard: list[dict[str, str]] = []
        """The runs that it was told of, the first first."""
        headers = {"Authorization": f"token {token}"}
        self._http = httpx.Client(base_url=f"{base}/olo/api/", headers=headers, timeout=60)
        self._read(paths)
        events = base.replace("http", "ws") + "/api/events/subscribe"
        self._socket = websocket.create_connection(events, header=headers, timeout=60)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _read(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._http.get(path).raise_for_status()

    def _listen(self) -> None:
        self._socket.settimeout(None)
        with suppress(websocket.WebSocketException, OSError, httpx.HTTPError):
            while told := self._socket.recv():
                event = json.loads(told)
                if event["schema_id"] == RUN_CHANGED:
                    self.heard.append(event["run"])
                    if event["run"]["state"] != "running":
                        self._read(("health",))

    def states(self, run: str) -> list[str]:
        """The states of a run that it was told of."""
        return [one["state"] for one in list(self.heard) if one["id"] == run]

    def close(self) -> None:
        """Leave."""
        self._socket.close()
        self._thread.join(30)
        self._http.close()


class People:
    """Jupyter Servers, each of one person, each with a page. A context manager: it ends them.

    Args:
        project: The project's folder, the same for all.
        scratch: Where their own files lie.
        service: The shared service's address.
        tokens: Theirs at the service, one a person.
        paths: What their pages show.
    """

    def __init__(self, project: Path, scratch: Path, service: str, tokens: Sequence[str], paths: Sequence[str]) -> None:
        self._project, self._scratch, self._service = project, scratch, service
        self._tokens, self._paths = tokens, paths
        self._stack = ExitStack()
        self.pages: list[Page] = []

    def __enter__(self) -> Self:
        with ExitStack() as stack:  # what was started ends where the rest doesn't start
            for begin in range(0, len(self._tokens), _AT_ONCE):
                some = range(begin, min(begin + _AT_ONCE, len(self._tokens)))
                for process, base, secret in [self._server(number, stack) for number in some]:
                    process.wait_until(http_answers(f"{base}/api"), 180, "Jupyter Server")
                    page = Page(base, secret, self._paths)
                    stack.callback(page.close)
                    self.pages.append(page)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _server(self, number: int, stack: ExitStack) -> tuple[Process, str, str]:
        folder, port, secret = self._scratch / f"person-{number}", free_port(), secrets.token_hex(16)
        environ = {
            "OLO_PROJECT": str(self._project), "OLO_SERVICE_URL": self._service, "OLO_STATE": str(folder / "state"),
            "OLO_SERVICE_TOKEN": self._tokens[number], "OLO_USER": f"person-{number}", "JUPYTER_TOKEN": secret,
            "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        }  # fmt: skip
        command = [
            sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", "--ip=127.0.0.1",
            f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self._project}",
            "--ServerApp.jpserver_extensions=olo_jupyter=True",
        ]  # fmt: skip
        folder.mkdir(parents=True)
        process = Process(command, folder / "server.log", environ=environ, cwd=self._project)
        stack.callback(process.stop)
        return process, f"http://127.0.0.1:{port}", secret
