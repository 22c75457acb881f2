"""What ``olo connect`` and ``olo catalog export`` print is what others take: Trino's JDBC driver, SQLAlchemy."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from olo_jupyter.cli.app import app
from olo_jupyter.config import Settings
from tests.services.cache import installed
from tests.services.java import COMPILER, compile_class, java
from tests.services.maven import copy_jars
from tests.services.trino import CATALOG, VERSION, Trino

_ASK = """
import java.sql.DriverManager;
import java.sql.ResultSet;

public class Ask {
    public static void main(String[] arguments) throws Exception {
        try (var connection = DriverManager.getConnection(arguments[0]);
                ResultSet rows = connection.createStatement().executeQuery(arguments[1])) {
            while (rows.next()) {
                System.out.println(rows.getString(1));
            }
        }
    }
}
"""


@pytest.fixture(scope="module")
def jdbc() -> Callable[[str, str], list[str]]:
    """Ask by JDBC: a URL, a query; gives the first column."""

    def build(target: Path) -> None:
        copy_jars({"lib": [f"io.trino:trino-jdbc:{VERSION}"], "compiler": [COMPILER]}, target, transitive=False)
        compile_class("Ask", _ASK, java(17), target / "compiler", target / "lib", target / "lib" / "ask.jar")

    home = installed(f"trino-jdbc-{VERSION}", _ASK, build)

    def ask(url: str, sql: str) -> list[str]:
        command = [str(java(17)), "-cp", f"{home / 'lib'}/*", "Ask", url, sql]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return ask


@pytest.fixture
def project(trino_project: Settings, trino: Trino, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder whose olo.yml says what the settings of the fixture do."""
    catalog = trino_project.catalogs[CATALOG]
    written = {
        "user": "ana",
        "default_catalog": CATALOG,
        "catalogs": {CATALOG: {"type": "sql", "properties": catalog.properties}},
        "engines": {"trino": {"host": "127.0.0.1", "port": trino.port, "catalogs": {CATALOG: "iceberg"}}},
    }
    (tmp_path / "olo.yml").write_text(yaml.safe_dump(written), encoding="utf-8")
    monkeypatch.setenv("OLO_PROJECT", str(tmp_path))
    return tmp_path


def test_jdbc_and_sqlalchemy_connect_by_what_is_printed(
    project: Path, jdbc: Callable[[str, str], list[str]], trino_project: Settings
) -> None:
    from sqlalchemy import create_engine, text

    from olo_jupyter.lakehouse.session import Session

    with Session(trino_project, namespace="connected") as session:
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.connected")
        session.sql("CREATE TABLE IF NOT EXISTS t AS SELECT 'it works' AS said")
    done = CliRunner().invoke(app, ["connect", CATALOG, "--namespace", "connected", "--json"])
    ways = json.loads(done.stdout)["catalogs"][CATALOG]
    assert jdbc(ways["jdbc"], "SELECT said FROM t") == ["it works"]
    assert jdbc(ways["jdbc"], "SELECT current_user") == ["ana"]
    with create_engine(ways["sqlalchemy"]).connect() as connection:
        assert connection.execute(text("SELECT said FROM t")).scalar() == "it works"
    assert ways["dbt"]["database"] == "iceberg" and ways["dbt"]["method"] == "none"


def test_the_exported_properties_are_those_that_trino_runs_with(project: Path, trino: Trino) -> None:
    out = project / "exported"
    done = CliRunner().invoke(app, ["catalog", "export", "--for", "trino", "--out", str(out)])
    assert done.exit_code == 0, done.output
    written = _properties(out / "iceberg.properties")
    running = _properties(trino.folder / "etc" / "catalog" / "iceberg.properties")
    assert written.pop("iceberg.jdbc-catalog.connection-password") == "${ENV:OLO_LAKE_PASSWORD}"
    assert running.pop("iceberg.jdbc-catalog.connection-password") not in done.output
    assert written == running
    assert "set OLO_LAKE_PASSWORD in Trino's environment" in done.output


def _properties(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())
