"""Faults that a real Trino can't be made to show at will: a gateway that stops knowing a token, answers cut short."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Outcome, Statement

STATS = {"state": "RUNNING", "queued": False}
Answer = Callable[[str, "str | None"], tuple[int, bytes]]


@pytest.fixture
def server() -> Iterator[Callable[[Answer], TrinoSettings]]:
    """A server that answers by a function of the path and the Authorization header."""
    running: list[http.server.ThreadingHTTPServer] = []

    def start(answer: Answer) -> TrinoSettings:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answer(self.path, self.headers.get("Authorization"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=made.serve_forever, daemon=True).start()
        running.append(made)
        return TrinoSettings(host="127.0.0.1", port=made.server_address[1])

    yield start
    for made in running:
        made.shutdown()
        made.server_close()


def page(settings: list[TrinoSettings], number: int, **more: Any) -> bytes:
    found = {
        "id": "q1",
        "infoUri": "http://127.0.0.1/",
        "nextUri": f"http://127.0.0.1:{settings[0].port}/v1/statement/executing/q1/{number + 1}",
        "columns": [{"name": "a", "type": "bigint"}],
        **more,
        "stats": STATS,
    }
    return json.dumps(found, separators=(",", ":")).encode()


def run(settings: TrinoSettings) -> Outcome:
    return Statement(Connection(settings, "ana"), Where("tpch", "tiny")).run("SELECT a")


def test_a_sign_in_that_ends_while_rows_are_fetched(server: Callable[[Answer], TrinoSettings]) -> None:
    settings: list[TrinoSettings] = []

    def answer(path: str, _: str | None) -> tuple[int, bytes]:
        return (200, page(settings, 0, data=[[1]])) if path == "/v1/statement" else (401, b"token expired")

    settings.append(server(answer))
    with pytest.raises(QueryError) as refused:
        run(settings[0])
    assert refused.value.code == "authentication-failed" and "run the cell again" in refused.value.hint


def test_an_answer_that_is_cut_short_gives_no_rows(server: Callable[[Answer], TrinoSettings]) -> None:
    settings: list[TrinoSettings] = []
    settings.append(server(lambda path, _: (200, page(settings, 0, data=[[1], [2]])[:-20])))
    with pytest.raises(QueryError) as refused:
        run(settings[0])
    assert refused.value.code == "connection-failed"


def test_a_token_is_read_for_each_request(tmp_path: Path) -> None:
    token = tmp_path / "token"
    settings = TrinoSettings.model_validate({"host": "t", "auth": {"type": "jwt", "token": {"file": token}}})
    connection = Connection(settings, "ana")
    http_session = connection.requests(connection.client(Where("a", "b")))._http_session
    import requests

    seen = []
    for text in ("one", "two"):
        token.write_text(text)
        prepared = http_session.prepare_request(requests.Request("GET", "https://t/"))
        seen.append(prepared.headers["Authorization"])
    assert seen == ["Bearer one", "Bearer two"]
