"""A table that something happened to, seen through ``olo sql`` and ``olo maintain``."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from tests.broken import BREAKS, locked

from .conftest import Olo

T = TableName("dev", "silver", "items")


@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_table_is_one_message_with_its_place(olo: Olo, project: Path, what: str) -> None:
    break_it, code = BREAKS[what]
    with Session.from_environment() as session:
        break_it(session, T)
    ended = olo("sql", "--json", "SELECT max(name), max(id)\nFROM silver.items")
    (shown,) = ended.json()
    assert (ended.code, shown["error"]["code"], shown["error"]["line"], shown["error"]["column"]) == (1, code, 2, 6)
    for_people = olo("sql", "SELECT max(name), max(id)\nFROM silver.items")
    assert for_people.code == 1 and for_people.out == ""
    assert for_people.err.startswith("error: ") and "  FROM silver.items\n       ^\n" in for_people.err
    maintained = olo("maintain", "silver.items", "--compact", "--expire", "0s", "--orphans", "--json")
    (shown,) = maintained.json()
    assert maintained.code == 1 and shown["table"] == "dev.silver.items" and shown["error"]["code"]


def test_a_broken_table_doesnt_keep_the_others_from_being_looked_after(olo: Olo, project: Path) -> None:
    with Session.from_environment() as session:
        session.sql("CREATE TABLE silver.sound AS SELECT 1 AS a")
        BREAKS["truncated metadata"][0](session, T)
    ended = olo("maintain", "--compact", "--json")
    broken, sound = ended.json()
    assert ended.code == 1 and broken["error"]["code"] == "iceberg-invalid-metadata"
    assert sound["table"] == "dev.silver.sound" and sound["compacted"]["files_before"] == 0


def test_a_locked_catalog(olo: Olo, project: Path) -> None:
    config = project / "olo.yml"
    config.write_text(config.read_text().replace("lake/dev.db", "lake/dev.db?timeout=0.2"))
    with locked(project.parent / "lake" / "dev.db"):
        ended = olo("sql", "INSERT INTO silver.items VALUES (9, 'x')")
    assert ended.code == 1 and "stayed locked" in ended.err and "again" in ended.err
    assert olo("sql", "INSERT INTO silver.items VALUES (9, 'x')").code == 0
