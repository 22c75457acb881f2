"""Tables that the notebook's SQL makes are models of their own, before what reads them."""

from __future__ import annotations

import pytest
import yaml

from olo_converters.dbt.staged import select_in
from olo_converters.graph.model import SqlSource
from tests.unit.converters.notebooks import codes, promoted, text_of

CLEAN = "%%olo sql\nCREATE TABLE silver.clean AS\nSELECT a, b FROM bronze.raw WHERE a > 1"
REPORT = "%%olo sql report <<\nSELECT a, count(*) AS n FROM silver.clean GROUP BY a"


def test_a_table_made_by_sql_is_a_model_upstream() -> None:
    made = promoted(CLEAN, REPORT)
    assert not made.is_refused
    assert (made.staged, made.cells) == (("clean",), ("c0", "c1"))
    assert '{{ source("bronze", "raw") }}' in text_of(made, "models/silver/clean.sql")
    assert '{{ ref("clean") }}' in text_of(made, "models/gold/report.sql")
    sources = yaml.safe_load(text_of(made, "models/sources.yml"))["sources"]
    assert [one["name"] for one in sources] == ["bronze"]
    assert "writes-outside" not in codes(made)


def test_a_chain_of_tables_is_a_chain_of_models() -> None:
    middle = "%%olo sql\nCREATE OR REPLACE TABLE silver.daily AS SELECT a, max(b) AS b FROM silver.clean GROUP BY a"
    made = promoted(CLEAN, middle, "%%olo sql report <<\nSELECT b FROM silver.daily JOIN silver.other USING (a)")
    assert made.staged == ("clean", "daily")
    assert '{{ ref("daily") }}' in text_of(made, "models/gold/report.sql")
    assert '{{ ref("clean") }}' in text_of(made, "models/silver/daily.sql")
    assert '{{ source("silver", "other") }}' in text_of(made, "models/gold/report.sql")


def test_a_module_reads_the_table_of_the_model_and_runs_after_it() -> None:
    made = promoted(
        CLEAN, "%%olo sql base <<\nSELECT a FROM silver.clean", "report = base.to_pandas().drop_duplicates()"
    )
    assert not made.is_refused
    job = yaml.safe_load(text_of(made, "jobs/report.yml"))
    assert [one["name"] for one in job["tasks"]] == ["clean", "report"]
    assert job["tasks"][1]["depends_on"] == ["clean"]
    assert "silver.clean" in text_of(made, "src/project/report.py")


@pytest.mark.parametrize(
    "cells",
    [
        ("%%olo sql\nINSERT INTO silver.clean VALUES (1, 2)", REPORT),
        (CLEAN, "%%olo sql\nCALL system.anything()", REPORT),
        (
            "%%olo sql\nCREATE TABLE IF NOT EXISTS silver.clean (a bigint)",
            "%%olo sql\nINSERT INTO silver.clean VALUES (1)",
            REPORT,
        ),
    ],
)
def test_what_is_no_one_select_is_refused(cells: tuple[str, ...]) -> None:
    made = promoted(*cells)
    assert made.is_refused
    assert any(one.severity == "error" and one.cell for one in made.findings)
    assert made.artefacts == ()


def test_writes_of_other_tables_do_not_matter() -> None:
    other = "%%olo sql\nINSERT INTO silver.other VALUES (1)"
    made = promoted(other, "%%olo sql report <<\nSELECT a FROM silver.clean")
    assert (made.is_refused, made.staged) == (False, ())
    assert '{{ source("silver", "clean") }}' in text_of(made, "models/gold/report.sql")


def test_a_dropped_and_remade_table_counts_as_it_was_made_last() -> None:
    drop = "%%olo sql\nDROP TABLE silver.clean"
    made = promoted(CLEAN, drop, CLEAN.replace("a > 1", "a > 9"), REPORT)
    assert "a > 9" in text_of(made, "models/silver/clean.sql")


@pytest.mark.parametrize(
    ("text", "select"),
    [
        ("create table t as (select 1 as a)", "(select 1 as a)"),
        ("create or replace view s.v as with x as (select 1) select * from x", "with x as (select 1) select * from x"),
        ("create table t with (partitioning = array['a']) as select 1 as a", "select 1 as a"),
        ("insert into t select 1", None),
        ("create table t as select 1 as a; select 2", None),
    ],
)  # fmt: skip
def test_the_select_inside(text: str, select: str | None) -> None:
    found = select_in(SqlSource(text, "", 1))
    assert (found.text if found is not None else None) == select


def test_a_bare_name_counts_from_the_target_unless_use_says_otherwise() -> None:
    bare = promoted("%%olo sql report <<\nSELECT a FROM trips")
    assert "unknown-namespace" in codes(bare)
    (source,) = yaml.safe_load(text_of(bare, "models/sources.yml"))["sources"]
    assert (source["schema"], source["tables"]) == ("{{ target.schema }}", [{"name": "trips"}])
    used = promoted("%%olo sql\nUSE silver", "%%olo sql report <<\nSELECT a FROM trips")
    assert '{{ source("silver", "trips") }}' in text_of(used, "models/gold/report.sql")
    twice = promoted("%%olo sql\nUSE silver", "%%olo sql\nUSE bronze", "%%olo sql report <<\nSELECT a FROM trips")
    assert twice.is_refused
