"""A Spark Connect server (4.1) with Iceberg, and the client's packages in a folder of their own.

Two catalogs can be had: Trino's Iceberg catalog on PostgreSQL, and any that a client sets in its own session.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services import spark
from tests.services.cache import installed
from tests.services.java import java
from tests.services.maven import copy_jars
from tests.services.process import Process, free_port, port_answers
from tests.services.pypi import pip_install

CLIENT = ["grpcio>=1.76", "grpcio-status>=1.76", "googleapis-common-protos>=1.71", "protobuf", "zstandard>=0.25"]
_SQLITE = {"jars": ["org.xerial:sqlite-jdbc:3.50.3.0"]}


@dataclass
class SparkConnect:
    """A running server."""

    port: int
    process: Process
    folder: Path

    @property
    def remote(self) -> str:
        """What ``engines.spark.remote`` says."""
        return f"sc://127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> Mapping[str, str]:
        """What people and tests need to know."""
        return {"SPARK_REMOTE": self.remote}

    def stop(self) -> None:
        """Stop the server."""
        self.process.stop()


def packages() -> list[Path]:
    """Folders that belong at the end of ``sys.path``: pyspark and what its Connect client needs."""
    client = installed("spark-connect-client", repr(CLIENT), lambda target: pip_install(CLIENT, target / "packages"))
    return [spark.install() / "packages", client / "packages"]


def jars() -> list[Path]:
    """Iceberg's runtime and the JDBC drivers."""
    sqlite = installed("sqlite-jdbc", repr(_SQLITE), lambda target: copy_jars(_SQLITE, target, transitive=False))
    return sorted([*(spark.install() / "jars").glob("*.jar"), *(sqlite / "jars").glob("*.jar")])


def importable() -> None:
    """Make ``import pyspark`` work in this process (behind the environment's own packages) and give it its Java."""
    for folder in packages():
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    os.environ.setdefault("JAVA_HOME", str(java(spark.JAVA, spark.NEWEST_JAVA).resolve().parent.parent))
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def conf(folder: Path) -> dict[str, str]:
    """Settings of a small Spark on this machine, without a catalog."""
    return {
        "spark.jars": ",".join(map(str, jars())),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "1500m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:-UsePerfData -Duser.timezone=UTC",
        "spark.sql.warehouse.dir": str(folder / "spark-warehouse"),
        "spark.local.dir": str(folder / "scratch"),
    }


def start(folder: Path, more: Mapping[str, str] | None = None) -> SparkConnect:
    """Start a server whose files are in ``folder``; ``more`` are settings besides its own.

    Raises:
        ServiceError: It didn't come up; the message carries the end of its log.
    """
    port, home = free_port(), spark.install() / "packages" / "pyspark"
    settings = {
        **conf(folder),
        "spark.master": "local[2]",
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        **(more or {}),
    }
    file = folder / "spark.conf"
    file.touch(mode=0o600)  # not as arguments: those are seen by everybody on the machine
    file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    environ = {
        "JAVA_HOME": str(java(spark.JAVA, spark.NEWEST_JAVA).resolve().parent.parent),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TZ": "UTC",
    }
    command = [
        "bash", str(home / "bin" / "spark-submit"), "--properties-file", str(file),
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
    ]  # fmt: skip
    process = Process(command, folder / "spark-connect.log", environ=environ, cwd=folder)
    process.wait_until(port_answers(port), 240, "Spark Connect")
    return SparkConnect(port, process, folder)
