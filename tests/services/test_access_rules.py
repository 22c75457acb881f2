"""The generated access rules on a real Trino: people write their sandbox, read dev's bronze and silver, no more."""

import json
from collections.abc import Iterator

import pytest
from trino.dbapi import connect
from trino.exceptions import TrinoUserError

from olo_jupyter.config import load_settings
from olo_jupyter.project.access_rules import access_rules
from olo_jupyter.project.blueprint import Answers, create
from olo_jupyter.project.project import Project
from tests.services import trino
from tests.services.process import free_port

MEMORY = {"connector.name": "memory"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[trino.Trino]:
    """A Trino with the catalogs of a fresh project and its rules, for ana and bo."""
    root = tmp_path_factory.mktemp("project") / "shop"
    create(root, Answers("shop"))
    rules = access_rules(Project(load_settings(root, {"OLO_USER": "ana", "HOME": str(root)})), ["ana", "bo"])
    catalogs = dict.fromkeys(("dev", "staging", "prod", "ana_sandbox", "bo_sandbox"), MEMORY)
    folder, port = tmp_path_factory.mktemp("trino"), free_port()
    (folder / "etc").mkdir()
    (folder / "rules.json").write_text(json.dumps(rules))
    control = {"access-control.name": "file", "security.config-file": str(folder / "rules.json")}
    trino.write_properties(folder / "etc" / "access-control.properties", control)
    process = trino.launch(folder, port, {"http-server.http.port": str(port)}, catalogs)
    server = trino.Trino(port, process, folder, iceberg=False)
    try:
        for schema in ("bronze", "silver", "gold"):
            run(server, "svc-olo-dev", f"CREATE SCHEMA dev.{schema}")
            run(server, "svc-olo-dev", f"CREATE TABLE dev.{schema}.flights AS SELECT 1 AS n")
        yield server
    finally:
        server.stop()


def run(server: trino.Trino, user: str, text: str) -> list[list[object]]:
    with connect(host="127.0.0.1", port=server.port, user=user) as connection:
        cursor = connection.cursor()
        cursor.execute(text)
        return cursor.fetchall()


@pytest.mark.timeout(900)
def test_people_write_their_own_gold_and_read_dev(guarded: trino.Trino) -> None:
    run(guarded, "ana", "CREATE SCHEMA ana_sandbox.gold")
    run(guarded, "ana", "CREATE TABLE ana_sandbox.gold.silver_flights AS SELECT * FROM dev.silver.flights")
    assert run(guarded, "ana", "SELECT n FROM ana_sandbox.gold.silver_flights") == [[1]]
    assert run(guarded, "bo", "SELECT n FROM dev.bronze.flights") == [[1]]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("ana", "CREATE TABLE dev.gold.mine AS SELECT 1 AS n"),
        ("ana", "INSERT INTO dev.silver.flights SELECT 2"),
        ("ana", "DELETE FROM dev.silver.flights"),
        ("ana", "DROP TABLE dev.silver.flights"),
        ("ana", "CREATE SCHEMA dev.mine"),
        ("ana", "CREATE VIEW dev.silver.v AS SELECT 1 AS n"),
        ("ana", "SELECT * FROM dev.gold.flights"),
        ("ana", "CREATE SCHEMA ana_sandbox.silver"),
        ("ana", "CREATE TABLE bo_sandbox.gold.mine AS SELECT 1 AS n"),
        ("ana", "SELECT * FROM prod.information_schema.tables"),
        ("svc-olo-dev", "CREATE SCHEMA prod.gold"),
        ("svc-olo-staging", "INSERT INTO dev.silver.flights SELECT 2"),
        ("nobody", "SELECT * FROM dev.bronze.flights"),
    ],
)
def test_everything_else_is_denied(guarded: trino.Trino, user: str, text: str) -> None:
    with pytest.raises(TrinoUserError) as denied:
        run(guarded, user, text)
    assert denied.value.error_name == "PERMISSION_DENIED"
    assert run(guarded, "svc-olo-dev", "SELECT n FROM dev.silver.flights") == [[1]]
