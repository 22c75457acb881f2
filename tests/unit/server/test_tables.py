"""What the table view asks for, through the routes' own functions on a real catalog."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.catalog import load_catalog

from olo_jupyter.config import load_settings
from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.server.browse import list_tables
from olo_jupyter.server.models.catalog import TablesQuery
from olo_jupyter.server.models.queries import QueryHistoryQuery
from olo_jupyter.server.models.tables import (
    DiffBody,
    HistoryQuery,
    RefBody,
    RollbackBody,
    RowsQuery,
    SearchQuery,
)
from olo_jupyter.server.queries import list_history, list_saved
from olo_jupyter.server.search import search_tables
from olo_jupyter.server.table_changes import diff_table, make_ref, remove_ref, roll_back
from olo_jupyter.server.table_facts import table_facts, table_statistics
from olo_jupyter.server.table_history import table_history
from olo_jupyter.server.table_rows import files, partitions, sample_rows
from olo_jupyter.server.workspace import Workspace

FLIGHTS = TableName("dev", "silver", "flights")


@pytest.fixture
def session(project: Path) -> Iterator[Session]:
    opened = Workspace(project).open()
    yield opened.session
    opened.close()


def test_tables_are_paged_by_name_and_filtered(session: Session, project: Path) -> None:
    session.execute("CREATE VIEW dev.silver.flown AS SELECT carrier FROM dev.silver.flights", recorded=False)
    first = list_tables(session.catalogs, "dev", "silver", TablesQuery(limit=2))
    assert [(table.name, table.kind) for table in first.tables] == [("flights", "table"), ("flown", "view")]
    assert (first.count, first.next) == (3, "flown")
    rest = list_tables(session.catalogs, "dev", "silver", TablesQuery(limit=2, after=first.next or ""))
    assert ([table.sql_name for table in rest.tables], rest.next) == (['dev.silver."two words"'], None)
    assert list_tables(session.catalogs, "dev", "silver", TablesQuery(match="FL ht")).count == 1


def test_a_search_goes_through_all_catalogs_and_says_which_it_left_out(session: Session) -> None:
    found = search_tables(session, SearchQuery(match="silver FLIG"))
    assert [(table.catalog, table.namespace, table.name) for table in found.tables] == [("dev", "silver", "flights")]
    assert not found.more
    assert "governed" in found.left_out
    assert search_tables(session, SearchQuery(match="silver", limit=1)).more


def test_history_tells_what_each_snapshot_did(session: Session) -> None:
    session.execute("DELETE FROM dev.silver.flights WHERE carrier = 'UA'", recorded=False)
    history = table_history(session.catalogs, FLIGHTS, HistoryQuery())
    assert [change.operation for change in history.snapshots][1:] == ["append", "append"]
    newest, second, oldest = history.snapshots
    assert (oldest.rows, oldest.added_rows, oldest.removed_rows, oldest.refs) == (2, 2, 0, ["q1-close"])
    assert (second.rows, second.parent, second.current) == (4, oldest.id, False)
    assert (newest.rows, newest.current, newest.ancestor) == (2, True, True)
    assert newest.added_rows is not None and newest.removed_rows is not None
    assert newest.added_rows - newest.removed_rows == -2


def test_history_pages_meet_whatever_is_written_meanwhile(session: Session) -> None:
    first = table_history(session.catalogs, FLIGHTS, HistoryQuery(limit=1))
    session.execute("INSERT INTO dev.silver.flights VALUES ('DL', 3)", recorded=False)
    second = table_history(session.catalogs, FLIGHTS, HistoryQuery(limit=1, before=first.next or ""))
    assert second.snapshots[0].id == first.snapshots[0].parent
    assert second.next is None


def test_facts_hide_secrets_and_make_links(session: Session) -> None:
    table = session.catalogs.load(TableName("dev", "silver", "two words"))
    with table.transaction() as change:
        change.set_properties({"s3.secret-access-key": "abc", "comment": "Two words."})
    facts = table_facts(
        session.catalogs,
        TableName("dev", "silver", "two words"),
        {"Superset": "https://bi.example.org/t?name={table}&schema={namespace}"},
    )
    assert facts.properties["s3.secret-access-key"] == "***"
    assert facts.properties["comment"] == "Two words."
    assert facts.links == {"Superset": "https://bi.example.org/t?name=two%20words&schema=silver"}
    assert (facts.rows, facts.partitioning) == (0, [])
    assert "5 days (default)" in facts.retention
    assert "up to 128 MB (default)" in facts.compaction


def test_statistics_add_up_the_files_and_hide_bounds_of_tagged_columns(session: Session) -> None:
    before = table_statistics(session.catalogs, FLIGHTS)
    carrier, delay = before.columns
    assert (before.rows, before.files, before.deletes) == (4, 2, 0)
    assert (carrier.nulls, carrier.smallest, carrier.largest) == (0, "AA", "UA")
    assert (delay.nulls, delay.null_share, delay.smallest) == (2, 0.5, "1")
    with session.catalogs.load(FLIGHTS).transaction() as change:
        change.set_properties({"olo.column.carrier.sensitivity": "pii"})
    tagged = table_statistics(session.catalogs, FLIGHTS).columns[0]
    assert (tagged.smallest, tagged.largest, tagged.nulls) == (None, None, 0)
    with pytest.raises(OloError, match="no snapshot 5"):
        table_statistics(session.catalogs, FLIGHTS, "5")


def test_rows_at_a_snapshot_without_the_values_of_tagged_columns(session: Session) -> None:
    with session.catalogs.load(FLIGHTS).transaction() as change:
        change.set_properties({"olo.column.carrier.sensitivity": "restricted"})
    oldest = table_history(session.catalogs, FLIGHTS, HistoryQuery()).snapshots[-1].id
    rows = sample_rows(session, FLIGHTS, RowsQuery(snapshot=oldest))
    assert (rows.rows, rows.truncated, rows.snapshot) == ([[None, 1], [None, None]], False, oldest)
    assert [column.masked for column in rows.columns] == [True, False]
    shown = sample_rows(session, FLIGHTS, RowsQuery(reveal=True, limit=3))
    assert (len(shown.rows), shown.truncated, shown.rows[0][0]) == (3, True, "UA")


def test_partitions_and_files(session: Session) -> None:
    plain = partitions(session, FLIGHTS, RowsQuery())
    assert plain.rows[0][:2] == [4, 2]
    session.execute(
        "CREATE TABLE dev.silver.parts WITH (partitioning = ARRAY['carrier']) AS SELECT * FROM dev.silver.flights",
        recorded=False,
    )
    parts = partitions(session, TableName("dev", "silver", "parts"), RowsQuery(limit=1))
    assert (parts.rows[0][1], parts.truncated) == (2, True)
    found = files(session, FLIGHTS, RowsQuery())
    assert [column.name for column in found.columns][1:4] == ["file_path", "file_format", "record_count"]
    assert len(found.rows) == 2


def test_a_diff_says_what_changed(session: Session) -> None:
    newest, oldest = (each.id for each in table_history(session.catalogs, FLIGHTS, HistoryQuery()).snapshots)
    diff = diff_table(session, FLIGHTS, DiffBody(first=oldest, second=newest))
    assert (diff.added, diff.removed, diff.same, diff.before.rows, diff.after.rows) == (2, 0, False, 2, 4)
    assert [row[0] for row in diff.rows.rows] == ["added", "added"]
    assert diff_table(session, FLIGHTS, DiffBody(first=oldest, second="q1-close")).same


def test_tags_and_a_rollback_that_checks_what_the_person_saw(session: Session) -> None:
    newest, oldest = (each.id for each in table_history(session.catalogs, FLIGHTS, HistoryQuery()).snapshots)
    made = make_ref(session.catalogs, FLIGHTS, RefBody(name="before", snapshot=newest))
    assert made.snapshot == newest
    with pytest.raises(OloError, match="already exists"):
        make_ref(session.catalogs, FLIGHTS, RefBody(name="before", snapshot=oldest))
    with pytest.raises(OloError) as refused:
        roll_back(session, FLIGHTS, RollbackBody(snapshot=oldest, current=oldest))
    assert refused.value.code == "table-moved-on"
    roll_back(session, FLIGHTS, RollbackBody(snapshot=oldest, current=newest))
    assert session.execute("SELECT count(*) FROM dev.silver.flights", recorded=False).arrow[0][0].as_py() == 2
    rolled = table_history(session.catalogs, FLIGHTS, HistoryQuery())
    assert [(each.current, each.ancestor, each.refs) for each in rolled.snapshots] == [
        (False, False, ["before"]),
        (True, True, ["main", "q1-close"]),
    ]
    assert remove_ref(session.catalogs, FLIGHTS, "before").snapshot == newest
    with pytest.raises(OloError):
        remove_ref(session.catalogs, FLIGHTS, "main")


def test_saved_queries_and_history_are_searched_and_give_the_cell(session: Session, project: Path) -> None:
    folder = project / "queries"
    folder.mkdir()
    folder.joinpath("late.sql").write_text(
        "-- description: Late flights\n-- as_of: q1-close\n-- parameters: {threshold: 15}\n"
        "SELECT * FROM dev.silver.flights WHERE delay > :threshold\n"
    )
    folder.joinpath("broken.sql").write_text("-- description: [\nSELECT 1\n")
    saved = list_saved(session.settings, "late FLIGHTS", project)
    assert [query.path for query in saved.queries] == ["queries/late.sql"]
    assert saved.queries[0].cell == (
        "%%olo sql --as-of q1-close\n-- :threshold was 15\nSELECT * FROM dev.silver.flights WHERE delay > :threshold"
    )
    assert "broken.sql:1" in saved.faults[0].message
    marker = uuid.uuid4().hex
    session.execute(f"SELECT '{marker}' AS m, count(*) AS n FROM dev.silver.flights")
    with pytest.raises(OloError):
        session.execute(f"SELECT {marker[:3]}x FROM dev.silver.flights")
    found = list_history(session.settings, QueryHistoryQuery(match=marker))
    assert [(entry.state, entry.tables) for entry in found.entries] == [("finished", ["dev.silver.flights"])]
    failed = list_history(session.settings, QueryHistoryQuery(state="failed", limit=1))
    assert (failed.more, failed.entries[0].state) == (False, "failed")


def test_names_with_anything_in_them(session: Session, project: Path) -> None:
    lake = project.parent / "lake"
    catalog = load_catalog("dev", type="sql", uri=f"sqlite:///{lake}/dev.db", warehouse=f"file:{lake}/dev")
    name = '<img src=x onerror="alert(1)">\u2603'
    catalog.create_table(("silver", name), schema=pa.schema([("a", pa.string())]))
    catalog.close()
    table = TableName("dev", "silver", name)
    assert sample_rows(session, table, RowsQuery()).rows == []
    assert search_tables(session, SearchQuery(match="ONERROR")).tables[0].name == name
    assert table_history(session.catalogs, table, HistoryQuery()).count == 0


def test_links_to_pages_about_tables_are_checked_where_they_are_configured(tmp_path: Path) -> None:
    settings = tmp_path / "olo.yml"
    settings.write_text("version: 1\nname: x\ntable_links: {Superset: 'https://bi.example.org/?t={table}'}\n")
    assert load_settings(tmp_path).table_links == {"Superset": "https://bi.example.org/?t={table}"}
    for address, fault in (("javascript:alert(1)", "must begin with http"), ("https://x/{tabel}", "has {tabel} in it")):
        settings.write_text(f"version: 1\nname: x\ntable_links: {{Superset: '{address}'}}\n")
        with pytest.raises(OloError, match=re.escape(fault)):
            load_settings(tmp_path)
