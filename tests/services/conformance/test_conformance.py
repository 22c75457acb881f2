"""Every read of every table of the suite is equal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from olo_jupyter.engine_settings import EngineSettings, SparkSettings
from tests.parity.judge import EQUAL, REFUSED
from tests.services import spark_connect
from tests.services.conformance.cases import CASES
from tests.services.conformance.judge import NOT_READ, judged, through_spark
from tests.services.conformance.lake import Case, Lake, opened
from tests.services.postgres import Postgres
from tests.services.spark import Spark
from tests.services.spark_connect import SparkConnect
from tests.services.trino import Trino

COLUMNS = 3
"""Columns that are read alone, too; the report does that with all."""


@pytest.fixture(scope="module")
def server(services_folder: Path) -> Iterator[SparkConnect]:
    folder = services_folder / "conformance_connect"
    folder.mkdir()
    spark_connect.importable()
    running = spark_connect.start(folder)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lake(spark: Spark, trino: Trino, postgres: Postgres, services_folder: Path, server: SparkConnect) -> Iterator[Lake]:
    folder = services_folder / "conformance"
    folder.mkdir()
    made = opened(spark, trino, postgres, folder)
    made.session.settings.engines = EngineSettings(spark=SparkSettings(remote=server.remote))
    with made.session:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_read_is_equal(lake: Lake, case: Case) -> None:
    case.build(lake)
    reads = [*judged(lake, case, columns=COLUMNS), *through_spark(lake, case)]
    assert any(read.verdict == EQUAL for read in reads)
    # Arrow's ORC reader can't hold the years that a table of every type has.
    allowed = (EQUAL, NOT_READ, REFUSED) if "orc_types" in case.name or "types_orc" in case.name else (EQUAL, NOT_READ)
    # Spark has no type for times of day, and none for nanoseconds.
    wrong = [
        read for read in reads if read.verdict not in ((EQUAL, REFUSED) if read.engine == "Spark engine" else allowed)
    ]
    assert not wrong, "\n".join(f"{read.engine}, {read.what}: {read.verdict}: {read.why}" for read in wrong[:10])
