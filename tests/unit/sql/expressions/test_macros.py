"""The lowerings that are data call macros that exist: a missing one would look like a refusal."""

from __future__ import annotations

import re
from importlib import resources

import duckdb

from olo_jupyter.lakehouse.sql.expressions.macro_calls import macros_for
from olo_jupyter.lakehouse.sql.expressions.macros import MACROS

_CALL = re.compile(r"\b(olo_\w+)\(")


def test_every_macro_that_is_called_is_there() -> None:
    there = {found.group(1) for macro in MACROS if (found := re.search(r"MACRO (olo_\w+)\(", macro))}
    folder = resources.files("olo_jupyter.lakehouse.sql.expressions").joinpath("data/lowerings")
    lowerings = [path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name.endswith(".json")]
    called = {name for text in (*MACROS, *lowerings) for name in _CALL.findall(text)}
    assert called <= there, called - there


def test_a_database_gets_what_a_statement_calls_and_no_more() -> None:
    assert macros_for("SELECT 1, 'olo_unknown(x)'") == {}
    needed = macros_for("SELECT olo_hamming(olo_ascii_or_refuse(a), b)")
    assert {"olo_hamming", "olo_ascii_or_refuse"} <= set(needed)
    assert len(needed) < len(MACROS) / 2
    with duckdb.connect() as database:
        for macro in needed.values():
            database.execute(macro)
        assert database.execute("SELECT olo_hamming(olo_ascii_or_refuse('ab'), 'ac')").fetchall() == [(1,)]
