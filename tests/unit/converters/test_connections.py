"""``%sql`` of JupySQL in a module: the lakehouse is its connection, and its results are frames or refused."""

from __future__ import annotations

import pytest

from olo_converters.graph import build_graph
from olo_converters.slice import slice_for
from tests.unit.converters.notebooks import codes, notebook, promoted, text_of

SETUP = "%load_ext sql\n%sql duckdb:///flights.db"
FRAME = "report = flights.groupby('a', as_index=False).sum()"


def module(*sources: str) -> str:
    conversion = promoted(*sources, name="report")
    assert not conversion.is_refused, conversion.findings
    return next(one.text for one in conversion.artefacts if one.path.endswith("/report.py"))


def test_a_line_query_is_read_at_the_edge() -> None:
    text = module(SETUP, "rows = %sql SELECT a FROM silver.flights", "flights = rows.DataFrame()", FRAME)
    assert "SELECT a FROM silver.flights" in text
    assert "rows = session.sql(ROWS_SQL).to_pandas()" in text
    assert "DataFrame()" not in text
    assert "load_ext" not in text and "duckdb" not in text


def test_a_query_with_an_arrow_is_the_same() -> None:
    text = module(SETUP, "%sql rows << SELECT a FROM silver.flights", "flights = rows.DataFrame()", FRAME)
    assert "rows = session.sql(ROWS_SQL).to_pandas()" in text


@pytest.mark.parametrize(
    ("setting", "method"), [("autopandas = True", "to_pandas"), ("autopolars = True", "to_polars")]
)
def test_settings_make_every_result_a_frame(setting: str, method: str) -> None:
    text = module(
        SETUP,
        f"%config SqlMagic.{setting}\n%config SqlMagic.feedback = 0",
        "%%sql flights <<\nSELECT a FROM silver.flights",
        "report = flights.head(1)",
    )
    assert f"flights = session.sql(FLIGHTS_SQL).{method}()" in text


@pytest.mark.parametrize(
    "sources",
    [
        (SETUP, "rows = %sql SELECT a FROM silver.flights", "report = [row[0] for row in rows]"),
        (SETUP, "%sql sqlite:///other.db", "rows = %sql SELECT a FROM silver.flights", "report = rows.DataFrame()"),
        (SETUP, "%config SqlMagic.autolimit = 5", "rows = %sql SELECT a FROM silver.t", "report = rows.DataFrame()"),
        (SETUP, "import pandas as pd\ndf = pd.DataFrame({'a': [1]})", "%sql --persist df",
         "rows = %sql SELECT a FROM df", "report = rows.DataFrame()"),
    ],
)  # fmt: skip
def test_what_the_lakehouse_would_give_otherwise_is_refused(sources: tuple[str, ...]) -> None:
    conversion = promoted(*sources, name="report", options="kind: python")
    assert conversion.is_refused
    assert codes(conversion) & {"unsupported-construct", "result-from-python"}


def test_a_slice_shows_magics_as_they_were_typed() -> None:
    cut = slice_for(build_graph(notebook(SETUP, "rows = %sql SELECT 1 AS a", "n = len(rows.DataFrame())")), "n")
    assert "%load_ext sql\n%sql duckdb:///flights.db" in cut.source
    assert "rows = %sql SELECT 1 AS a" in cut.source


def test_a_line_query_alone_is_a_model() -> None:
    conversion = promoted(SETUP, "report = %sql SELECT a FROM silver.flights", name="report")
    assert conversion.kind == "dbt"
    assert 'source("silver", "flights")' in text_of(conversion, "models/gold/report.sql")
