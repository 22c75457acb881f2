"""Running queries and resource groups of a real Trino, and a cancel, as the routes answer them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trino as client

from olo_jupyter.config import Settings
from olo_jupyter.engine_settings import EngineSettings, TrinoSettings
from olo_jupyter.errors import OloError
from olo_jupyter.server import trino as routes
from olo_jupyter.server.models.health import TrinoQueryQuery
from olo_jupyter.server.workspace import Opened
from tests.services.trino import Trino

LONG = "SELECT count(*) FROM tpch.sf100.lineitem a, tpch.sf100.orders b WHERE a.l_orderkey + b.o_custkey = -1"


def opened(trino: Trino, tmp_path: Path, user: str) -> Opened:
    engines = EngineSettings(trino=TrinoSettings(host="127.0.0.1", port=trino.port, user=user))
    return Opened(Settings(root=tmp_path, user="x", state=tmp_path, engines=engines))


@pytest.fixture
def long(trino: Trino) -> Iterator[list[Exception]]:
    """A query of ana's that would run for minutes; the list takes the error that it ends with."""
    ended: list[Exception] = []

    def run() -> None:
        connection = client.dbapi.connect(host="127.0.0.1", port=trino.port, user="ana", source="tests")
        try:
            connection.cursor().execute(LONG).fetchall()
        except client.exceptions.Error as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield ended
    thread.join(60)
    assert not thread.is_alive()


def test_a_running_query_is_seen_and_stopped(trino: Trino, tmp_path: Path, long: list[Exception]) -> None:
    ana = opened(trino, tmp_path, "ana")
    until = time.monotonic() + 240  # a first query takes long on a busy machine
    while True:
        found = [one for one in routes.queries(ana, TrinoQueryQuery()).queries if one.text == LONG]
        if found and found[0].state == "RUNNING":
            break
        assert time.monotonic() < until, [
            (each.state, each.text) for each in routes.queries(ana, TrinoQueryQuery()).queries
        ]
        assert not long, long
        time.sleep(0.2)
    (one,) = found
    assert (one.user, one.source, one.mine, one.ended) == ("ana", "tests", True, None)
    group = next(group for group in routes.resource_groups(ana).groups if group.name == one.resource_group)
    assert group.running >= 1
    assert routes.queries(ana, TrinoQueryQuery(user="bob")).queries == []
    assert routes.stop(ana, one.id).id == one.id
    while not long:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert "USER_CANCELED" in str(long[0])
    stopped = next(each for each in routes.queries(ana, TrinoQueryQuery(state="FAILED")).queries if each.id == one.id)
    assert stopped.error == "USER_CANCELED"
    assert stopped.ended is not None


def test_what_can_not_be_stopped(trino: Trino, tmp_path: Path) -> None:
    with pytest.raises(OloError) as caught:
        routes.stop(opened(trino, tmp_path, "ana"), "../v1/info")
    assert caught.value.code == "query-not-found"
    nowhere = Opened(Settings(root=tmp_path, user="x", state=tmp_path))
    with pytest.raises(OloError) as caught:
        routes.queries(nowhere, TrinoQueryQuery())
    assert caught.value.code == "trino-not-configured"
