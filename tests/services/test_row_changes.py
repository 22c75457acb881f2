"""The same random programs of INSERT, DELETE, UPDATE and MERGE here and on Trino, on Iceberg tables of one catalog.

Three tables: one that only the embedded engine writes, one that only Trino writes, and one that they write in turn, so
that each rewrites what the other left, delete files included. After each statement all three are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from olo_jupyter.config import Settings
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.session import Session
from tests.parity.protocol import ask
from tests.services.dml_programs import COLUMNS, program
from tests.services.trino import CATALOG, Trino

LAYOUTS = (
    "",
    "WITH (partitioning = ARRAY['bucket(id, 3)'])",
    "WITH (partitioning = ARRAY['v'])",
    "WITH (partitioning = ARRAY['month(day)', 'truncate(id, 5)'])",
)
STATEMENTS = 8


@pytest.fixture(scope="module")
def lake(shared_settings: Settings) -> Iterator[Session]:
    """The embedded engine on the catalog that Trino knows as ``iceberg``."""
    with Session(shared_settings, namespace="dml") as session:
        session.catalogs.catalog(CATALOG).create_namespace_if_not_exists("dml")
        yield session


def _ours(lake: Session, statement: str) -> object:
    """The count, or the error's code."""
    try:
        return next(iter(lake.execute(statement).rows()))[0]
    except QueryError as error:
        return error.code


def _theirs(trino: Trino, statement: str) -> object:
    answer = ask(trino.uri, _as_trino_names(statement))
    if answer.error:
        return answer.error.lower().replace("_", "-")
    # Trino tells no count where DELETE without WHERE found nothing.
    return answer.rows[0][0] or 0


def _as_trino_names(statement: str) -> str:
    """The catalog that is ``lake`` here is Trino's ``iceberg``."""
    return statement.replace(f"{CATALOG}.dml.", "iceberg.dml.")


def _plain(value: Any) -> Any:
    if isinstance(value, date | Decimal):
        return str(value)
    if isinstance(value, dict):
        return [_plain(each) for each in value.values()]
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _rows(lake: Session, table: str) -> list[str]:
    return sorted(repr(_plain(row)) for row in lake.execute(f"SELECT * FROM {table}").rows())


@pytest.mark.parametrize("seed", range(len(LAYOUTS)))
def test_programs_leave_equal_tables(trino: Trino, lake: Session, seed: int) -> None:
    names = {who: f"{CATALOG}.dml.{who}{seed}" for who in ("ours", "theirs", "both")}
    for name in names.values():
        lake.execute(f"CREATE TABLE {name} ({COLUMNS}) {LAYOUTS[seed]}")
    programs = {who: program(Random(seed), name, STATEMENTS) for who, name in names.items()}
    for number, (ours, theirs, both) in enumerate(zip(*programs.values(), strict=True)):
        counts = (
            _ours(lake, ours),
            _theirs(trino, theirs),
            _theirs(trino, both) if number % 2 else _ours(lake, both),
        )
        assert len(set(counts)) == 1, (ours, counts)
        found = {who: _rows(lake, name) for who, name in names.items()}
        answer = ask(trino.uri, _as_trino_names(f"SELECT * FROM {names['both']}"))
        found["both, read by Trino"] = sorted(repr(_plain(row)) for row in answer.rows)
        assert len(set(map(tuple, found.values()))) == 1, (ours, found)
