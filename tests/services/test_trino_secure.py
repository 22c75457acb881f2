"""Sign-in, TLS and results put aside, on a real Trino; and what goes wrong with each."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Outcome, Statement
from tests.services.trino_secure import PASSWORD, USER, SecureTrino

Ask = Callable[..., Outcome]
SLOW = "SELECT count(*) FROM tpch.sf1.lineitem a CROSS JOIN tpch.sf1.orders b WHERE a.l_comment < b.o_comment"


@pytest.fixture
def ask(trino_secure: SecureTrino, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run a statement with settings of engines.trino over those that fit the server."""
    monkeypatch.setenv("TRINO_PASSWORD", PASSWORD)
    monkeypatch.setenv("WRONG_PASSWORD", "wrong")

    def run(sql: str = "SELECT current_user", **settings: Any) -> Outcome:
        fitting = {
            "host": "localhost",
            "port": trino_secure.port,
            "http_scheme": "https",
            "ca_file": trino_secure.folder / "ca.pem",
            "auth": password("TRINO_PASSWORD"),
        }
        connection = Connection(TrinoSettings.model_validate({**fitting, **settings}), USER)
        return Statement(connection, Where("tpch", "tiny")).run(sql)

    return run


def password(variable: str) -> dict[str, Any]:
    return {"type": "basic", "password": {"env": variable}}


def refused(call: Callable[[], object]) -> QueryError:
    with pytest.raises(QueryError) as error:
        call()
    assert PASSWORD not in str(error.value.as_json()) and error.value.hint
    return error.value


def test_each_way_to_sign_in(ask: Ask, trino_secure: SecureTrino) -> None:
    folder = trino_secure.folder
    (folder / "token").write_text(trino_secure.token())
    for auth in (
        password("TRINO_PASSWORD"),
        {"type": "jwt", "token": {"file": folder / "token"}},
        {"type": "certificate", "cert": folder / "client.pem", "key": folder / "client.key"},
    ):
        assert ask(auth=auth).table.column(0).to_pylist() == [USER]


def test_what_is_wrong_with_a_sign_in_is_told_with_what_to_do(ask: Ask, trino_secure: SecureTrino) -> None:
    folder = trino_secure.folder
    (folder / "old").write_text(trino_secure.token(seconds=-5))
    for auth in (password("WRONG_PASSWORD"), {"type": "jwt", "token": {"file": folder / "old"}}, "none"):
        error = refused(lambda auth=auth: ask(auth=auth))  # type: ignore[misc]
        assert error.code == "authentication-failed" and USER in error.message
    assert refused(lambda: ask(auth=password("NOT_SET"))).code == "secret-not-found"
    assert refused(lambda: ask(auth={"type": "certificate", "cert": "/no", "key": "/no"})).code == "config"


def test_a_certificate_must_be_trusted_fit_and_be_in_time(ask: Ask, trino_secure: SecureTrino) -> None:
    unknown = refused(lambda: ask(ca_file=None))
    assert unknown.code == "certificate-invalid" and "ca_file" in unknown.hint
    with _tls(trino_secure, "expired") as port:
        expired = refused(lambda: ask(port=port))
    assert expired.code == "certificate-invalid" and "it has expired" in expired.message
    with _tls(trino_secure, "client") as port:
        elsewhere = refused(lambda: ask(port=port, host="localhost.localdomain"))
    assert elsewhere.code in ("certificate-invalid", "connection-failed")
    plain = refused(lambda: ask(http_scheme="http", auth="none", ca_file=None))
    assert plain.code == "connection-failed" and "http_scheme" in plain.hint


@contextlib.contextmanager
def _tls(trino: SecureTrino, name: str) -> Iterator[int]:
    """A server with another certificate of the same authority; gives its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trino.folder / f"{name}.pem", trino.folder / f"{name}.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def test_a_token_that_expires_while_a_query_runs(ask: Ask, trino_secure: SecureTrino) -> None:
    """Trino asks for it where a query begins: one that runs goes on, the next is refused until the token is renewed."""
    file = trino_secure.folder / "short"
    auth = {"type": "jwt", "token": {"file": file}}
    seconds = 15
    file.write_text(trino_secure.token(seconds=seconds))
    told: list[Outcome | QueryError] = []

    def run() -> None:
        try:
            told.append(ask(f"{SLOW} -- ours", auth=auth))
        except QueryError as error:
            told.append(error)

    person = threading.Thread(target=run)
    person.start()
    time.sleep(seconds + 3)
    assert not told, "it runs on"
    error = refused(lambda: ask(auth=auth))
    assert error.code == "authentication-failed" and "has expired" in error.message
    listed = "SELECT query_id, state FROM system.runtime.queries WHERE query LIKE '%-- ours' AND state = 'RUNNING'"
    ((query, _),) = ask(listed).table.to_pandas().to_numpy().tolist()
    ask(f"CALL system.runtime.kill_query('{query}', 'enough')")
    person.join(60)
    (ended,) = told
    assert isinstance(ended, QueryError) and ended.code == "administratively-killed", "Trino told it, after the expiry"
    file.write_text(trino_secure.token())
    assert ask(auth=auth).table.num_rows == 1


@pytest.mark.parametrize("encoding", [["json+zstd"], ["json+lz4"], ["json"]])
def test_what_was_put_aside_is_the_same_rows_and_given_back(ask: Ask, trino_secure: SecureTrino, encoding: Any) -> None:
    sql = "SELECT * FROM lineitem ORDER BY l_orderkey, l_linenumber"
    spooled, direct = ask(sql, encoding=encoding), ask(sql, encoding=[])
    assert spooled.columns == direct.columns
    assert spooled.table.equals(direct.table) and spooled.table.num_rows == 60_175
    until = time.monotonic() + 10
    while list((trino_secure.folder / "spooled").iterdir()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not list((trino_secure.folder / "spooled").iterdir())


@pytest.mark.parametrize("damage", ["gone", "cut short"])
def test_a_part_of_the_result_that_is_lost(ask: Ask, trino_secure: SecureTrino, damage: str) -> None:
    folder, done = trino_secure.folder / "spooled", threading.Event()

    def spoil() -> None:
        while not done.wait(0.001):
            for file in folder.iterdir():
                with contextlib.suppress(OSError):
                    if damage == "gone":
                        file.unlink()
                    elif file.stat().st_size > 100:
                        file.write_bytes(file.read_bytes()[:100])

    thread = threading.Thread(target=spoil)
    thread.start()
    try:
        error = refused(lambda: ask("SELECT * FROM sf1.lineitem LIMIT 200000"))
    finally:
        done.set()
        thread.join()
    assert error.code in ("segment-lost", "generic-internal-error"), error.message
    for file in folder.iterdir():
        file.unlink()


def test_a_server_that_goes_down(ask: Ask, trino_secure: SecureTrino) -> None:
    """The last one: it stops the server."""
    stopper = threading.Timer(3, trino_secure.stop)
    stopper.start()
    error = refused(lambda: ask(SLOW))
    stopper.join()
    assert error.code in ("connection-failed", "server-shutting-down")
    down = refused(lambda: ask())
    assert down.code == "connection-failed" and "can't be reached" in down.message
