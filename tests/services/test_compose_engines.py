"""Trino and Spark on the very files that docker-compose.yml mounts: addresses and passwords alone are this machine's.

In Polaris' place stands Iceberg's own REST catalog, which gives a token for every sign-in; the store is the real one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyarrow.fs import FileSelector, S3FileSystem
from trino.dbapi import connect

from tests.services import rest, spark_connect
from tests.services.cache import installed
from tests.services.maven import copy_jars
from tests.services.postgres import Postgres
from tests.services.process import free_port
from tests.services.s3 import S3
from tests.services.s3 import start as start_s3
from tests.services.trino import launch

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose"
sys.path.insert(0, str(COMPOSE / "init"))

import lake  # noqa: E402 - a script, not a package

SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def s3(services_folder: Path) -> Iterator[S3]:
    """A store of this file's own: others look at how an empty one becomes Compose's."""
    folder = services_folder / "compose-s3"
    folder.mkdir()
    service = start_s3(folder)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def here(s3: S3, postgres: Postgres, services_folder: Path) -> Iterator[Mapping[str, str]]:
    """The bucket and the catalog; the addresses that Compose has for them, and theirs here."""
    lake.make_bucket(s3.uri, s3.access_key, s3.secret_key)
    folder = services_folder / "compose-rest"
    folder.mkdir()
    on_s3 = {
        "name": "compose", "warehouse": f"s3://{lake.BUCKET}/dev", "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        "s3.endpoint": s3.uri, "s3.path-style-access": "true", "client.region": lake.REGION,
        "s3.access-key-id": s3.access_key, "s3.secret-access-key": s3.secret_key,
    }  # fmt: skip
    catalog = rest.start(folder, postgres, on_s3)
    try:
        yield {"http://polaris:8181/api/catalog": catalog.uri, "http://s3:7070": s3.uri}
    finally:
        catalog.stop()


def mounted(file: Path, here: Mapping[str, str]) -> str:
    """A mounted file with the addresses of this machine, each of which it has to have."""
    text = file.read_text(encoding="utf-8")
    for address, ours in here.items():
        assert address in text, f"{file.name} has no {address}"
        text = text.replace(address, ours)
    return text


def given(service: str, s3: S3) -> dict[str, str]:
    """The environment of a service of Compose, with this store's keys and some credential for the catalog."""
    drawn = {"S3_ACCESS_KEY": s3.access_key, "S3_SECRET_KEY": s3.secret_key}
    drawn |= {"POLARIS_CLIENT_ID": "olo", "POLARIS_CLIENT_SECRET": "drawn-at-random"}
    environment = SERVICES[service]["environment"]
    return {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: drawn[found[1]], str(value))
        for name, value in environment.items()
    }


def test_spark_reads_what_trino_wrote_and_trino_what_spark_added(
    here: Mapping[str, str], s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (given("trino", s3) | given("spark", s3)).items():
        monkeypatch.setenv(name, value)
    port, catalogs = free_port(), tmp_path / "etc" / "catalog"
    catalogs.mkdir(parents=True)
    for file in sorted((COMPOSE / "trino" / "catalog").iterdir()):
        (catalogs / file.name).write_text(mounted(file, here), encoding="utf-8")
    server = launch(tmp_path, port, {"http-server.http.port": str(port)}, {})
    try:
        with connect(host="127.0.0.1", port=port, user="ana") as connection:

            def asked(sql: str) -> list[list[Any]]:
                cursor = connection.cursor()
                cursor.execute(sql)
                return [list(row) for row in cursor.fetchall()]

            for target in lake.TARGETS:
                assert ["information_schema"] in asked(f"SHOW SCHEMAS FROM {target}")
            asked("CREATE SCHEMA dev.silver")
            asked("CREATE TABLE dev.silver.items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'Ä ink')) AS t (id, name)")
            store = S3FileSystem(
                endpoint_override=s3.uri, access_key=s3.access_key, secret_key=s3.secret_key, region=lake.REGION
            )
            kept = store.get_file_info(FileSelector(f"{lake.BUCKET}/dev", recursive=True))
            assert {Path(one.path).suffix for one in kept if one.is_file} >= {".parquet", ".json", ".avro"}
            assert on_spark(here, tmp_path, "SELECT id, name FROM dev.silver.items ORDER BY id") == [
                [1, "pen"], [2, "Ä ink"],
            ]  # fmt: skip
            assert asked("SELECT id, name FROM dev.silver.items WHERE id > 2") == [[3, "cap"]]
    finally:
        server.stop()


def on_spark(here: Mapping[str, str], folder: Path, sql: str) -> list[list[Any]]:
    """The rows of a statement on the Spark that Compose starts, before it adds one to dev.silver.items."""
    command = " ".join(SERVICES["spark"]["command"])
    (packages,) = re.findall(r"--packages (\S+)", command)
    jars = installed(
        "compose-spark-jars",
        packages,
        lambda target: copy_jars({"jars": packages.split(",")}, target, transitive=False),
    )
    settings = dict(line.split(maxsplit=1) for line in mounted(COMPOSE / "spark.conf", here).splitlines())
    for name in re.findall(r'--conf (\S+)="\$\$POLARIS_CREDENTIAL"', command):
        settings[name] = "olo:drawn-at-random"
    assert {f"spark.sql.catalog.{target}.credential" for target in lake.TARGETS} <= set(settings)
    del settings["spark.connect.grpc.binding.port"]
    settings["spark.jars"] = ",".join(str(jar) for jar in sorted((jars / "jars").glob("*.jar")))
    spark_connect.importable()
    from pyspark.sql.connect.session import SparkSession

    place = folder / "spark"
    place.mkdir()
    server = spark_connect.start(place, settings)
    try:
        builder: Any = SparkSession.builder
        session = builder.remote(server.remote).create()
        try:
            rows = [list(row) for row in session.sql(sql).collect()]
            session.sql("INSERT INTO dev.silver.items VALUES (3, 'cap')").collect()
            for target in lake.TARGETS:
                session.sql(f"SHOW NAMESPACES IN {target}").collect()
        finally:
            session.stop()
    finally:
        server.stop()
    return rows
