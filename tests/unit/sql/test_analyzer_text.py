"""Scripts, identifiers, parameters, and errors at their place in the user's text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.pins import RefPin, SnapshotPin, TimestampPin
from olo_jupyter.lakehouse.sql.parameters import fill_identifiers
from olo_jupyter.lakehouse.sql.script import split
from tests.unit.sql.asking import make_tables
from tests.unit.sql.world import World


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    make_tables(world)
    return world


def test_split_knows_strings_comments_and_quotes() -> None:
    script = "select ';' -- ; not here\n, \"a;b\" /* ; */ ;\n\n-- only a comment;\n; ;select 2"
    parts = split(script)
    assert [part.text for part in parts] == ["select ';' -- ; not here\n, \"a;b\" /* ; */", "select 2"]
    assert all(script[part.offset :].startswith(part.text) for part in parts)
    assert [(part.line, part.column) for part in parts] == [(1, 1), (5, 4)]


@pytest.mark.parametrize("text", ["select 'a", 'select "a', "select /* a", "/* a /* b */ c */ '"])
def test_unclosed(text: str) -> None:
    with pytest.raises(QueryError, match="unterminated") as caught:
        split(text)
    assert caught.value.code == "syntax-error" and caught.value.line == 1


@pytest.mark.parametrize(
    ("value", "type_", "back"),
    [
        (True, "boolean", True),
        (7, "integer", 7),
        (-(2**31), "integer", -(2**31)),
        (2**31, "bigint", 2**31),
        (0.5, "double", 0.5),
        (Decimal("1.50"), "decimal(3,2)", Decimal("1.50")),
        (Decimal("1E+3"), "decimal(4,0)", Decimal(1000)),
        (Decimal("0.05"), "decimal(2,2)", Decimal("0.05")),
        ("it's :x ; -- ok", "varchar(15)", "it's :x ; -- ok"),
        (date(2026, 1, 31), "date", date(2026, 1, 31)),
        (datetime(2026, 1, 31, 1, 2, 3, 4), "timestamp(6)", datetime(2026, 1, 31, 1, 2, 3, 4)),
        (
            datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))),
            "timestamp(6) with time zone",
            datetime(2026, 1, 30, 23, tzinfo=UTC),
        ),
        (b"\x00\xff", "varbinary", b"\x00\xff"),
        (None, "unknown", None),
        ([1, None, 3], "array(integer)", [1, None, 3]),
        (["a", "bcd"], "array(varchar(3))", ["a", "bcd"]),
    ],
)
def test_parameters_have_the_type_of_their_literal(world: World, value: Any, type_: str, back: Any) -> None:
    query = world.query("select :p as p", p=value)
    assert [str(field.type) for field in query.fields] == [type_]
    assert world.execute(query) == [(back,)]
    assert world.run("select ?", value) == [(back,)]


def test_numpy_and_pandas_values(world: World) -> None:
    import numpy as np
    import pandas as pd

    assert world.run("select :p + 1", p=np.int64(41)) == [(42,)]
    assert world.run("select :p", p=np.bool_(True)) == [(True,)]
    assert world.run("select :p", p=pd.Timestamp("2026-01-31")) == [(datetime(2026, 1, 31),)]
    assert world.run("select cardinality(:p)", p=np.array([1, 2])) == [(2,)]


@pytest.mark.parametrize("value", [object(), {"a": 1}, 2**70, float, Decimal("NaN"), [1, "a"]])
def test_values_that_are_no_literals(world: World, value: Any) -> None:
    error = world.error("select :p", p=value)
    assert (error.code, error.line, error.column) == ("invalid-parameter", 1, 8)


def test_a_colon_that_is_no_parameter_survives(world: World) -> None:
    text = "select ':p', '12:30', \"a:p\" /* :p */ -- :p\nfrom (select 1 as \"a:p\") where ':p' = :p"
    assert world.run(text, p=":p") == [(":p", "12:30", 1)]


def test_unbound_names_list_what_is_bound(world: World) -> None:
    error = world.error("select a\nfrom t where a > :treshold", threshold=1, day=2)
    assert (error.code, error.line, error.column) == ("unknown-parameter", 2, 18)
    assert "threshold, day" in error.message  # the nearest first


def test_positional_parameters_count(world: World) -> None:
    assert world.run("select x from t where a = ? and x > ? order by 1 limit ?", 2, 20, 5) == [(30,)]
    assert world.error("select ?, ?", 1).code == "invalid-parameter-usage"
    assert world.error("select 1", 1).code == "invalid-parameter-usage"


def test_parameters_prune_and_bind(world: World) -> None:
    query = world.query("select a from t where x > :low and b in ('x', :b) and :low < x", low=5, b="y")
    assert {(each.column, each.op, each.value) for each in query.scans[0].predicates} >= {
        ("x", ">", 5),
        ("b", "in", ("x", "y")),
    }
    assert dict(query.parameters) == {"v_low": 5, "v_b": "y"} and "'y'" not in query.sql


def test_limit_parameter_must_be_a_count(world: World) -> None:
    assert world.run("select x from t order by x limit :n", n=1) == [(10,)]
    assert world.error("select x from t limit :n", n=-1).code == "type-mismatch"
    assert world.error("select x from t limit :n", n="1; drop table t").code == "type-mismatch"


def test_identifiers_are_quoted_never_text(world: World) -> None:
    assert world.run("select {{ c | ident }} from {{ t | ident }} order by 1", c="x", t="s.t") == [(10,), (20,), (30,)]
    evil = 'x" from u; drop table t --'
    assert fill_identifiers("select {{c|ident}}", {"c": evil}).text == 'select "x"" from u; drop table t --"'
    assert world.error("select {{ c | ident }} from t", c=evil).code == "column-not-found"
    assert world.run("select '{{ c | ident }}' /* {{ d | ident }} */") == [("{{ c | ident }}",)]
    for text in ("select {{ c }}", "select {{ c | upper }}", "select {{ c | ident }}"):
        assert world.error(text).line == 1
    for value in (1, "", "a.b.c.d", None, ["a", 1]):
        assert world.error("select {{ c | ident }} from t", c=value).code == "invalid-parameter"


def test_places_count_in_the_users_own_text(world: World) -> None:
    error = world.error("select {{ c | ident }},\n  /* a\n b */ nope from t", c="x")
    assert (error.code, error.line, error.column) == ("column-not-found", 3, 7)
    error = world.error("select {{ c | ident }}, nope from t", c="a_long_name_that_shifts")
    assert (error.line, error.column) == (1, 8)
    error = world.error("select {{ c | ident }}, nope from t", c="x")
    assert (error.line, error.column) == (1, 25)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("select a\nfrom t\nwhere a = = 1", 3, 11),
        ("select a, from t", 1, 11),
        ("selec a from t", 1, 1),
        ("select a from t group a", 1, 17),
        ("select (a from t", 1, 11),
        ("select a from t where a in ()", 1, 29),
        ("select 1 union select", 1, 22),
        ("select case a when 1 then 2", 1, 28),
        ("select cast(a as) from t", 1, 17),
        ("select a from t join u", 1, 23),
        ("select a ~ 1 from t", 1, 10),
        ("select 1a", 1, 8),
        ("", 1, 1),
        ("select é from t", 1, 8),
        ("select a from t; select 2", 1, 18),
    ],
)
def test_syntax_errors_are_placed(world: World, text: str, line: int, column: int) -> None:
    error = world.error(text)
    assert (error.code, error.line, error.column) == ("syntax-error", line, column), error.message


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("selct x from t", "SELECT"),
        ("dlete from t", "DELETE"),
        ("select x form t", "FROM"),
        ("select x frm t", "FROM"),
        ("select x from t were x > 1", "WHERE"),
        ("select x from t gruop by x", "GROUP"),
        ("select x from t a left jion t b on true", "JOIN"),
        ("select x from t where x betwen 1 and 2", "BETWEEN"),
        ("select x from t limt 5", "LIMIT"),
    ],
)
def test_a_mistyped_word_is_told_what_it_may_mean(world: World, text: str, meant: str) -> None:
    error = world.error(text)
    assert (error.code, error.hint) == ("syntax-error", f"Did you mean {meant}?"), error.message


def test_hints_do_not_guess(world: World) -> None:
    assert world.error("select x from t limit x").hint == ""
    assert world.error("select x a b from t").hint == ""
    assert world.error("select x, from t").hint.startswith("Is the comma before FROM one too many?")
    assert world.error("select x as order from t").hint.startswith("ORDER is a reserved word")


def test_type_errors_are_placed_at_their_node(world: World) -> None:
    error = world.error("select a,\n  x + b\nfrom t")
    assert error.code in ("type-mismatch", "function-not-found")
    assert error.line == 2


def test_deep_nesting_ends(world: World) -> None:
    assert world.error("select " + "(" * 20 + "select 1").code == "syntax-error"
    assert world.run("select " + "(" * 20 + "1" + ")" * 20) == [(1,)]
    assert world.error("select " + "(" * 2000 + "1" + ")" * 2000).code == "statement-too-large"


def test_long_chains(world: World) -> None:
    assert world.run("select count(*) from (" + " union all ".join(["select 1"] * 300) + ")") == [(300,)]
    assert world.run(" union ".join(f"select {n % 3}" for n in range(100)) + " order by 1") == [(0,), (1,), (2,)]
    conditions = " or ".join(f"x = {n}" for n in range(300))
    assert world.run(f"select count(*) from t where {conditions} group by a having {conditions.replace('x', 'a')}") == [
        (1,),
        (2,),
    ]


def test_nearest_names_are_offered(world: World) -> None:
    assert "Did you mean" in world.error("select ab.a from t as abc").hint
    assert "a, b, d" in world.error("select zzzzz from t").hint


@pytest.mark.parametrize(
    ("clause", "pin"),
    [
        ("version as of 4321", SnapshotPin(4321)),
        ("version as of 'q1-close'", RefPin("q1-close")),
        ("version as of :p", RefPin("main")),
        ("timestamp as of timestamp '2026-01-31 08:00:00'", TimestampPin(datetime(2026, 1, 31, 8, tzinfo=UTC))),
        ("timestamp as of timestamp '2026-01-31 08:00 UTC'", TimestampPin(datetime(2026, 1, 31, 8, tzinfo=UTC))),
        (
            "timestamp as of timestamp '2026-01-31 08:00:00 Europe/Berlin'",
            TimestampPin(datetime(2026, 1, 31, 7, tzinfo=UTC)),
        ),
        (
            "timestamp as of timestamp '2026-01-31 08:00:00.5 +05:30'",
            TimestampPin(datetime(2026, 1, 31, 2, 30, 0, 500000, UTC)),
        ),
        ("timestamp as of timestamp '2026-01-31 08:00:00 -02:00'", TimestampPin(datetime(2026, 1, 31, 10, tzinfo=UTC))),
        ("timestamp as of date '2026-01-31'", TimestampPin(datetime(2026, 1, 31, tzinfo=UTC))),
        ("timestamp as of date '2026-01-31' + interval '1' month", TimestampPin(datetime(2026, 2, 28, tzinfo=UTC))),
        ("timestamp as of date_add('day', -1, :d)", TimestampPin(datetime(2026, 1, 31, tzinfo=UTC))),
        (
            "timestamp as of date_trunc('hour', timestamp '2026-02-01 05:59:59.9')",
            TimestampPin(datetime(2026, 2, 1, 5, tzinfo=UTC)),
        ),
        ("timestamp as of :d", TimestampPin(datetime(2026, 2, 1, tzinfo=UTC))),
        ("timestamp as of :t", TimestampPin(datetime(2026, 2, 1, 5, tzinfo=UTC))),
    ],
)
def test_time_travel(world: World, clause: str, pin: object) -> None:
    bound = {"p": "main", "d": date(2026, 2, 1), "t": datetime(2026, 2, 1, 5)}
    query = world.query(f"select v.a from s.t for {clause} as v join t on v.a = t.a", **bound)
    assert [scan.pin for scan in query.scans] == [pin, None]


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("timestamp as of '2026-01-31'", "type-mismatch"),
        ("version as of true", "unsupported"),
        ("version as of 1.5", "type-mismatch"),
        ("timestamp as of timestamp '2026-13-31 08:00:00'", "invalid-literal"),
        ("timestamp as of timestamp '2026-01-31 08:00:00 Mars/Olympus'", "invalid-literal"),
        ("timestamp as of timestamp '2999-01-01'", "invalid-arguments"),
        ("timestamp as of null", "invalid-arguments"),
        ("timestamp as of current_date + interval '1' hour", "invalid-function-argument"),
        ("timestamp as of (select max(b) from t)", "unsupported"),
    ],
)
def test_time_travel_refused(world: World, clause: str, code: str) -> None:
    assert world.error(f"select a from t for {clause}").code == code


def test_metadata_tables(world: World) -> None:
    query = world.query('select snapshot_id from "t$snapshots" order by committed_at')
    assert (query.scans[0].table.table, query.scans[0].metadata) == ("t", "snapshots")
    assert query.scans[0].columns == ("committed_at", "snapshot_id")


@pytest.mark.parametrize(
    ("sql", "name", "column", "hint"),
    [
        ("select a, median(b) from t group by a", "median", 11, "approx_percentile"),
        ("select a from t group by a having string_agg(b, ',') = 'x'", "string_agg", 35, "listagg"),
        ("select a, summ(b) + 1 from t group by a", "summ", 11, "Did you mean sum"),
        ("select nvl(a, b) from t", "nvl", 8, "coalesce"),
        ("select a, coalesce(upper(len(b)), 'x') from t group by a", "len", 26, "length"),
    ],
)
def test_a_function_that_trino_lacks_is_told_before_its_columns(
    world: World, sql: str, name: str, column: int, hint: str
) -> None:
    error = world.error(sql)
    assert (error.code, error.line, error.column) == ("function-not-found", 1, column)
    assert f"'{name}' not registered" in error.message and hint in error.hint
