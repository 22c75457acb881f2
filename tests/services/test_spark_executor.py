"""A Spark of two executors: one that is killed in the middle of a query takes nothing of its rows away."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from tests.parity import tables
from tests.services import spark_connect
from tests.services.process import until
from tests.services.spark_connect import SparkConnect

SQL = "SELECT count(*) AS n, sum(a.l_orderkey) AS s FROM lineitem a, lineitem b WHERE a.l_suppkey < 3"
CLUSTER = {"spark.master": "local-cluster[2,1,900]", "spark.executor.memory": "800m"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SparkConnect]:
    spark_connect.importable()
    running = spark_connect.start(tmp_path, CLUSTER)
    yield running
    running.stop()


def executors(server: SparkConnect) -> list[int]:
    """The processes of the server's executors, which are of its session."""
    command = ["ps", "-ww", "-o", "pid=,args=", "--sid", str(server.process.pid)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "CoarseGrainedExecutorBackend" in line]


@pytest.mark.timeout(600)
def test_an_executor_that_is_killed(server: SparkConnect, tmp_path_factory: pytest.TempPathFactory) -> None:
    with tables.open_session(tmp_path_factory.mktemp("lake")) as session:
        session.settings.engines = EngineSettings(spark=SparkSettings(remote=server.remote))
        wanted = session.sql(SQL).provenance.fingerprint
        assert session.sql(SQL, engine="spark").provenance.fingerprint == wanted
        before = executors(server)
        assert len(before) == 2
        killer = threading.Timer(0.5, os.kill, (before[0], signal.SIGKILL))
        killer.start()
        assert session.sql(SQL, engine="spark").provenance.fingerprint == wanted
        killer.join()
        until(lambda: before[0] not in executors(server) and len(executors(server)) == 2)
