"""A catalog whose rows and columns Trino guards (file-based rules): the embedded engine has no door into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from trino.dbapi import connect

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse import dbapi
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session
from tests.services.postgres import Postgres
from tests.services.trino import CATALOG, Trino


def _as(trino: Trino, user: str, sql: str) -> list[list[object]]:
    with connect(host="127.0.0.1", port=trino.port, user=user) as connection:
        rows: list[list[object]] = connection.cursor().execute(sql).fetchall()
        return rows


@pytest.fixture(scope="module")
def people(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = {"uri": postgres.uri, "warehouse": f"file://{tmp_path_factory.mktemp('warehouse')}"}
    SqlCatalog(CATALOG, **place).close()  # makes the tables of the catalog, which Trino wants to find
    for statement in (
        "CREATE SCHEMA IF NOT EXISTS guarded.guarded",
        "CREATE TABLE guarded.guarded.people (name varchar, region varchar, salary integer)",
        "INSERT INTO guarded.guarded.people VALUES ('Ana', 'north', 10), ('Bo', 'south', 20)",
    ):
        _as(trino, "admin", statement)


@pytest.fixture(scope="module")
def project(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``lake`` is the guarded catalog by its real name; ``dev`` is the person's own."""
    folder = tmp_path_factory.mktemp("governed")
    (folder / "olo.yml").write_text(
        f"""
version: 1
catalogs:
  dev: {{properties: {{uri: "sqlite:///c.db", warehouse: "file:w"}}}}
  {CATALOG}:
    guarded_by: trino
    properties: {{uri: "{postgres.uri}", warehouse: "file://{trino.folder / "warehouse"}"}}
"""
    )
    return folder


@pytest.fixture
def ana(project: Path, people: None, tmp_path: Path) -> Iterator[Session]:
    settings = load_settings(project, environ={"OLO_USER": "ana", "OLO_STATE": str(tmp_path)})
    with Session(settings, namespace="silver") as session:
        session.sql("CREATE SCHEMA IF NOT EXISTS silver")
        yield session


def test_trino_filters_rows_and_masks_columns(trino: Trino, people: None) -> None:
    assert _as(trino, "ana", "SELECT * FROM guarded.guarded.people") == [["Ana", "north", None]]
    assert len(_as(trino, "admin", "SELECT * FROM guarded.guarded.people")) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM lake.guarded.people",
        "SELECT count(*) FROM lake.guarded.people",
        'SELECT * FROM lake.guarded."people$files"',
        'SELECT lower_bounds FROM lake.guarded."people$partitions"',
        'SELECT * FROM lake.guarded."people$snapshots"',
        "SELECT * FROM lake.guarded.people FOR TIMESTAMP AS OF current_timestamp",
        "SELECT * FROM lake.information_schema.columns",
        "SELECT * FROM lake.information_schema.tables WHERE table_schema = 'guarded'",
        "SELECT * FROM system.metadata.table_comments WHERE catalog_name = 'lake'",
        "SELECT * FROM system.metadata.table_comments",
        "SHOW SCHEMAS FROM lake",
        "SHOW TABLES FROM lake.guarded",
        "SHOW COLUMNS FROM lake.guarded.people",
        "DESCRIBE lake.guarded.people",
        "SHOW CREATE TABLE lake.guarded.people",
        "CREATE TABLE mine AS SELECT * FROM lake.guarded.people",
        "CREATE VIEW mine AS SELECT * FROM lake.guarded.people",
        "INSERT INTO lake.guarded.people VALUES ('x', 'y', 1)",
        "DELETE FROM lake.guarded.people",
        "UPDATE lake.guarded.people SET salary = 0",
        "TRUNCATE TABLE lake.guarded.people",
        "CREATE TABLE lake.guarded.other (n integer)",
        "CREATE SCHEMA lake.other",
        "DROP TABLE lake.guarded.people",
        "DROP TABLE IF EXISTS lake.guarded.people",
        "DROP SCHEMA lake.guarded CASCADE",
        "ALTER TABLE lake.guarded.people ADD COLUMN more integer",
        "ALTER TABLE lake.guarded.people RENAME TO lake.guarded.them",
        "COMMENT ON TABLE lake.guarded.people IS 'x'",
        "EXPLAIN SELECT * FROM lake.guarded.people",
    ],
)
def test_every_statement_is_refused(ana: Session, trino: Trino, sql: str) -> None:
    with pytest.raises(QueryError) as refused:
        ana.sql(sql)
    assert refused.value.code == "access-denied", refused.value
    assert "governed" in refused.value.message
    assert len(_as(trino, "admin", "SELECT * FROM guarded.guarded.people")) == 2


def test_a_view_that_reaches_over_is_refused(ana: Session, trino: Trino) -> None:
    """Made while the catalog was still open to everybody."""
    ana.settings.catalogs[CATALOG].access = "direct"
    ana.sql("CREATE OR REPLACE VIEW over AS SELECT name, salary FROM lake.guarded.people")
    assert len(ana.sql("SELECT * FROM over")) == 2
    ana.settings.catalogs[CATALOG].access = "trino"
    with pytest.raises(QueryError, match="governed"):
        ana.sql("SELECT * FROM over")


def test_frames_sources_and_the_dbapi_are_refused(ana: Session, project: Path) -> None:
    with pytest.raises(QueryError, match="governed"):
        ana.write("lake.guarded.people", pa.table({"name": ["x"], "region": ["y"], "salary": [1]}), mode="append")
    with pytest.raises(QueryError, match="governed"):
        ana.table("lake.guarded.people")
    with Session(ana.settings, namespace="guarded", sources="lake") as session, pytest.raises(QueryError):
        session.sql("SELECT * FROM people")  # as if there were no such schema
    with (
        dbapi.connect(project, catalog="lake", schema="guarded", environ={}) as connection,
        pytest.raises(dbapi.Error, match="governed"),
    ):
        connection.cursor().execute("SELECT * FROM people").fetchall()


def test_a_second_name_for_the_same_catalog_is_no_door(ana: Session) -> None:
    guarded = ana.settings.catalogs[CATALOG]
    ana.settings.catalogs["other"] = guarded.model_copy(update={"access": "direct", "guarded_by": None})
    try:
        with pytest.raises(QueryError) as refused:
            ana.sql("SHOW SCHEMAS FROM other")
        assert refused.value.code == "access-denied"
    finally:
        del ana.settings.catalogs["other"]
