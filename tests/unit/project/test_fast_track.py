"""The fast track's three answers, by the blueprint's own script against an API that answers as GitHub and Gitea do."""

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
SCRIPT = next(SCRIPTS.glob("*fast_track.py*"))


class Host:
    """A repository on a host; what was asked of it is kept."""

    def __init__(self) -> None:
        self.permission = "write"
        self.pull: dict[str, Any] = {
            "state": "open", "draft": False, "merged": False, "mergeable": True,
            "head": {"sha": "abc", "repo": {"full_name": "org/shop"}},
        }  # fmt: skip
        self.checks = [{"name": "check", "conclusion": "success"}]
        self.statuses: list[dict[str, str]] = []
        self.merge_status = 200
        self.merged: list[dict[str, Any]] = []
        self.comments: list[str] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        path = path.removeprefix("/repos/org/shop/")
        if path.startswith("collaborators/") and not self.permission:
            return 403, {"message": "Only admins can query all permissions"}  # as Gitea answers a workflow's own token
        if path.startswith("collaborators/"):
            return 200, {"permission": self.permission, "role_name": self.permission}
        if path.endswith("/merge"):
            if self.merge_status == 200:
                self.merged.append(body)
            return self.merge_status, {}
        if path.endswith("/comments"):
            self.comments.append(body["body"])
            return 201, {}
        if path.endswith("/status"):
            return 200, {"statuses": self.statuses}
        if "check-runs" in path:
            return 200, {"check_runs": self.checks}
        return 200, self.pull


@pytest.fixture
def host() -> Iterator[Host]:
    found = Host()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, answer = found.answer(self.command, self.path, body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PUT = _any  # noqa: N815

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()


def ask(host: Host, tmp_path: Path, kind: str = "github", actor: str = "ana") -> str:
    output = tmp_path / "output"
    environ = {
        "PATH": os.environ["PATH"], "HOST": kind, "API": host.url, "REPOSITORY": "org/shop", "TOKEN": "t0ken",  # type: ignore[attr-defined]
        "ACTOR": actor, "PULL": "7", "REQUIRED_CHECKS": "check", "GITHUB_OUTPUT": str(output),
    }  # fmt: skip
    done = subprocess.run([sys.executable, str(SCRIPT)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "t0ken" not in done.stdout + done.stderr
    assert len(host.comments) == 1
    assert output.read_text() == f"merged={'true' if host.merged else 'false'}\n"
    return host.comments[0]


@pytest.mark.parametrize("kind", ["github", "gitea"])
def test_merged_at_the_commit_that_was_checked(host: Host, tmp_path: Path, kind: str) -> None:
    host.statuses = [] if kind == "github" else [{"context": "check / check (pull_request)", "status": "success"}]
    assert ask(host, tmp_path, kind).startswith("**Merged:**")
    assert "abc" in host.merged[0].values()


@pytest.mark.parametrize("permission", ["read", "none", "triage"])
def test_refused_without_the_right_to_write(host: Host, tmp_path: Path, permission: str) -> None:
    host.permission = permission
    assert ask(host, tmp_path, actor="x; rm -rf $(pwd)/../..").startswith("**Refused:** only people who may write")
    assert host.merged == []


def test_refused_where_the_token_may_not_ask_who_may_write(host: Host, tmp_path: Path) -> None:
    host.permission = ""
    said = ask(host, tmp_path, "gitea")
    assert said.startswith("**Refused:**")
    assert "`RELEASE_TOKEN`" in said
    assert host.merged == []


@pytest.mark.parametrize("repo", [None, {"full_name": "eve/shop"}])
def test_refused_from_a_fork(host: Host, tmp_path: Path, repo: dict[str, str] | None) -> None:
    host.pull["head"]["repo"] = repo
    assert "fork" in ask(host, tmp_path)
    assert host.merged == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"draft": True}, "draft"),
        ({"state": "closed"}, "closed"),
        ({"merged": True}, "merged already"),
        ({"mergeable": False}, "conflicts"),
    ],
)
def test_not_yet_where_it_is_not_ready(host: Host, tmp_path: Path, change: dict[str, Any], words: str) -> None:
    host.pull |= change
    said = ask(host, tmp_path)
    assert said.startswith("**Not yet:**")
    assert words in said
    assert host.merged == []


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([], "`check` is missing"),
        ([{"name": "check", "conclusion": None}], "`check` is pending"),
        ([{"name": "check", "conclusion": "failure"}], "`check` is failure"),
        ([{"name": "check", "conclusion": "success"}, {"name": "scan", "conclusion": "failure"}], "`scan` is failure"),
    ],
)
def test_not_yet_without_green_checks(host: Host, tmp_path: Path, checks: list[Any], words: str) -> None:
    host.checks = checks
    assert words in ask(host, tmp_path)
    assert host.merged == []


def test_a_merge_that_the_host_refuses_is_not_yet(host: Host, tmp_path: Path) -> None:
    host.merge_status = 409
    assert "409" in ask(host, tmp_path)
