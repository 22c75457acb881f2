"""Broken tables and odd names in ``%%olo sql``: one error in the cell, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from olo_jupyter.config import load_settings
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.session import Session
from tests.broken import BREAKS

from .conftest import Run


@pytest.mark.parametrize("what", BREAKS)
def test_a_broken_table_is_told_at_its_name(project: Path, run: Run, refused: Callable[[str], str], what: str) -> None:
    break_it, code = BREAKS[what]
    name = "broken_" + what.replace(" ", "_")
    run("%%olo sql\nCREATE SCHEMA IF NOT EXISTS " + name)
    run(f"%%olo sql\nCREATE TABLE {name}.items AS SELECT 1 AS id, 'pen' AS name")
    with Session(load_settings(project, {})) as session:
        break_it(session, TableName("dev", name, "items"))
    lines = refused(f"%%olo sql\nSELECT id, name\nFROM {name}.items").split("\n")
    assert lines[0].endswith(f"[{code}]")
    assert lines[1:4] == ["  line 3, column 6", f"  3 | FROM {name}.items", "           ^"]
    run(f"%%olo sql\nDROP SCHEMA {name} CASCADE")


def test_odd_names(run: Run) -> None:
    run('%%olo sql\nCREATE TABLE silver."odd #1 \'😀\'" ("select" integer, "a.b" varchar)')
    run("%%olo sql\nINSERT INTO silver.\"odd #1 '😀'\" VALUES (1, 'x')")
    shown = run('%%olo sql\nSELECT "select", "a.b" FROM silver."odd #1 \'😀\'"')
    assert list(shown.rows()) == [(1, "x")]
    run("%%olo sql\nDROP TABLE silver.\"odd #1 '😀'\"")
