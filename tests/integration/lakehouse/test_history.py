"""Every run is written down: by several processes at once, through kills, without secrets."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from olo_jupyter.config import CatalogSettings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.time_travel import parse_when


def test_what_is_kept(session: Session) -> None:
    session.sql("CREATE TABLE t AS SELECT 1 AS n")
    session.sql("SELECT * FROM t WHERE n < :most", parameters={"most": 5, "other": 1}, as_of=parse_when("main"))
    with pytest.raises(QueryError):
        session.sql("SELECT nothing FROM t")
    failed, done, made = session.history.entries()
    assert (failed.state, done.state, made.state) == ("failed", "finished", "finished")
    assert failed.error.startswith("column-not-found: ")
    assert (done.rows, done.parameters, done.as_of, done.user, done.engine) == (
        1,
        {"most": 5},
        "main",
        "ana",
        "embedded",
    )
    assert done.bytes
    assert done.seconds
    assert list(done.snapshots) == ["dev.silver.t"]
    assert list(made.written) == ["dev.silver.t"]
    assert session.history.entries("WHERE most")[0] == done
    assert session.history.entries("100%") == []
    assert [each.state for each in session.history.entries(state="failed")] == ["failed"]
    session.sql("SELECT 2", recorded=False)
    assert len(session.history.entries()) == 3


def test_secrets_are_masked(session: Session) -> None:
    session.settings.catalogs["lake"] = CatalogSettings(type="rest", properties={"credential": "me:S3cretValue"})
    session.sql(
        "SELECT 'me:S3cretValue' AS a, 'postgres://ana:pw123456@db/x' AS b, :token AS c, :plain AS d",
        parameters={"token": "abcdef", "plain": "ghp_abcdefghijklmnopqrstuvwxyz0123"},
    )
    with pytest.raises(QueryError):
        session.sql("SELECT * FROM users WHERE password = 'hunter2'")
    stored = (session.settings.state / "history.db").read_bytes()
    stored += b"".join(path.read_bytes() for path in session.settings.state.glob("history.db-*"))
    for secret in (b"S3cretValue", b"pw123456", b"abcdef", b"ghp_", b"hunter2"):
        assert secret not in stored
    assert session.history.entries()[0].sql == "SELECT * FROM users WHERE password = '***'"
    assert oct((session.settings.state / "history.db").stat().st_mode)[-3:] == "600"


_PROGRAM = """
import sys
from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.session import Session
with Session(Settings.model_validate_json(sys.argv[1])) as session:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        session.sql(sys.argv[3], parameters={"n": number})
"""


def _started(session: Session, times: int, sql: str) -> subprocess.Popen[str]:
    settings = session.settings.model_dump_json(exclude={"engines"})
    command = [sys.executable, "-c", _PROGRAM, settings, str(times), sql]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def _go(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("\n")
    started.stdin.flush()


def test_several_kernels_write_at_once(session: Session) -> None:
    programs = [_started(session, 40, "SELECT :n AS n") for _ in range(3)]
    for program in programs:
        _go(program)
    for program in programs:
        assert program.wait(120) == 0
    found = session.history.entries(limit=1000)
    assert len(found) == 120
    assert {each.state for each in found} == {"finished"}


def test_a_killed_kernel_leaves_a_lost_run(session: Session) -> None:
    endless = "SELECT count(*) FROM UNNEST(sequence(1, 9000)) AS a (x), UNNEST(sequence(1, 9000)) AS b (y), "
    program = _started(session, 1, endless + "UNNEST(sequence(1, 9000)) AS c (z) WHERE x + y + z = :n")
    _go(program)
    deadline = time.monotonic() + 60
    while not session.history.entries() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert session.history.entries()[0].state == "running"
    os.kill(program.pid, signal.SIGKILL)
    program.wait(30)
    assert session.history.entries()[0].state == "lost"


def test_statements_run_where_the_history_cannot_be_kept(session: Session) -> None:
    session.settings.state.parent.mkdir(exist_ok=True)
    session.settings.state.write_text("a file where the folder should be")
    with pytest.warns(UserWarning, match="can't be written"):
        assert list(session.sql("SELECT 1").rows()) == [(1,)]


def test_a_damaged_file_is_one_error(session: Session) -> None:
    session.settings.state.mkdir(parents=True)
    Path(session.settings.state / "history.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(OloError, match="can't be read") as caught:
        session.history.entries()
    assert caught.value.code == "history-not-read"
    with pytest.warns(UserWarning, match="can't be written"):
        session.sql("SELECT 1")


def test_the_file_is_sqlite_that_others_read(session: Session) -> None:
    session.sql("SELECT 1 AS n")
    with sqlite3.connect(session.settings.state / "history.db") as connection:
        assert connection.execute("SELECT sql, state, rows FROM statements").fetchall() == [
            ("SELECT 1 AS n", "finished", 1)
        ]
