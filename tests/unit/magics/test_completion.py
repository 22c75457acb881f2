"""Completion through IPython's own completer, as a front end asks for it; ``|`` marks the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from olo_jupyter.config import CatalogSettings, load_settings
from olo_jupyter.lakehouse.session import Session
from tests.shop import lay_out

from .conftest import Run

Ask = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = lay_out(tmp_path_factory.mktemp("completion"))
    with Session(load_settings(root, {})) as session:
        session.sql("CREATE SCHEMA silver")
        session.sql("CREATE SCHEMA gold")
        session.sql("CREATE TABLE silver.flights AS SELECT 1 AS flight_id, 'UA' AS carrier, DATE '2026-01-01' AS day")
        session.sql('CREATE TABLE silver.planes AS SELECT 1 AS plane_id, 2 AS "odd name"')
        session.sql("CREATE VIEW gold.late AS SELECT carrier AS who FROM silver.flights")
        session.catalogs.load(session.name("silver.flights")).manage_snapshots().create_tag(
            session.sql('SELECT snapshot_id FROM silver."flights$snapshots"').to_arrow()["snapshot_id"][0].as_py(), "q1"
        ).commit()
    return root


@pytest.fixture
def ask(shell: Any) -> Ask:
    """Completions at the cursor, by text with their kinds; asked again until what is ``awaited`` has come."""

    def asked(cell: str, awaited: str = "", kind: str = "") -> dict[str, str]:
        cursor = cell.index("|")
        text = cell.replace("|", "", 1)
        shell.Completer.use_jedi = False
        found: dict[str, str] = {}
        for _ in range(40):
            with provisionalcompleter():
                found = {each.text: each.type for each in shell.Completer.completions(text, cursor)}
            if awaited in found and found[awaited].startswith(kind):
                break
            time.sleep(0.1)
        return found

    return asked


SQL = "%%olo sql\n"


@pytest.mark.parametrize(
    ("cell", "offered", "kind"),
    [
        ("SELECT * FROM sil|", "silver", "namespace"),
        ("SELECT * FROM fli|", "silver.flights", "table"),
        ("SELECT * FROM silver.|", "flights", "table"),
        ("SELECT * FROM silver.fl|", "flights", "table"),
        ("SELECT * FROM dev.|", "silver", "namespace"),
        ("SELECT * FROM dev.silver.pl|", "planes", "table"),
        ("SELECT * FROM gold.|", "late", "table"),
        ("SELECT * FROM silver.flights f JOIN silver.planes p ON p.|", "plane_id", "column integer"),
        ("SELECT f.car| FROM silver.flights f", "carrier", "column varchar"),
        ("SELECT car| FROM silver.flights", "carrier", "column varchar"),
        ("SELECT flights.| FROM silver.flights", "day", "column date"),
        ("SELECT * FROM silver.flights, silver.planes AS x WHERE x.|", '"odd name"', "column integer"),
        ("SELECT w| FROM gold.late", "who", "column varchar"),
        (
            "WITH busy AS (SELECT carrier, count(*) AS n FROM silver.flights GROUP BY 1) SELECT busy.| FROM busy",
            "n",
            "column",
        ),
        ("WITH busy AS (SELECT carrier FROM silver.flights) SELECT b.| FROM busy b", "carrier", "column varchar"),
        ("WITH busy AS (SELECT * FROM silver.flights) SELECT * FROM bu|", "busy", "with"),
        ("SELECT * FROM silver.flights FOR VERSION AS OF |", "'q1'", "tag"),
        ("SELECT * FROM silver.flights FOR VERSION AS OF 'q|", "'q1'", "tag"),
        ("SELECT * FROM silver.flights FOR VERSION AS OF 'q1' f WHERE f.|", "carrier", "column varchar"),
        ("SELECT date_tr| FROM silver.flights", "date_trunc", "function"),
        ("SELECT 1 WHERE 1 > :thresh|", "threshold", "parameter int"),
        ("SELECT * FROM earl|", "earlier", "result"),
        ("SELECT e.| FROM earlier e", "n", "column integer"),
        ("INSERT INTO silver.|", "planes", "table"),
        ("SELECT (SELECT max(p.| ) FROM silver.planes p) FROM silver.flights", "plane_id", "column integer"),
        ("SELECT '--' AS a, -- comment ' here\n f.| FROM silver.flights f", "carrier", "column varchar"),
    ],
)
def test_sql(run: Run, ask: Ask, cell: str, offered: str, kind: str) -> None:
    run("threshold = 5")
    run("%%olo sql earlier <<\nSELECT 1 AS n")
    found = ask(SQL + cell, offered, kind)
    assert found.get(offered) == kind, found


@pytest.mark.parametrize(
    "cell", ["SELECT 'car| FROM silver.flights", "SELECT 1 -- car|", "SELECT x::thresh|", "SELECT /* fli| */ 1"]
)
def test_nothing_where_nothing_can_stand(ask: Ask, shell: Any, cell: str) -> None:
    shell.user_ns["threshold"] = 5
    with provisionalcompleter():
        text = (SQL + cell).replace("|", "")
        found = {
            each.type.split()[0] for each in shell.Completer.completions(text, (SQL + cell).index("|")) if each.type
        }
    assert not {"column", "parameter", "table"} & found


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("%olo des|", "describe"),
        ("%%olo s|", "sql"),
        ("%%olo sql --en|\nSELECT 1", "--engine"),
        ("%%olo sql --engine |\nSELECT 1", "trino"),
        ("%olo describe silver.fl|", "flights"),
        ("%olo diff silver.flights |", "q1"),
        ("%olo diff silver.flights q1 now --k|", "--key"),
        ("%olo diff silver.flights q1 now --key fl|", "flight_id"),
        ("%olo chart ear|", "earlier"),
        ("%olo chart earlier sca|", "scatter"),
        ("%olo chart earlier --x |", "n"),
        ("%olo help di|", "diff"),
        ("x = 1\n%olo snap|", "snapshots"),
    ],
)
def test_lines(run: Run, ask: Ask, cell: str, offered: str) -> None:
    run("%%olo sql earlier <<\nSELECT 1 AS n")
    assert offered in ask(cell, offered)


def test_other_cells_are_left_alone(ask: Ask, shell: Any) -> None:
    shell.user_ns["silvery"] = 1
    assert "silvery" in ask("silv|", "silvery")


def test_a_dead_catalog_costs_nothing(shell: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("%olo tables")  # the session is there
    kernel = shell._olo_kernel
    kernel.session.settings.catalogs["dead"] = CatalogSettings(type="sql", properties={"uri": "sqlite:///x.db"})

    def hangs(_: object, name: str) -> tuple[str, ...]:
        time.sleep(5)
        return ()

    monkeypatch.setattr(type(kernel.session.catalogs), "namespaces", hangs)
    kernel.known_names._known.clear()
    text = SQL + "SELECT * FROM dead."
    started = time.monotonic()
    with provisionalcompleter():
        list(shell.Completer.completions(text, len(text)))
    assert time.monotonic() - started < 2.5  # it waits for 30 ms; the rest is this machine's load


def test_every_option_of_the_lines_is_one_that_the_help_names() -> None:
    from olo_magics.commands import COMMANDS, command_help
    from olo_magics.completion import OPTIONS

    for command, options in OPTIONS.items():
        assert command in COMMANDS
        for option in options:
            assert option in command_help(command), (command, option)


def test_the_reference_is_the_code_s() -> None:
    from olo_magics.reference import reference

    page = Path(__file__).parents[3] / "docs" / "magics.md"
    assert page.read_text(encoding="utf-8") == reference(), "python -m olo_magics.reference > docs/magics.md"
