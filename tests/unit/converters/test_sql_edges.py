"""No table that SQL reads or writes is lost; what can't be followed is a finding with its cell and line."""
# ruff: noqa: E501 - one case a line; no case is run

from __future__ import annotations

import re
from pathlib import Path

import pytest

from olo_converters.graph import build_graph
from olo_converters.graph.sql_effects import read_any_sql, read_sql
from olo_converters.slice import slice_for
from tests.unit.converters.notebooks import codes, notebook, promoted

READS = [
    ("select x[1] from s.t", "s.t"),
    ("select a from s.t for timestamp as of timestamp '2026-01-01 00:00:00 UTC' where b = 1", "s.t"),
    ("select a from s.t for version as of 'main' x join s.u for version as of 5 y on x.a = y.a", "s.t s.u"),
    ('select a from s."t$snapshots"', "s.t$snapshots"),
    ('select a from "S"."T x"', "s.t x"),
    ('select "from" from "from"."order"', "from.order"),
    ("with t as (select * from t) select * from t", "t"),
    ("with recursive t(n) as (select 1 union all select n + 1 from t) select * from t", ""),
    ("with a as (select * from s.b), b as (select * from a) select * from b", "s.b"),
    ("with a as (select * from b), b as (select 1) select * from a", "b"),
    ("with a as (with b as (select * from s.x) select * from b) select * from a, b", "b s.x"),
    ("select * from t where a in (with t as (select 1 a from s.q) select a from t)", "t s.q"),
    ("(with a as (select 1) select * from a) union select * from a", "a"),
    ("with a as (select 1) select * from a union select * from a", ""),
    ("with t as (select 1) select * from s.t", "s.t"),
    ("select * from s.t, unnest(t.arr) with ordinality as u(x, n)", "s.t"),
    ("select * from unnest(array[1]) u(x), s.t", "s.t"),
    ("select * from s.t cross join lateral (select * from s.u where u.a = t.a) l", "s.t s.u"),
    ("select * from table(sequence(1, 3))", ""),
    ("select * from table(system.query(query => 'select 1 from s.x'))", "*"),
    ("select * from table(my.fn(input => table(select * from s.orders)))", "* s.orders"),
    ("select * from table(my.fn(input => table(s.orders) partition by a))", "*"),
    ("table s.t", "s.t"),
    ("select * from s.t where exists (table s.w) and a = (select max(a) from s.u)", "s.t s.u s.w"),
    ("select * from (s.t join s.u on t.a = u.a)", "s.t s.u"),
    ("select * from ((s.t)) x", "s.t"),
    ("select filter(a, x -> x in (select 1 from s.u)) from s.t", "s.t s.u"),
    ("select extract(day from d), trim(leading 'x' from y), a is not distinct from b from s.t", "s.t"),
    ("select * from s.t union all (select * from s.u except table s.w)", "s.t s.u s.w"),
    ("select ';' from s.t -- ; drop table x;\n where a = 1 /* from s.no; */", "s.t"),
    ("select 1 from s.t; select 2 from s.u", "s.t s.u"),
    ("select * from s.t tablesample bernoulli (10)", "s.t"),
    (
        "select * from s.t match_recognize (partition by a order by b measures x.c as d pattern (x+) define x as x.a > 1)",
        "s.t",
    ),
    ("select * from silver.{{ name | ident }}", "silver.name            "),
]


@pytest.mark.parametrize(("sql", "tables"), READS)
def test_what_a_query_reads(sql: str, tables: str) -> None:
    facts = read_sql(sql)
    expected = sorted(re.findall(r"\S+(?: x| +$)?", tables))
    assert sorted(".".join(parts) for parts in facts.tables) == expected
    assert facts.written == ()


WRITES = [
    ("insert into s.t (a, b) select a, b from s.u", "s.t", "s.t s.u"),
    ("insert into s.x with t as (select 1 from s.y) select * from t", "s.x", "s.x s.y"),
    ("insert into s.t table s.u", "s.t", "s.t s.u"),
    (
        "create table if not exists s.t comment 'x' with (format = 'ORC') as select * from s.u with no data",
        "s.t",
        "s.u",
    ),
    ("create or replace table s.t as with a as (select * from s.u) select * from a", "s.t", "s.u"),
    ("create table s.t (like s.u including properties)", "s.t", "s.u"),
    ("create table s.t (a int, b varchar)", "s.t", ""),
    (
        "merge into s.t t using (select * from s.u) u on t.a = u.a when matched then delete when not matched then insert values (u.a)",
        "s.t",
        "s.t s.u",
    ),
    ("update s.t set a = (select max(a) from s.u) where b = 1", "s.t", "s.t s.u"),
    ("delete from s.t where a in (select a from s.u)", "s.t", "s.t s.u"),
    ("truncate table s.t", "s.t", ""),
    ("drop table if exists s.t", "s.t", ""),
    ("drop view s.v", "s.v", ""),
    ("alter table s.t rename to s.u", "s.t s.u", "s.t s.u"),
    ("alter table s.t add column x int", "s.t", "s.t"),
    ("create or replace view s.v security invoker as select * from s.u", "s.v", "s.u"),
    ("create temporary view v as select * from s.u", "v", "s.u"),
    ("refresh materialized view s.v", "s.v", "s.v"),
]


@pytest.mark.parametrize(("sql", "written", "tables"), WRITES)
def test_what_a_statement_writes(sql: str, written: str, tables: str) -> None:
    facts = read_sql(sql)
    assert sorted(".".join(parts) for parts in facts.written) == written.split()
    assert sorted(".".join(parts) for parts in facts.tables) == tables.split()
    assert not facts.error


@pytest.mark.parametrize(
    "sql",
    [
        "call dev.system.rollback_to_snapshot('s', 't', 1)",
        "execute immediate 'insert into s.t select 1'",
        "explain analyze insert into s.t select 1",
        "create function f(x int) returns int return x",
        "alter table s.t execute rollback_to_snapshot(1)",
        "drop schema s cascade",
        "insert into s.t select from where (",
        "select 1; this is no SQL; insert into s.t values (1)",
        "set time zone 'UTC'",
        "export data",
    ],
)
def test_what_cannot_be_followed_may_write_any_table_and_stops_the_slice(
    sql: str, capfd: pytest.CaptureFixture[str]
) -> None:
    conversion = promoted(f"%%olo sql\n-- first\n{sql}", "%%olo sql report <<\nselect a from gold.other")
    assert conversion.is_refused
    problem = next(one for one in conversion.findings if one.code == "sql-syntax")
    assert (problem.cell, problem.severity, bool(problem.hint)) == ("c0", "error", True)
    assert problem.line is not None
    assert problem.line >= 2
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "sql",
    [
        "show tables from s",
        "show create table s.t",
        "describe s.t",
        "explain select * from s.t",
        "set session x.y = true",
        "alter table s.t execute optimize",
        "analyze s.t",
        "create schema s",
        "select a from where",
    ],
)
def test_what_writes_nothing_is_left_out(sql: str, capfd: pytest.CaptureFixture[str]) -> None:
    conversion = promoted(f"%%olo sql\n{sql}", "%%olo sql report <<\nselect a from s.t")
    assert not conversion.is_refused, conversion.findings
    assert conversion.cells == ("c1",)
    assert capfd.readouterr().err == ""


def test_a_broken_statement_is_named_with_its_line() -> None:
    conversion = promoted("%%olo sql report <<\nselect a,\n  b\nfrom s.t\nwhere (", source="report")
    assert [(one.cell, one.line) for one in conversion.findings if one.code == "sql-syntax"] == [("c0", 5)]


def cells_of(*sources: str, target: str = "report") -> tuple[str, ...]:
    """The cells of the target's slice."""
    return slice_for(build_graph(notebook(*sources)), target).cells


@pytest.mark.parametrize(
    "sources",
    [
        ("%%sql\ndrop table s.t", "%%sql report <<\nselect * from s.t"),
        ("%%sql\ntruncate table s.t", "%%sql report <<\nselect * from s.t"),
        ("%%sql\nalter table s.u rename to s.t", "%%sql report <<\nselect * from s.t"),
        ("%%sql\ninsert into s.t values 1", '%%sql report <<\nselect * from s."t$files"'),
        (
            "%%sql\ncreate view s.v as select * from s.t",
            "%%sql\ninsert into s.t values 1",
            "%%sql report <<\nselect * from s.v",
        ),
        (
            "%%sql\ncreate view s.v as select * from s.t",
            "%%sql\ncreate view s.w as select * from s.v",
            "%%sql\nalter view s.w rename to s.x",
            "%%sql\ninsert into s.t values 1",
            "%%sql report <<\nselect * from s.x",
        ),
        ("%%sql\ninsert into t values 1", "%%sql report <<\nselect * from s.t"),
        ("%%sql\ninsert into s.t values 1", "%%sql report <<\nselect * from t"),
        ("name = 't'", "%%olo sql\ninsert into s.{{ name | ident }} values 1", "%%sql report <<\nselect * from s.t"),
        ("Name = 't'", "%%sql\ninsert into s.t values 1", "%%olo sql report <<\nselect * from s.{{ Name | ident }}"),
        ("limit = 3", "report = %sql select * from s.t where a > :limit"),
        (
            "import duckdb\nimport pandas as pd\ndf = pd.DataFrame({'a': [1]})",
            "report = duckdb.sql('select a from df where (').df()",
        ),
        (
            "import duckdb\nduckdb.sql('insert into s.t by name weird (')",
            "report = duckdb.sql('select * from s.t').df()",
        ),
    ],
)
def test_every_cell_is_needed(sources: tuple[str, ...]) -> None:
    needed = [f"c{number}" for number in range(len(sources))]
    wanted = needed[1:] if sources[0].startswith("import duckdb\nduckdb") else needed
    assert set(wanted) <= set(cells_of(*sources))
    assert set(needed) == set(cells_of(*sources))


def test_other_tables_of_the_same_name_stay_apart() -> None:
    assert cells_of("%%sql\ninsert into s.t values 1", "%%sql report <<\nselect * from u.t") == ("c1",)


def test_the_one_use_of_a_notebook_names_the_namespace() -> None:
    conversion = promoted("%%olo sql\nuse s", "%%olo sql report <<\nselect a from t", options="kind: dbt")
    assert not codes(conversion)
    assert "s_t" in conversion.query


CORPUS = Path(__file__).parent.parent / "sql" / "queries.sql"


def test_no_query_of_the_corpus_is_taken_for_something_else() -> None:
    """Names after FROM and JOIN by a plain search of words, an independent reading of the corpus."""
    texts = [text for text in CORPUS.read_text(encoding="utf-8").splitlines() if text.strip()]
    followed = [text for text in texts if not read_sql(text).error]
    assert len(followed) > 0.9 * len(texts) > 500
    for text in followed:
        plain = re.sub(r"'(?:[^']|'')*'|(?i:\bas from\b)|(?i:distinct\s+from)", " ", text)
        plain = re.sub(r"(?i)\b(extract|trim|substring)\s*\([^()]*\bfrom\b", " ", plain)
        named = re.findall(r"(?i)\b(?:from|join)\s+([a-z_]\w*(?:\.[a-z_]\w*)*)\b(?!\s*\()", plain)
        with_queries = re.findall(r"(?i)\b(\w+)\s*(?:\([^()]*\))?\s+as\s*\(", plain)
        known = {".".join(parts) for parts in read_sql(text).tables} | {"unnest", "lateral", "table", "select"}
        assert {name.lower() for name in named} <= known | {name.lower() for name in with_queries}, text


ALERT = (
    "create or replace alert s.a if (exists (select 1 from s.t)) then declare x string; begin "
    "insert into s.log values (case when 1 = 1 then 2 end); if (1 = 1) then let y := 1; end if; end"
)


def test_the_block_of_an_alert_is_run_by_nobody() -> None:
    assert read_any_sql(ALERT).written == ()
    assert read_any_sql(f"{ALERT}; insert into s.u select 1").written == (("s", "u"),)


def test_a_function_is_read_with_what_it_reads_when_it_is_called() -> None:
    cells = (
        "%%sql\ncreate table s.t as select 1 a",
        "%%sql\ncreate function s.f() returns int language sql as $$ select count(*) from s.t $$",
        "%%sql\ncreate table s.u as select 1 a",
        "%%sql\ninsert into s.t values (2)",
        "%%sql x <<\nselect s.f() v",
        "%%sql y <<\nselect * from s.u",
    )
    graph = build_graph(notebook(*cells))
    assert {"c0", "c1", "c3", "c4"} <= set(slice_for(graph, "x").cells)
    assert slice_for(graph, "y").cells == ("c2", "c5")
