"""The catalog that all engines share, and the tables that the suite makes in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.table import Table

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import ask, must
from tests.services.postgres import Postgres
from tests.services.spark import Spark
from tests.services.trino import CATALOG, Trino

SCHEMA = "conformance"


@dataclass
class Lake:
    """One catalog, seen by Spark and PyIceberg as ``lake``, by Trino as ``iceberg``."""

    spark: Spark
    trino: Trino
    session: Session
    folder: Path

    def table(self, name: str) -> Table:
        """PyIceberg's table."""
        return self.session.catalogs.catalog(CATALOG).load_table((SCHEMA, name))


@dataclass(frozen=True)
class Case:
    """A table: who writes it, what it has, and how it is made."""

    name: str
    writer: str
    about: str
    build: Callable[[Lake], None]


def opened(spark: Spark, trino: Trino, postgres: Postgres, folder: Path) -> Lake:
    """The lake with an empty schema for the suite's tables."""
    warehouse = folder / "warehouse"
    warehouse.mkdir(exist_ok=True)
    settings = Settings(
        root=folder,
        user="services",
        state=folder / "state",
        catalogs={CATALOG: CatalogSettings(properties={"uri": postgres.uri, "warehouse": f"file://{warehouse}"})},
        default_catalog=CATALOG,
    )
    lake = Lake(spark, trino, Session(settings, namespace=SCHEMA), folder)
    lake.session.catalogs.catalog(CATALOG).create_namespace_if_not_exists(SCHEMA)
    return lake


def by_spark(name: str, about: str, statements: Sequence[str]) -> Case:
    """A table made by Spark's SQL; ``{t}`` is its name, ``{folder}`` a folder for files."""

    def build(lake: Lake) -> None:
        for statement in statements:
            lake.spark.sql(statement.format(t=f"{CATALOG}.{SCHEMA}.{name}", folder=lake.folder, name=name))

    return Case(name, "Spark", about, build)


def by_trino(name: str, about: str, statements: Sequence[str]) -> Case:
    """A table made by Trino's SQL; ``{t}`` is its name."""

    def build(lake: Lake) -> None:
        for statement in statements:
            must(ask(lake.trino.uri, statement.format(t=f"iceberg.{SCHEMA}.{name}")))

    return Case(name, "Trino", about, build)
