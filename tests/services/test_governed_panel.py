"""A catalog that Trino guards in the catalog panel: what each person sees there is what Trino lets them see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyiceberg.catalog.sql import SqlCatalog
from trino.dbapi import connect

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.server import governed, table_rows
from olo_jupyter.server.models.catalog import TablesQuery
from olo_jupyter.server.models.tables import HistoryQuery, RowsQuery, SearchQuery
from olo_jupyter.server.search import search_tables
from olo_jupyter.server.workspace import Opened
from tests.services.panels import run_spec
from tests.services.postgres import Postgres
from tests.services.trino import CATALOG, Trino

pytestmark = pytest.mark.timeout(900)
PEOPLE = TableName("guarded", "guarded", "people")
PARTS = TableName("guarded", "guarded", "parts")


@pytest.fixture(scope="module")
def tables(trino: Trino, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = {"uri": postgres.uri, "warehouse": f"file://{tmp_path_factory.mktemp('warehouse')}"}
    SqlCatalog(CATALOG, **place).close()  # makes the tables of the catalog, which Trino wants to find
    with connect(host="127.0.0.1", port=trino.port, user="admin") as connection:
        for statement in (
            "CREATE SCHEMA IF NOT EXISTS guarded.guarded",
            "CREATE OR REPLACE TABLE guarded.guarded.people"
            " (name varchar COMMENT 'Who', region varchar, salary integer)",
            "INSERT INTO guarded.guarded.people VALUES ('Ana', 'north', 10), ('Bo', 'south', 20)",
            "CREATE OR REPLACE TABLE guarded.guarded.parts (at timestamp(6), n integer)"
            " WITH (partitioning = ARRAY['day(at)'], sorted_by = ARRAY['at'])",
            "INSERT INTO guarded.guarded.parts VALUES (TIMESTAMP '2026-01-01 06:00:00', 1), (NULL, 2)",
        ):
            connection.cursor().execute(statement).fetchall()


def opened(trino: Trino, folder: Path, user: str) -> Opened:
    (folder / "olo.yml").write_text(
        f"""
version: 1
catalogs:
  dev: {{properties: {{uri: "sqlite:///{folder}/c.db", warehouse: "file://{folder}/w"}}}}
  guarded: {{access: trino}}
engines: {{trino: {{host: 127.0.0.1, port: {trino.port}}}}}
table_links: {{Superset: "https://bi.example.org/?t={{table}}"}}
"""
    )
    return Opened(load_settings(folder, environ={"OLO_USER": user, "OLO_STATE": str(folder / "state")}))


@pytest.fixture
def ana(trino: Trino, tables: None, tmp_path: Path) -> Iterator[Opened]:
    made = opened(trino, tmp_path, "ana")
    yield made
    made.close()


@pytest.fixture
def admin(trino: Trino, tables: None, tmp_path: Path) -> Iterator[Opened]:
    made = opened(trino, tmp_path, "admin")
    yield made
    made.close()


def test_the_tree_has_what_the_person_may_see(ana: Opened, admin: Opened) -> None:
    assert ana.settings.is_governed("guarded")
    assert not ana.settings.is_governed("dev")
    assert "guarded" in governed.governed_namespaces(ana.session, "guarded").namespaces
    assert "information_schema" not in governed.governed_namespaces(ana.session, "guarded").namespaces
    seen = governed.governed_tables(ana.session, "guarded", "guarded", TablesQuery())
    assert [(one.name, one.sql_name, one.kind) for one in seen.tables] == [
        ("people", "guarded.guarded.people", "table")
    ]
    every = governed.governed_tables(admin.session, "guarded", "guarded", TablesQuery(limit=1))
    assert ([one.name for one in every.tables], every.count, every.next) == (["parts"], 2, "parts")
    rest = governed.governed_tables(admin.session, "guarded", "guarded", TablesQuery(after="parts", match="PEO"))
    assert ([one.name for one in rest.tables], rest.next) == (["people"], None)


def test_a_table_its_rows_and_what_is_hidden(ana: Opened) -> None:
    told = governed.describe_governed(ana.session, PEOPLE)
    assert [(one.name, one.type, one.comment) for one in told.columns] == [
        ("name", "varchar", "Who"), ("region", "varchar", ""), ("salary", "integer", ""),
    ]  # fmt: skip
    assert (told.snapshots, told.snapshot_count, told.refs) == ([], 0, []), "its history has rights of its own"
    assert table_rows.sample_rows(ana.session, PEOPLE, RowsQuery()).rows == [["Ana", "north", None]]
    with pytest.raises(QueryError) as refused:
        governed.governed_history(ana.session, PEOPLE, HistoryQuery())
    assert refused.value.code == "permission-denied"
    with pytest.raises(QueryError):
        governed.describe_governed(ana.session, PARTS)


def test_who_may_see_all_sees_history_partitions_files_and_facts(admin: Opened) -> None:
    told = governed.describe_governed(admin.session, PARTS)
    assert told.snapshots[0].rows == 2
    assert [ref.name for ref in told.refs] == ["main"]
    history = governed.governed_history(admin.session, PARTS, HistoryQuery(limit=1))
    [newest] = history.snapshots
    assert (newest.rows, newest.added_rows, newest.current, newest.ancestor) == (2, 2, True, True)
    assert newest.refs == ["main"]
    assert history.count == told.snapshot_count == 2
    assert history.next == newest.id
    [first] = governed.governed_history(admin.session, PARTS, HistoryQuery(before=newest.id)).snapshots
    assert first.id == newest.parent
    assert (first.current, first.ancestor) == (False, True)
    facts = governed.governed_facts(admin.session, PARTS, admin.settings.table_links)
    assert (facts.partitioning, facts.sorted_by) == (["day(at)"], ["at ASC NULLS FIRST"])
    assert (facts.rows, facts.files, facts.links) == (2, 2, {"Superset": "https://bi.example.org/?t=parts"})
    assert facts.location.startswith("file:")
    assert len(table_rows.partitions(admin.session, PARTS, RowsQuery()).rows) == 2
    assert len(table_rows.files(admin.session, PARTS, RowsQuery()).rows) == 2


def test_a_search_finds_what_the_person_may_see(ana: Opened, admin: Opened) -> None:
    seen = search_tables(ana.session, SearchQuery(match="GUARDED.guarded p"))
    assert ([one.sql_name for one in seen.tables], seen.more, seen.left_out) == (["guarded.guarded.people"], False, {})
    every = search_tables(admin.session, SearchQuery(match="guarded.guarded p"))
    assert [one.name for one in every.tables] == ["parts", "people"]
    first = search_tables(admin.session, SearchQuery(match="guarded.guarded p", limit=1))
    assert ([one.name for one in first.tables], first.more) == (["parts"], True)
    assert search_tables(admin.session, SearchQuery(match="100% _")).tables == [], "no pattern of LIKE"
    assert search_tables(admin.session, SearchQuery(match="it's")).tables == []


def test_figures_are_trinos_estimates_and_none_of_what_is_hidden(ana: Opened, admin: Opened) -> None:
    told = governed.governed_statistics(admin.session, PARTS)
    assert (told.rows, told.estimated_by, told.deletes) == (2, "Trino", None)
    at, n = told.columns
    assert (at.name, at.type, at.null_share) == ("at", "timestamp(6)", 0.5)
    assert (n.name, n.smallest, n.largest, n.null_share) == ("n", "1", "2", 0.0)
    newest, first = governed.governed_history(admin.session, PARTS, HistoryQuery()).snapshots
    assert governed.governed_statistics(admin.session, PARTS, first.id).rows == 0
    assert governed.governed_statistics(admin.session, PARTS, newest.id).rows == 2
    # Of what she may see, as Trino plans it for her: no bounds of a column that is hidden.
    seen = governed.governed_statistics(ana.session, PEOPLE)
    salary = seen.columns[2]
    assert (salary.name, salary.null_share, salary.smallest, salary.largest) == ("salary", 1.0, None, None)
    with pytest.raises(QueryError) as refused:
        governed.governed_statistics(ana.session, PARTS)
    assert refused.value.code == "permission-denied"


def test_a_governed_catalog_in_the_browser(trino: Trino, tables: None) -> None:
    run_spec("governed", passed=4, OLO_TEST_TRINO=str(trino.port))
