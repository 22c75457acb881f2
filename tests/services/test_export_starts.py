"""A Trino and a Spark that are started from what ``olo catalog export`` writes read what we wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from trino.dbapi import connect
from typer.testing import CliRunner

from olo_jupyter.cli.app import app
from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.session import Session
from tests.services import spark_connect
from tests.services.postgres import Postgres
from tests.services.process import free_port
from tests.services.trino import launch

ROWS = [[1, "pen"], [2, "Ä ' ink"]]


@pytest.fixture(scope="module")
def project(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose catalog ``shop`` is in PostgreSQL, with one table."""
    folder = tmp_path_factory.mktemp("exported")
    properties = {"uri": postgres.uri, "warehouse": f"file://{folder / 'warehouse'}"}
    (folder / "warehouse").mkdir()
    written = {
        "user": "ana",
        "default_catalog": "shop",
        "catalogs": {"shop": {"type": "sql", "properties": properties}},
    }
    (folder / "olo.yml").write_text(yaml.safe_dump(written), encoding="utf-8")
    settings = Settings(
        root=folder,
        user="ana",
        state=folder / "state",
        catalogs={"shop": CatalogSettings(type="sql", properties=properties)},
        default_catalog="shop",
    )
    with Session(settings, namespace="out") as session:
        session.sql("CREATE SCHEMA IF NOT EXISTS shop.out")
        session.sql("CREATE TABLE items AS SELECT * FROM (VALUES (1, 'pen'), (2, 'Ä '' ink')) AS t (id, name)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLO_PROJECT", str(folder))
        yield folder


def exported(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["catalog", "export", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_trino(project: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, port = project / "trino", free_port()
    exported("--for", "trino", "--out", str(folder / "etc" / "catalog"))
    assert postgres.password not in (folder / "etc" / "catalog" / "shop.properties").read_text(encoding="utf-8")
    monkeypatch.setenv("OLO_SHOP_PASSWORD", postgres.password)
    server = launch(folder, port, {"http-server.http.port": str(port)}, {})
    try:
        with connect(host="127.0.0.1", port=port, user="ana") as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT id, name FROM shop.out.items ORDER BY id")
            assert cursor.fetchall() == ROWS
            cursor.execute("INSERT INTO shop.out.items VALUES (3, 'cap')")
            cursor.fetchall()
            cursor.execute('SELECT count(*) FROM shop.out."items$snapshots"')
            assert cursor.fetchall() == [[2]]
            cursor.execute("DELETE FROM shop.out.items WHERE id = 3")
            cursor.fetchall()
    finally:
        server.stop()


def test_spark(project: Path, postgres: Postgres) -> None:
    lines = [line.split(" ", 1) for line in exported("--for", "spark").splitlines() if line and line[0] != "#"]
    found = json.loads(exported("--for", "spark", "--json"))["catalogs"][0]
    assert postgres.password not in str([lines, found])
    secrets = dict.fromkeys(found["secrets"].values(), postgres.password)
    folder = project / "spark"
    folder.mkdir()
    spark_connect.importable()
    from pyspark.sql.connect.session import SparkSession

    server = spark_connect.start(folder, {**dict(lines), **secrets})
    try:
        builder: Any = SparkSession.builder
        session = builder.remote(server.remote).create()
        try:
            rows = session.sql("SELECT id, name FROM shop.out.items ORDER BY id").collect()
            assert [list(row) for row in rows] == ROWS
        finally:
            session.stop()
    finally:
        server.stop()
