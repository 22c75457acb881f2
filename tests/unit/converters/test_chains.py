"""Long chains of queries: what reads tables becomes a staging model, the rest stays a model of the target's layer."""

from __future__ import annotations

from dataclasses import replace

from olo_converters.capture import TableFact
from olo_converters.dbt.freshness import freshness
from tests.unit.converters.notebooks import PROJECT, codes, promoted, text_of

LONG = """%%olo sql report <<
WITH
-- those that are paid
paid AS (SELECT customer, day, amount FROM silver.orders WHERE amount >= :least),
people AS (
  SELECT c.customer, c.city FROM silver.customers c),
daily AS (SELECT p.day, q.city, sum(p.amount) AS total FROM paid p LEFT JOIN people AS q ON p.customer = q.customer GROUP BY 1, 2),
-- the best
best AS (SELECT city, max(total) AS most FROM daily GROUP BY city)
SELECT d.day, d.city, d.total, b.most FROM daily d JOIN best b ON d.city = b.city"""  # noqa: E501
SHORT = "WITH a AS (SELECT x FROM silver.t), b AS (SELECT x FROM a) SELECT x FROM b"


def test_queries_that_read_tables_become_staging_models() -> None:
    made = promoted("least = 5", LONG)
    assert not made.is_refused, made.findings
    assert made.staged == ("stg_report_paid", "stg_report_people")
    paid = text_of(made, "models/silver/stg_report_paid.sql")
    assert 'materialized="view"' in paid
    assert "-- those that are paid" in paid
    assert '{{ source("silver", "orders") }}' in paid
    assert 'var("least", 5)' in paid
    mart = text_of(made, "models/gold/report.sql")
    assert 'from {{ ref("stg_report_paid") }} p' in mart
    assert 'left join {{ ref("stg_report_people") }} as q' in mart
    assert "-- the best" in mart
    assert "source(" not in mart
    assert "var(" not in mart
    assert [one.path for one in made.artefacts].count("models/sources.yml") == 1


def test_earlier_results_are_a_chain_too() -> None:
    cells = [f"%%olo sql r{at} <<\nSELECT x + 1 AS x FROM {f'r{at - 1}' if at else 'silver.t'}" for at in range(3)]
    made = promoted(*cells, "%%olo sql report <<\nSELECT x + 1 AS x FROM r2")
    assert made.staged == ("stg_report_r0",)
    assert "with r1 as (select x + 1 as x from" in " ".join(text_of(made, "models/gold/report.sql").split())


def test_short_chains_and_what_is_no_view_stay_whole() -> None:
    assert promoted(f"%%olo sql report <<\n{SHORT}").staged == ()
    assert promoted("least = 5", LONG, options="split: false").staged == ()
    drawn = LONG.replace("SELECT c.customer, c.city", "SELECT c.customer, random() AS city")
    assert promoted("least = 5", drawn).staged == ("stg_report_paid",)
    cut = LONG.replace("amount >= :least", "amount >= :least LIMIT 3")
    assert promoted("least = 5", cut).staged == ("stg_report_people",)
    named = LONG.replace("people AS (", "people (customer, city) AS (")
    assert promoted("least = 5", named).staged == ()


def test_a_name_that_is_taken_is_left() -> None:
    taken = {"models/silver/stg_report_paid.sql": "select 1 as x"}
    made = promoted("least = 5", LONG, project=replace(PROJECT, files=taken))
    assert made.staged == ("stg_report_people",)
    assert "name-clash" not in codes(made)


def test_a_source_says_how_old_it_may_get() -> None:
    from datetime import datetime

    from olo_converters.capture import Capture, CapturedResult

    sql = "SELECT a FROM silver.t"
    days = tuple(datetime(2026, 1, day) for day in (1, 2, 3))
    fact = TableFact("dev", "silver", "t", commits=days)
    result = CapturedResult("c0", "report", sql, snapshots={"dev.silver.t": 1})
    made = promoted(f"%%olo sql report <<\n{sql}", capture=Capture(results=(result,), tables=(fact,)))
    sources = text_of(made, "models/sources.yml")
    assert "loaded_at_query: select max(committed_at) from" in sources
    assert "count: 2" in sources
    assert "3 loads from 2026-01-01 to 2026-01-03" in sources
    assert freshness(days[:2]) is None
