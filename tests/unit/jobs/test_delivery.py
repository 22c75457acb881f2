"""Notifications reach an HTTP server and a mail server's socket; what goes wrong is told without the credential."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from olo_jobs.commands import secret_of
from olo_jobs.delivery import Happened, deliver
from olo_jobs.notify import Notify

HAPPENED = Happened(
    "failure", "daily", "prod", "run-1", datetime(2026, 1, 31, 6, tzinfo=UTC), 'score: "bad"', ["score"], owner="ana"
)


class Server:
    """Answers each POST with the next of ``answers`` (status, body), then 200; keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[tuple[int, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.got.append((self.path, dict(self.headers), body))
                status, text = outer.answers.pop(0) if outer.answers else (200, b"ok")
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                if status == 429:
                    self.send_header("Retry-After", "0")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def told(channel: dict[str, Any], environ: dict[str, str], happened: Happened = HAPPENED) -> list[str]:
    notify = Notify.model_validate({f"on_{happened.event}": [channel]})
    return deliver(notify, happened, secret_of(environ), environ)


def test_slack_by_token_and_by_webhook(server: Server) -> None:
    environ = {"OLO_SECRET_SLACK": "xoxb-1", "OLO_SLACK_API": server.url}
    server.answers = [(200, b'{"ok": true}')]
    assert told({"slack": "data-alerts"}, environ) == []
    path, headers, body = server.got[0]
    assert (path, headers["Authorization"], body["channel"]) == ("/chat.postMessage", "Bearer xoxb-1", "data-alerts")
    assert body["text"].startswith("daily failed in prod (score)\n")
    server.answers = [(200, b'{"ok": false, "error": "channel_not_found"}')]
    assert told({"slack": "data-alerts"}, environ) == ["Slack refused: channel_not_found; not told."]
    assert told({"slack": "data-alerts"}, {"OLO_SECRET_SLACK": f"{server.url}/hook"}) == []
    assert server.got[-1][0] == "/hook"


def test_pagerduty_opens_and_resolves_one_incident(server: Server) -> None:
    environ = {"OLO_SECRET_PD": "key", "OLO_PAGERDUTY_API": f"{server.url}/v2/enqueue"}
    assert told({"pagerduty": {"secret": "pd"}}, environ) == []
    success = Happened("success", "daily", "prod", "run-2", HAPPENED.at)
    assert told({"pagerduty": {"secret": "pd"}}, environ, success) == []
    first, second = (body for _, _, body in server.got)
    assert (first["event_action"], second["event_action"]) == ("trigger", "resolve")
    assert first["dedup_key"] == second["dedup_key"]
    assert first["routing_key"] == "key"


def test_teams_and_webhook(server: Server) -> None:
    environ = {"OLO_SECRET_TEAMS": f"{server.url}/teams?sig=s3cr3t", "OLO_SECRET_KEY": "k"}
    assert told({"teams": {"secret": "teams"}}, environ) == []
    card = server.got[0][2]["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert card["body"][0]["text"] == "daily failed in prod (score)"
    assert told({"webhook": {"url": f"{server.url}/in", "headers": {"X-Key": {"secret": "key"}}}}, environ) == []
    path, headers, body = server.got[1]
    assert (path, headers["X-Key"]) == ("/in", "k")
    assert (body["event"], body["job"], body["message"], body["tasks"]) == (
        "failure",
        "daily",
        'score: "bad"',
        ["score"],
    )


def test_faults_are_told_without_the_credential(server: Server) -> None:
    environ = {"OLO_SECRET_TEAMS": f"{server.url}/teams?sig=s3cr3t"}
    server.answers = [(429, b""), (500, b""), (200, b"")]
    assert told({"teams": {"secret": "teams"}}, environ) == []
    assert len(server.got) == 3
    server.answers = [(403, b"s3cr3t")]
    assert told({"teams": {"secret": "teams"}}, environ) == ["Teams answered 403; not told."]
    server.answers = [(302, b"")]
    assert told({"teams": {"secret": "teams"}}, environ) == ["Teams answered 302; not told."]
    assert all(path.startswith("/teams") for path, _, _ in server.got)
    (missing,) = told({"teams": {"secret": "other"}}, environ)
    assert "OLO_SECRET_OTHER" in missing


def test_a_server_that_is_down_fails_nothing() -> None:
    (problem,) = told({"webhook": {"url": "http://127.0.0.1:9/x"}}, {})
    assert problem == "The webhook can't be reached (ConnectionRefusedError); not told after 3 tries."


def test_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[str] = []

    class Mail(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline().decode().strip():
                got.append(line)
                word = line.split()[0].upper()
                if word == "DATA":
                    self.wfile.write(b"354 go\r\n")
                    while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        got.append(text)
                self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environ = {
            "OLO_SMTP_HOST": "127.0.0.1",
            "OLO_SMTP_PORT": str(server.server_address[1]),
            "OLO_SMTP_FROM": "olo@x.org",
        }
        assert told({"email": ["a@example.org", "b@example.org"]}, environ) == []
        server.shutdown()
    assert "Subject: daily failed in prod (score)" in got
    assert any("b@example.org" in line for line in got if line.upper().startswith("RCPT"))
    assert told({"email": "a@example.org"}, {}) == ["No mail server is named: set OLO_SMTP_HOST; not told."]
