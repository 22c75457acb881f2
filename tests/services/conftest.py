"""A session-scoped fixture for each service. Nothing is skipped: a service that can't start fails the run."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.engine_settings import TrinoSettings
from tests.parity.tables import prepare
from tests.services import schedule
from tests.services.airflow import Airflow
from tests.services.catalogue import KINDS
from tests.services.gitea import Gitea
from tests.services.mlflow import MLflow
from tests.services.postgres import Postgres
from tests.services.rest import Rest
from tests.services.s3 import S3
from tests.services.spark import Spark
from tests.services.trino import CATALOG, Trino
from tests.services.trino_secure import SecureTrino


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every file that shares the big Trino is known to the schedule."""
    schedule.check(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> schedule.ByServer:
    """With ``-n``, files are given to workers by their servers."""
    return schedule.ByServer(config, log)


@pytest.fixture(scope="session")
def services_folder() -> Iterator[Path]:
    """A folder that services under other accounts can reach (pytest's own folders are closed to them)."""
    with tempfile.TemporaryDirectory(prefix="olo-services-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextlib.contextmanager
def _one(name: str, folder: Path, **needed: object) -> Iterator[object]:
    # One that is started for each module has a folder for each.
    place = folder / f"{name}-{len(list(folder.iterdir()))}"
    place.mkdir()
    service = KINDS[name].start(place, **needed)
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture(scope="session")
def postgres(services_folder: Path) -> Iterator[Postgres]:
    with _one("postgres", services_folder) as service:
        assert isinstance(service, Postgres)
        yield service


@pytest.fixture(scope="session")
def trino(services_folder: Path, postgres: Postgres) -> Iterator[Trino]:
    with _one("trino", services_folder, postgres=postgres) as service:
        assert isinstance(service, Trino)
        prepare(service.uri)
        yield service


@pytest.fixture(scope="session")
def shared_settings(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A project whose one catalog is the one that Trino knows as ``iceberg``."""
    properties = {"uri": postgres.uri, "warehouse": f"file://{trino.folder / 'warehouse'}"}
    return Settings(
        root=trino.folder,
        user="services",
        state=tmp_path_factory.mktemp("state"),
        catalogs={CATALOG: CatalogSettings(type="sql", properties=properties)},
        default_catalog=CATALOG,
    )


@pytest.fixture(scope="session")
def trino_project(shared_settings: Settings, trino: Trino) -> Settings:
    """The project of :func:`shared_settings` with Trino as an engine, and the guarded catalog beside the shared one."""
    settings = shared_settings.model_copy(deep=True)
    names = {CATALOG: "iceberg", "held": "guarded"}
    settings.catalogs["held"] = CatalogSettings(access="trino")
    settings.engines.trino = TrinoSettings(host="127.0.0.1", port=trino.port, user="ana", catalogs=names)
    return settings


@pytest.fixture(scope="module")
def trino_secure(services_folder: Path) -> Iterator[SecureTrino]:
    """For one module: it is stopped after it, two servers are enough."""
    with _one("trino_secure", services_folder) as service:
        assert isinstance(service, SecureTrino)
        yield service


@pytest.fixture(scope="session")
def spark(services_folder: Path, postgres: Postgres) -> Iterator[Spark]:
    with _one("spark", services_folder, postgres=postgres) as service:
        assert isinstance(service, Spark)
        yield service


@pytest.fixture(scope="session")
def rest(services_folder: Path, postgres: Postgres) -> Iterator[Rest]:
    with _one("rest", services_folder, postgres=postgres) as service:
        assert isinstance(service, Rest)
        yield service


@pytest.fixture(scope="session")
def s3(services_folder: Path) -> Iterator[S3]:
    with _one("s3", services_folder) as service:
        assert isinstance(service, S3)
        yield service


@pytest.fixture(scope="session")
def gitea(services_folder: Path) -> Iterator[Gitea]:
    with _one("gitea", services_folder) as service:
        assert isinstance(service, Gitea)
        yield service


@pytest.fixture(scope="module")  # it is busy even when idle
def airflow(services_folder: Path, postgres: Postgres) -> Iterator[Airflow]:
    with _one("airflow", services_folder, postgres=postgres) as service:
        assert isinstance(service, Airflow)
        yield service


@pytest.fixture(scope="module")
def mlflow(services_folder: Path) -> Iterator[MLflow]:
    with _one("mlflow", services_folder) as service:
        assert isinstance(service, MLflow)
        yield service
