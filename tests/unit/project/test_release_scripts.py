"""The blueprint's scripts for GitLab's fast track and for Teams, against services that answer as those do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[3] / "templates" / "project" / "scripts"
TOKEN = "planted-token"


class Service(ThreadingHTTPServer):
    """Answers everything with ``status`` and ``body``; keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                service: Service = self.server  # type: ignore[assignment]
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.asked.append((self.command, self.path, dict(self.headers), told))
                self.send_response(service.status)
                self.end_headers()
                self.wfile.write(service.body)

            do_POST = do_PUT = _any  # noqa: N815

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.shutdown()


def started(script: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = next(SCRIPTS.glob(f"*{script}*"))
    told = {"PATH": os.environ["PATH"], **environ}
    return subprocess.run([sys.executable, str(path), *words], env=told, capture_output=True, text=True, check=False)


def merged(service: Service, **more: str) -> subprocess.CompletedProcess[str]:
    told = {
        "CI_API_V4_URL": f"{service.url}/api/v4", "CI_PROJECT_ID": "12", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "abc", "CI_COMMIT_SHA": "merged-result",
        "GITLAB_TOKEN": TOKEN, **more,
    }  # fmt: skip
    done = started("merge_request.py", **told)
    assert TOKEN not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_gitlab_merges_the_commit_that_was_checked(service: Service) -> None:
    service.body = b'{"state": "merged"}'
    assert merged(service).returncode == 0
    ((method, path, headers, body),) = service.asked
    assert (method, path) == ("PUT", "/api/v4/projects/12/merge_requests/7/merge")
    assert headers["Private-Token"] == TOKEN
    assert body == {"sha": "abc", "squash": True}


@pytest.mark.parametrize("status", [401, 403, 405, 409, 422, 500])
def test_what_gitlab_does_not_merge_is_not_released(service: Service, status: int) -> None:
    service.status = status
    done = merged(service)
    assert done.returncode == 1
    assert f"({status})" in done.stderr


@pytest.mark.parametrize("body", [b'{"state": "opened"}', b"<html>sign in</html>"])
def test_an_answer_that_is_no_merge(service: Service, body: bytes) -> None:
    service.body = body
    assert merged(service).returncode == 1


def test_a_fork_is_refused_without_asking(service: Service) -> None:
    done = merged(service, CI_MERGE_REQUEST_SOURCE_PROJECT_ID="99")
    assert (done.returncode, service.asked) == (1, [])
    assert "fork" in done.stderr


def test_a_gitlab_that_is_down() -> None:
    gone = Service()
    gone.shutdown()
    gone.server_close()
    assert merged(gone).returncode == 1


WORDS = ("--project", "org/shop", "--target", "prod", "--version", "v1.2.3", "--link", "https://ci.example.org/1")


def test_teams_is_told_project_target_version_and_link(service: Service) -> None:
    done = started("notify_teams.py", *WORDS, TEAMS_WEBHOOK=f"{service.url}/hook/{TOKEN}")
    assert done.returncode == 0, done.stderr
    ((_, path, _, message),) = service.asked
    assert path == f"/hook/{TOKEN}"
    card = message["attachments"][0]["content"]
    facts = {fact["title"]: fact["value"] for fact in card["body"][1]["facts"]}
    assert facts == {"Project": "org/shop", "Target": "prod", "Version": "v1.2.3"}
    assert card["actions"][0]["url"] == "https://ci.example.org/1"


@pytest.mark.parametrize(("webhook", "code"), [("", 0), ("http://example.org/x", 2), ("not a url", 2)])
def test_teams_without_an_address(webhook: str, code: int) -> None:
    assert started("notify_teams.py", *WORDS, TEAMS_WEBHOOK=webhook).returncode == code


def test_teams_address_is_never_shown(service: Service) -> None:
    service.status = 410
    done = started("notify_teams.py", *WORDS, TEAMS_WEBHOOK=f"{service.url}/hook/{TOKEN}")
    assert done.returncode == 1
    assert TOKEN not in done.stdout + done.stderr
    assert "410" in done.stderr
