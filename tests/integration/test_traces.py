"""Traces from a cell to its query and from a run to its tasks' queries, received from the real exporter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.shop import add_items, forget_environment, lay_out

JOB = """version: 1
name: busy
tasks:
- {name: count, sql: {text: SELECT count(*) FROM silver.items}}
- {name: wrong, sql: {text: SELECT 'secret-word' FROM silver.nowhere}}
"""
CELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "olo_magics")
shell.run_cell_magic("olo", "sql rows <<", "SELECT 'secret-word' AS word FROM silver.items")
assert len(shell.user_ns["rows"].to_pandas())
print("opentelemetry" in sys.modules or any(name.startswith("opentelemetry.") for name in sys.modules))
"""
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Receiver(ThreadingHTTPServer):
    """Keeps the spans that are sent to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Span] = []

    def named(self, name: str) -> list[Span]:
        return [one for one in self.spans if one.name == name]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Receiver)
        self.server.spans += [one for part in body.resource_spans for scope in part.scope_spans for one in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    forget_environment(monkeypatch)
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    root = lay_out(tmp_path)
    add_items(root)
    (root / "targets").mkdir()
    (root / "targets" / "sandbox.yml").write_text("catalog: ana_sandbox\nsources: dev\n")
    (root / "jobs").mkdir()
    (root / "jobs" / "busy.yml").write_text(JOB)
    return root


def run(root: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=root, env={**os.environ, **environ}, capture_output=True, text=True
    )


def attributes(span: Span) -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_nothing_of_opentelemetry_is_imported_when_it_is_off(root: Path) -> None:
    done = run(root, "-c", CELL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


def test_a_cells_query_belongs_to_the_cell(root: Path, receiver: Receiver) -> None:
    done = run(root, "-c", CELL, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.server_port}")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "True"), done.stderr
    (cell,) = receiver.named("olo.cell")
    (query,) = receiver.named("olo.query")
    assert (query.trace_id, query.parent_span_id) == (cell.trace_id, cell.span_id)
    told = attributes(query)
    assert told["olo.engine"] == "embedded" and told["olo.query_id"] and int(str(told["olo.rows"])) > 0
    assert not any("secret-word" in str(one) for one in receiver.spans)


def test_a_runs_tasks_and_their_queries_belong_to_the_run_that_belongs_to_who_started_it(
    root: Path, receiver: Receiver
) -> None:
    where = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver.server_port}"}
    done = run(root, "-m", "olo_jupyter.cli", "run", "busy", "--json", TRACEPARENT=f"00-{TRACE}-{PARENT}-01", **where)
    assert done.returncode == 1, done.stderr
    (whole,) = receiver.named("olo.run")
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(whole)["olo.run_id"] == json.loads(done.stdout)["id"]
    assert (whole.status.code, whole.status.message) == (Status.STATUS_CODE_ERROR, "failed")
    tasks = {attributes(one)["olo.task"]: one for one in receiver.named("olo.task")}
    assert set(tasks) == {"count", "wrong"}
    assert all(one.parent_span_id == whole.span_id for one in tasks.values())
    queries = {one.parent_span_id: one for one in receiver.named("olo.query")}
    assert attributes(queries[tasks["count"].span_id])["olo.rows"] == 1
    assert queries[tasks["wrong"].span_id].status.message == "schema-not-found"
    assert {one.trace_id.hex() for one in receiver.spans} == {TRACE}
    assert not any("secret-word" in str(one) for one in receiver.spans)
