"""Spark 4.1 with Iceberg's extensions, in Python packages of its own: one local session that runs SQL over HTTP.

It shares Trino's Iceberg catalog: the tables of ``lake`` are those that Trino has in ``iceberg``.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services import spark_driver
from tests.services.cache import installed
from tests.services.java import java
from tests.services.maven import copy_jars
from tests.services.postgres import Postgres
from tests.services.process import Process, free_port, http_answers
from tests.services.pypi import pip_install
from tests.services.trino import CATALOG

PYSPARK = "pyspark==4.1.4"
JAVA, NEWEST_JAVA = 17, 21
_JARS = {
    # Everything is inside this one; what its pom names beside it is for those who compile against it.
    "jars": ["org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0", "org.postgresql:postgresql:42.7.7"],
}


class SparkError(Exception):
    """Spark refused a statement; the message is the start of its own."""


@dataclass(frozen=True)
class SparkAnswer:
    """Rows of a statement, as the driver writes them, with the names and Spark types of their columns."""

    columns: list[tuple[str, Any]]
    rows: list[list[Any]]


@dataclass
class Spark:
    """A running Spark session."""

    port: int
    process: Process
    folder: Path

    @property
    def uri(self) -> str:
        """Where statements go: POST the text, get JSON."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"SPARK_SQL_URL": f"{self.uri} (POST a statement)", "catalog": CATALOG}

    def sql(self, statement: str) -> SparkAnswer:
        """Run one statement and take all its rows.

        Raises:
            SparkError: Spark refused it.
        """
        request = urllib.request.Request(self.uri, statement.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=300) as response:
            answer = json.load(response)
        if "error" in answer:
            raise SparkError(f"{statement}\n{answer['error']}")
        return SparkAnswer([(name, type_) for name, type_ in answer["columns"]], answer["rows"])

    def stop(self) -> None:
        """Stop the session."""
        self.process.stop()


def install() -> Path:
    """Spark's folder in the cache (packages/, jars/), filled at the first call: 500 MB."""
    java(JAVA, NEWEST_JAVA)
    return installed(PYSPARK.replace("==", "-"), json.dumps([PYSPARK, _JARS]), _build)


def start(folder: Path, postgres: Postgres, warehouse: Path | None = None) -> Spark:
    """Start a session whose files are in ``folder``.

    Args:
        folder: Its log, and the tables where there is no ``warehouse``.
        postgres: Holds the Iceberg catalog.
        warehouse: Folder of new tables.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    home, port = install(), free_port()
    place = warehouse or folder / "warehouse"
    place.mkdir(exist_ok=True)
    catalog = f"spark.sql.catalog.{CATALOG}"
    settings = {
        "spark.jars": ",".join(str(jar) for jar in sorted((home / "jars").glob("*.jar"))),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "jdbc",
        f"{catalog}.uri": postgres.jdbc,
        f"{catalog}.jdbc.user": postgres.user,
        f"{catalog}.jdbc.password": postgres.password,
        f"{catalog}.jdbc.schema-version": "V1",
        f"{catalog}.warehouse": f"file://{place}",
        # Other engines write between two statements.
        f"{catalog}.cache-enabled": "false",
        "spark.sql.defaultCatalog": CATALOG,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.iceberg.distribution-mode": "none",
        "spark.driver.memory": "1500m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:-UsePerfData -Duser.timezone=UTC",
        "spark.sql.warehouse.dir": str(folder / "spark-warehouse"),
        "spark.local.dir": str(folder / "scratch"),
    }
    # Not as arguments: those are seen by everybody on the machine.
    file = folder / "settings.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(settings))
    environ = {
        "JAVA_HOME": str(java(JAVA, NEWEST_JAVA).resolve().parent.parent),
        "PYTHONPATH": str(home / "packages"),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_HOME": str(home / "packages" / "pyspark"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TZ": "UTC",
    }
    # -s and the packages' own folder first: nothing of this environment stands in for what Spark brings.
    command = [sys.executable, "-s", str(Path(spark_driver.__file__)), str(file), str(port)]
    process = Process(command, folder / "spark.log", environ=environ, cwd=folder)
    process.wait_until(http_answers(f"http://127.0.0.1:{port}/"), 180, "Spark")
    return Spark(port, process, folder)


def _build(target: Path) -> None:
    pip_install([PYSPARK], target / "packages", dependencies=True)
    copy_jars(_JARS, target, transitive=False)
