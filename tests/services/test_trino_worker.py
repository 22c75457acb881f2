"""A cluster of two: what a person is told when a worker is killed while it works for their query."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.engine_settings import TrinoSettings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.trino.connection import Connection, Where
from olo_jupyter.lakehouse.trino.run import Statement
from tests.services import trino
from tests.services.process import until
from tests.services.trino import Trino

GIVES_UP = {"query.remote-task.max-error-duration": "5s", "exchange.max-error-duration": "5s"}
"""After how long a coordinator believes that a worker is gone; a minute unless told."""

Cluster = tuple[Trino, Trino]


@pytest.fixture(scope="module")
def cluster(services_folder: Path) -> Iterator[Cluster]:
    """A coordinator that works, too, and a worker."""
    coordinator = trino.start(services_folder / "coordinator", more=GIVES_UP)
    try:
        worker = trino.start_worker(services_folder / "worker", coordinator)
        try:
            yield coordinator, worker
        finally:
            worker.stop()
    finally:
        coordinator.stop()


def ask(coordinator: Trino, sql: str) -> list[dict[str, object]]:
    connection = Connection(TrinoSettings(host="127.0.0.1", port=coordinator.port), "ana")
    try:
        found: list[dict[str, object]] = Statement(connection, Where("tpch", "tiny")).run(sql).table.to_pylist()
        return found
    finally:
        connection.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM sf1000.lineitem",
        "SELECT l_orderkey, l_comment FROM sf1000.lineitem WHERE l_orderkey % 1000000 = 1",
    ],
)
def test_a_worker_that_is_killed(cluster: Cluster, sql: str) -> None:
    coordinator, worker = cluster
    there = f"node_id = '{worker.node}' AND state = "
    until(lambda: ask(coordinator, f"SELECT 1 FROM system.runtime.nodes WHERE {there}'active'"))
    told: list[object] = []

    def run() -> None:
        try:
            told.append(ask(coordinator, sql))
        except QueryError as error:
            told.append(error)

    person = threading.Thread(target=run)
    person.start()
    until(lambda: ask(coordinator, f"SELECT 1 FROM system.runtime.tasks WHERE {there}'RUNNING'"))
    worker.process.kill()
    person.join(120)
    assert not person.is_alive(), "a query that lost a part must end"
    (error,) = told
    assert isinstance(error, QueryError), "a part of the rows is no result"
    assert error.code in ("too-many-requests-failed", "page-transport-timeout", "remote-host-gone", "remote-task-error")
    assert "A worker of the cluster" in error.hint and "run it again" in error.hint
    worker.process.again()
    worker.process.wait_until(worker.running, 240, "the worker")
