"""The session: scripts, frames, parameters, earlier results, limits, errors in the user's own text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyiceberg.table import Table

from olo_jupyter.config import CatalogSettings, Settings
from olo_jupyter.lakehouse.engines import registry
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.fingerprint import fingerprint
from olo_jupyter.lakehouse.result import Result
from olo_jupyter.lakehouse.session import Session


@pytest.fixture
def flights(session: Session) -> Session:
    session.write("flights", pa.table({"id": [1, 2, 3], "carrier": ["UA", "AA", "UA"], "delay": [1.5, None, 3.0]}))
    return session


def test_result_and_provenance(flights: Session) -> None:
    result = flights.sql("SELECT carrier, count(*) AS n FROM flights WHERE id > :low GROUP BY 1", parameters={"low": 0})
    assert sorted(result.rows()) == [("AA", 1), ("UA", 2)]
    assert [(column.name, column.type) for column in result.columns] == [("carrier", "varchar"), ("n", "bigint")]
    provenance = result.provenance
    assert provenance.rows == 2 and provenance.engine == "embedded" and provenance.parameters == {"low": 0}
    assert provenance.fingerprint == fingerprint(result.arrow)
    assert list(provenance.snapshots) == ["dev.silver.flights"]
    assert result.to_pandas()["n"].sum() == 3


def test_limit_cuts_and_says_so(flights: Session) -> None:
    cut = flights.sql("SELECT id FROM flights ORDER BY id", limit=2)
    assert (list(cut.rows()), cut.truncated) == ([(1,), (2,)], True)
    whole = flights.sql("SELECT id FROM flights", limit=3)
    assert (len(whole), whole.truncated) == (3, False)
    assert flights.sql("SELECT id FROM flights", limit=0).truncated
    assert list(flights.sql("SELECT count(*) FROM flights").rows()) == [(3,)]  # the cursor is free again


def test_earlier_results_are_tables(flights: Session) -> None:
    first = flights.sql("SELECT id, delay, DATE '2026-01-31' AS day, INTERVAL '1' DAY AS step FROM flights")
    again = flights.sql("SELECT sum(delay), max(day), max(step) FROM delays WHERE id <> 2", results={"delays": first})
    ((total, _, step),) = again.rows()
    assert total == 4.5 and step == pd.Timedelta(days=1)
    double = flights.sql("SELECT id, id FROM flights")
    with pytest.raises(QueryError) as refused:
        flights.sql("SELECT * FROM d", results={"d": double})
    assert refused.value.code in ("duplicate-column-name", "ambiguous-name")


def test_errors_stand_in_the_users_text(flights: Session) -> None:
    with pytest.raises(QueryError) as unknown:
        flights.sql("SELECT id\nFROM fligths")
    error = unknown.value
    assert (error.code, error.line, error.column) == ("table-not-found", 2, 6)
    assert error.hint == "Did you mean flights?"
    with pytest.raises(QueryError) as column:
        flights.sql("SELECT carier FROM flights")
    assert (column.value.code, column.value.hint) == ("column-not-found", "Did you mean carrier?")
    with pytest.raises(QueryError) as schema:
        flights.sql("SELECT 1 FROM sliver.flights")
    assert (schema.value.code, schema.value.hint) == ("schema-not-found", "Did you mean silver?")
    with pytest.raises(QueryError) as catalog:
        flights.sql("SELECT 1 FROM prod.silver.flights")
    assert catalog.value.code == "catalog-not-found"
    with pytest.raises(QueryError) as division:
        flights.sql("SELECT 1 / (id - id) FROM flights")
    assert division.value.code == "division-by-zero"
    assert list(flights.sql("SELECT 1").rows()) == [(1,)]


def test_script(flights: Session) -> None:
    text = (
        "CREATE TABLE two AS SELECT * FROM flights;\n-- a note; with a semicolon\n"
        "SELECT count(*) FROM two; SELECT x\nFROM two;"
    )
    pieces = list(flights.script(text))
    assert [type(outcome) for _, outcome in pieces] == [Result, Result, QueryError]
    made, counted, failed = (outcome for _, outcome in pieces)
    assert isinstance(made, Result) and made.provenance.written and list(made.rows()) == [(3,)]
    assert isinstance(counted, Result) and list(counted.rows()) == [(3,)]
    assert isinstance(failed, QueryError) and (failed.line, failed.column) == (3, 34)
    ((_, unclosed),) = flights.script("SELECT 1;\nSELECT 'x")
    assert isinstance(unclosed, QueryError) and (unclosed.code, unclosed.line) == ("syntax-error", 2)
    both = "SELECT x; SELECT 1"
    assert [type(outcome) for _, outcome in flights.script(both)] == [QueryError]
    assert [type(outcome) for _, outcome in flights.script(both, keep_going=True)] == [QueryError, Result]


def test_write_frames(session: Session) -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2026-01-31"]), "n": [1]})
    first = session.write("gold_table", frame)
    assert first.rows == 1 and list(first.written) == ["dev.silver.gold_table"]
    session.write("gold_table", frame, mode="append")
    assert len(session.table("gold_table")) == 2
    session.write("gold_table", session.sql("SELECT 1 AS other"))
    assert session.table("gold_table").arrow.column_names == ["other"]
    snapshot = first.written["dev.silver.gold_table"]
    assert list(session.sql(f"SELECT n FROM gold_table FOR VERSION AS OF {snapshot}").rows()) == [(1,)]
    with pytest.raises(QueryError, match="already exists"):
        session.write("gold_table", frame, mode="create")
    with pytest.raises(QueryError, match="no mode 'replce'") as misspelt:
        session.write("another", frame, mode="replce")  # type: ignore[arg-type]
    assert (
        misspelt.value.hint == "Did you mean replace?"
        and session.catalogs.find_exactly(session.name("another")) is None
    )
    with pytest.raises(QueryError, match="list can't be written"):
        session.write("gold_table", [1, 2])


def test_views(flights: Session) -> None:
    flights.sql("CREATE VIEW late AS SELECT id, delay FROM flights WHERE delay > 2")
    result = flights.sql("SELECT id FROM dev.silver.late")
    assert list(result.rows()) == [(3,)]
    assert list(result.provenance.snapshots) == ["dev.silver.flights"]
    with pytest.raises(QueryError) as misspelt:
        flights.sql("SELECT * FROM laet")
    assert misspelt.value.hint == "Did you mean late?"


def test_information_schema(flights: Session) -> None:
    flights.sql("CREATE VIEW late AS SELECT id FROM flights")
    tables = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'silver' ORDER BY 1"
    assert list(flights.sql(tables).rows()) == [("flights", "BASE TABLE"), ("late", "VIEW")]
    columns = (
        "SELECT column_name, ordinal_position, data_type, is_nullable FROM dev.information_schema.columns "
        "WHERE table_schema = 'silver' AND table_name IN ('flights', 'nothing') ORDER BY 2"
    )
    assert list(flights.sql(columns).rows()) == [
        ("id", 1, "bigint", "YES"),
        ("carrier", 2, "varchar", "YES"),
        ("delay", 3, "double", "YES"),
    ]
    assert list(flights.sql("SELECT schema_name FROM information_schema.schemata ORDER BY 1").rows()) == [
        ("information_schema",),
        ("silver",),
    ]
    comments = "SELECT table_name, comment FROM system.metadata.table_comments WHERE catalog_name = 'dev' ORDER BY 1"
    assert list(flights.sql(comments).rows()) == [("flights", None), ("late", None)]
    assert len(flights.sql("SELECT * FROM system.metadata.materialized_views WHERE catalog_name = 'dev'")) == 0
    with pytest.raises(QueryError) as misspelt:
        flights.sql("SELECT * FROM information_schema.tabels")
    assert misspelt.value.hint.startswith("Did you mean tables")


def test_progress_is_the_engines_own(session: Session) -> None:
    session.write("t", pa.table({"a": range(2_000)}))
    figures: list[Progress] = []
    session.sql(
        "SELECT count(*) FROM t AS x CROSS JOIN t AS y CROSS JOIN t AS z WHERE x.a + y.a * z.a = 7 AND z.a < 40",
        on_progress=figures.append,
    )
    assert figures and all(figure.state == "running" for figure in figures)
    assert [figure.seconds for figure in figures] == sorted(figure.seconds for figure in figures)


def test_an_engine_that_is_not_there_is_told_with_what_to_do(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QueryError, match="no engine 'trno'") as unknown:
        session.sql("SELECT 1", engine="trno")
    assert (unknown.value.code, unknown.value.hint) == ("engine-not-found", "Did you mean trino?")
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    with pytest.raises(QueryError, match="needs the Python package pyspark") as missing:
        session.sql("SELECT 1", engine="spark")
    assert missing.value.hint == "Install it: pip install 'olo-jupyter[spark]', then restart the kernel."


def test_explain_counts_places_from_the_statements_own_start(flights: Session) -> None:
    assert "READ_PARQUET" in flights.explain("SELECT * FROM silver.flights")
    with pytest.raises(QueryError) as wrong:
        flights.explain("SELECT nope FROM silver.flights")
    assert (wrong.value.line, wrong.value.column) == (1, 8)
    with pytest.raises(QueryError, match="Only a query has a plan"):
        flights.explain("CREATE SCHEMA other")


def test_governed_catalog_is_refused(settings: Settings) -> None:
    settings.catalogs["prod"] = CatalogSettings(access="trino")
    with Session(settings) as session, pytest.raises(QueryError, match="only Trino may read it") as refused:
        session.sql("SELECT * FROM prod.silver.flights")
    assert refused.value.code == "access-denied"


def test_from_environment(flights: Session, tmp_path: Path) -> None:
    catalogs = {name: catalog.model_dump() for name, catalog in flights.settings.catalogs.items()}
    (tmp_path / "olo.yml").write_text(json.dumps({"catalogs": catalogs}))
    (snapshot,) = flights.sql("SELECT * FROM flights").provenance.snapshots.values()
    flights.sql("INSERT INTO flights (id) VALUES (4)")
    environ = {"OLO_PROJECT": str(tmp_path), "OLO_USER": "ana", "OLO_NAMESPACE": "silver", "OLO_TARGET": "sandbox"}
    with Session.from_environment(environ) as session:
        assert session.target == "sandbox"
        assert len(session.table("flights")) == 4
    with Session.from_environment(
        {**environ, "OLO_PINS": json.dumps({"flights": snapshot, "flights@7": 7})}
    ) as session:
        assert len(session.table("dev.silver.flights")) == 3
    for broken in ("[1]", "{", '{"a": "x"}', '{"a b": 1}'):
        with pytest.raises(QueryError) as refused:
            Session.from_environment({**environ, "OLO_PINS": broken})
        assert refused.value.code == "invalid-pins"


def test_spill_folder_goes_away(flights: Session) -> None:
    engine: Any = flights.engine()
    flights.sql("SELECT 1")
    folder = Path(engine._database._spill.name)
    assert folder.is_dir()
    flights.close()
    assert not folder.exists()


def test_files_of_the_machine_are_out_of_reach(flights: Session, tmp_path: Path, make: Callable[..., Table]) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
        f'SELECT * FROM "{tmp_path}/secret.csv"',
        f"SELECT * FROM TABLE(read_text('{tmp_path}/secret.csv'))",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
        "SELECT current_setting('memory_limit')",
    ):
        with pytest.raises(QueryError):
            flights.sql(sql)


def test_write_that_fails_while_it_runs_leaves_nothing(flights: Session, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*.parquet"))
    for sql in (
        "CREATE TABLE two AS SELECT 1 / (id - 3) AS x FROM flights",
        "INSERT INTO flights (id) SELECT 1 / (id - 3) FROM flights",
        "CREATE OR REPLACE TABLE flights AS SELECT 1 / (id - 3) AS x FROM flights",
    ):
        with pytest.raises(QueryError) as failed:
            flights.sql(sql)
        assert failed.value.code == "division-by-zero"
    assert flights.catalogs.tables("dev", "silver") == ("flights",)
    assert len(flights.sql("SELECT * FROM flights")) == 3
    assert sorted(tmp_path.rglob("*.parquet")) == before


def test_a_drawn_value_is_drawn_once(session: Session) -> None:
    """Its text, its rounding and its comparisons are of one draw, however often the translated text names it."""
    result = session.sql(
        "SELECT count(*) FROM (SELECT CAST(random() AS varchar) AS t, round(random() * 10) AS r, "
        "CAST(uuid() AS varchar) AS u "
        "FROM UNNEST(sequence(1, 10000)) AS s(n)) AS d "
        "WHERE CAST(CAST(t AS double) AS varchar) = t AND r BETWEEN 0 AND 10 AND length(u) = 36"
    )
    assert list(result.rows()) == [(10_000,)]
