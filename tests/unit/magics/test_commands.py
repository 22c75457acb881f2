"""The other ``%olo`` commands in a real shell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Run

Refused = Callable[[str], str]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%olo", "Name a command after %olo."),
        ("%olo tbles", "Did you mean %olo tables?"),
        ("%olo tables slver", "Did you mean silver?"),
        ("%olo tables dve.silver", "Did you mean dev?"),
        ("%olo describe", "Name a table."),
        ("%olo describe silver.itmes", "Did you mean items?"),
        ("%olo snapshots silver.itmes", "Did you mean items?"),
        ("%olo refs silver.items x", "is not a table name"),
        ("%olo as-of 2026-13-45", "month must be in 1..12"),
        ("%olo as-of --claer", "There is no option --claer"),
        ("%%olo tables\nsilver", "%%olo tables takes no body"),
        ("%olo help slq", "Did you mean %olo sql?"),
        ("%olo promote", "The promotion has no name"),
        ("%olo promote a b", "'b' is not understood"),
        ("%olo promote a --plann", "Did you mean --plan?"),
        ("%%olo promote a\nlayr: gold", "Did you mean layer?"),
        ("%%olo promote a\nlayer: [", "The body is not YAML"),
    ],
)
def test_a_wrong_command_is_refused_with_the_way_out(refused: Refused, cell: str, said: str) -> None:
    assert said in refused(cell)


def test_the_catalog_from_a_cell(run: Run) -> None:
    assert list(run("%olo tables").rows()) == [("silver", "items", "BASE TABLE")]
    assert list(run("%olo tables dev.silver").rows()) == list(run("%olo tables silver").rows())
    assert [row[:2] for row in run("%olo describe silver.items").rows()] == [("id", "integer"), ("name", "varchar")]
    assert len(run("%olo snapshots silver.items")) == 2
    assert [row[0] for row in run("%olo refs silver.items").rows()] == ["main"]


def test_as_of_holds_for_the_whole_notebook_until_cleared(run: Run, refused: Refused) -> None:
    count = "%%olo sql\nSELECT count(*) AS n FROM silver.items"
    run("%olo as-of main")
    pinned = run(count)
    assert pinned.provenance.as_of == "main"
    run("%olo as-of 1999-01-01")
    assert "Snapshots: " in refused(count)
    run("%olo as-of --clear")
    assert list(run(count).rows()) == [(3,)]
    assert run(count).provenance.as_of == ""


def test_every_command_has_help(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("%olo help")
    text = capsys.readouterr().out
    for name in ("sql", "tables", "describe", "snapshots", "refs", "as-of", "promote", "jobs", "runs"):
        assert name in text
        run(f"%olo help {name}")
        assert f"olo {name}" in capsys.readouterr().out


def test_runs_and_jobs_of_a_new_project_are_empty(run: Run) -> None:
    assert run("%olo jobs").empty
    assert run("%olo runs").empty


def test_the_engine_of_the_notebook(
    run: Run, refused: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    run("%olo engine")
    assert capsys.readouterr().out == "Statements run on embedded. Engines: embedded, trino, spark.\n"
    assert "Did you mean trino?" in refused("%olo engine trno")
    run("%olo engine embedded")
    assert capsys.readouterr().out.endswith("Statements run on embedded.\n")
