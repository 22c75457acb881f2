"""DDL on the embedded engine and on Trino: the same script gives the same errors and the same table, whoever looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import ask
from tests.services.ddl_scripts import SCRIPTS
from tests.services.trino import CATALOG, Trino

OURS, THEIRS = "ddl_ours", "ddl_theirs"
_QUESTIONS = (
    "SHOW CREATE TABLE {table}",
    "DESCRIBE {table}",
    "SELECT key, value FROM {properties} WHERE key NOT IN ('location', 'current-snapshot-id') ORDER BY 1",
    "SELECT * FROM {table} ORDER BY 1",
    "SELECT json_format(CAST(partition AS json)), record_count, file_count FROM {partitions} ORDER BY 1",
)


@pytest.fixture(scope="module")
def lake(shared_settings: Settings) -> Iterator[Session]:
    """The embedded engine on the catalog that Trino knows as ``iceberg``."""
    with Session(shared_settings, namespace=OURS) as session:
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {OURS}")
        session.sql(f"CREATE SCHEMA IF NOT EXISTS {THEIRS}")
        yield session


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_the_same_on_both(trino: Trino, lake: Session, name: str) -> None:
    ran = [compared(trino.uri, lake, statement) for statement in SCRIPTS[name]]
    different = [each for each in ran if each is not None]
    assert not different, "\n".join(different)
    if ask(trino.uri, f"DESCRIBE iceberg.{THEIRS}.t").error:
        return  # every statement was refused by both
    made = str(shown(trino.uri, THEIRS, _QUESTIONS[0]))
    try:
        for question in _QUESTIONS:
            if question.startswith("SELECT json") and "partitioning" not in made:
                continue
            by_trino = shown(trino.uri, THEIRS, question)
            assert shown(trino.uri, OURS, question) == by_trino, question  # what we made, in Trino's eyes
            if "json_format" not in question:
                assert told(lake, THEIRS, question) == told(lake, OURS, question), question
            if question.startswith(("SHOW", "DESCRIBE")):
                assert told(lake, OURS, question) == by_trino, question  # and Trino's words in ours
    finally:
        for namespace in (OURS, THEIRS):
            ask(trino.uri, f"DROP TABLE iceberg.{namespace}.t")


def compared(uri: str, lake: Session, statement: str) -> str | None:
    """Run a statement on both; what is different, None where nothing is."""
    try:
        lake.sql(statement.format(ns=OURS))
        ours = ""
    except Unsupported:  # Trino must refuse it too: else the script shows nothing
        ours = "NOT_SUPPORTED"
    except QueryError as error:
        ours = error.code.replace("-", "_").upper()
    theirs = ask(uri, statement.format(ns=f"iceberg.{THEIRS}"), catalog="iceberg", schema=THEIRS).error or ""
    return None if ours == theirs else f"{statement}\n  ours: {ours or 'done'}, Trino: {theirs or 'done'}"


def shown(uri: str, namespace: str, question: str) -> list[list[object]]:
    """Trino's answer about the table in a namespace."""
    answer = ask(uri, question.format(**_names(f"iceberg.{namespace}")))
    assert not answer.error, f"{question}: {answer.message}"
    return _plain([list(row) for row in answer.rows])


def told(lake: Session, namespace: str, question: str) -> list[list[object]]:
    """Our answer about it."""
    return _plain([list(row) for row in lake.sql(question.format(**_names(f"{CATALOG}.{namespace}"))).rows()])


def _names(namespace: str) -> dict[str, str]:
    return {
        "table": f"{namespace}.t",
        "properties": f'{namespace}."t$properties"',
        "partitions": f'{namespace}."t$partitions"',
    }


def _plain(rows: list[list[object]]) -> list[list[object]]:
    """Without what differs between two tables of any kind: their names and places; and how Trino quotes row fields."""
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    text = re.sub(r"location = '[^']*'", "location = …", cell)
    text = re.sub(r"(iceberg|lake)\.ddl_(ours|theirs)\.", "", text)
    return re.sub(r'"(\w+)" ', r"\1 ", text) if text.startswith(("row(", "map(", "array(")) else text
