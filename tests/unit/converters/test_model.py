"""SQL cells as dbt models: rendered as dbt renders them, they say what the notebook said."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import sqlglot
import yaml
from sqlglot import exp

from olo_converters.capture import (
    Capture,
    ColumnFact,
    ColumnProfile,
    KnownModel,
    KnownSource,
    ObservedValue,
    ProjectFacts,
    Promoted,
    Reference,
    TableFact,
)
from olo_converters.conversion import Example
from olo_converters.graph.sql import TrinoText
from tests.unit.converters.notebooks import captured, codes, promoted, text_of

MODEL = "models/gold/report.sql"


def rendered(text: str, variables: dict[str, Any] | None = None, *, incremental: bool = False) -> str:
    """A model's text as dbt renders it: sources by namespace, models in gold, dbt's own macros."""
    given = variables or {}
    missing = object()

    def var(name: str, default: Any = missing) -> Any:
        value = given.get(name, default)
        assert value is not missing, f"var {name} has no default"
        return value

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return environment.from_string(text).render(
        config=lambda **_: "",
        source=lambda source, table: f'{source}."{table}"' if "$" in table else f"{source}.{table}",
        ref=lambda model: f"gold.{model}",
        var=var,
        this="gold.report",
        is_incremental=lambda: incremental,
        dbt=SimpleNamespace(
            string_literal=lambda value: f"'{value}'",
            escape_single_quotes=lambda value: str(value).replace("'", "''"),
        ),
    )


def tree(sql: str) -> exp.Expression:
    parsed = sqlglot.parse_one(sql, dialect=TrinoText)
    for node in parsed.walk():
        node.comments = None
        if isinstance(node, exp.Identifier) and not node.args.get("quoted"):
            node.set("this", node.this.lower())
    return parsed


SAME = [
    "SELECT a, count(*) AS n FROM silver.flights GROUP BY 1",
    "SELECT f.a FROM silver.flights f JOIN silver.planes AS p ON f.tail = p.tail WHERE p.year > 2000",
    "WITH x AS (SELECT * FROM silver.a), y AS (SELECT * FROM x) SELECT x.a FROM x JOIN y ON x.a = y.a",
    "WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT n FROM t",
    "SELECT a FROM silver.a UNION ALL (SELECT a FROM silver.b) EXCEPT SELECT a FROM silver.c",
    "SELECT 'silver.flights' AS t, \"from\" AS f FROM silver.flights -- silver.other",
    "SELECT a FROM silver.flights WHERE x IN (SELECT x FROM bronze.raw WHERE silver_x = 1) AND EXISTS (SELECT 1 FROM silver.b)",
    "SELECT date_add('day', -1, d) AS d, approx_distinct(x) AS n, array_agg(x ORDER BY y) AS xs FROM silver.a GROUP BY 1",
    "SELECT t.k, u.v FROM silver.a t CROSS JOIN UNNEST(t.items) AS u(v)",
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b DESC) AS r, count_if(x > 1) FILTER (WHERE y) AS c FROM silver.a",
    "SELECT CASE WHEN a > 0 THEN 'it''s {{ not }} jinja {% raw %} {# c #}' ELSE '{{{' END AS t FROM silver.a",
    "SELECT a /* {{ comment }} */ FROM silver.a -- {% if %}",
    'SELECT "odd {{ name }}" AS x FROM silver.a',
    "SELECT transform(xs, x -> x * 2) AS ys, CAST(ROW(1, 'a') AS ROW(p bigint, q varchar)) AS r FROM silver.a",
    "SELECT interval '1' day AS i, TIMESTAMP '2020-01-01 00:00:00 UTC' AS t, DATE '2020-01-01' AS d, 1e3 AS e FROM silver.a",
    "SELECT a FROM silver.a TABLESAMPLE BERNOULLI (10)",
    "SELECT a FROM silver.a WHERE b LIKE '%x\\_%' ESCAPE '\\' LIMIT 5",
    'SELECT snapshot_id FROM bronze."flights$snapshots"',
]


@pytest.mark.parametrize("sql", SAME)
def test_the_rendered_model_is_the_notebooks_query(sql: str) -> None:
    conversion = promoted(f"%%olo sql report <<\n{sql};\n")
    assert not conversion.is_refused, conversion.findings
    # sqlfmt takes a backslash in a literal for an escape: such a model stays as the analyst wrote it
    assert ("format-failed" in codes(conversion)) == ("\\" in sql)
    model = text_of(conversion, MODEL)
    assert tree(rendered(model)) == tree(sql)
    assert not re.search(r"(from|join)\s+\w+\.\w+", re.sub(r"'[^']*'|--.*|/\*.*?\*/", "", model))


@pytest.mark.parametrize(
    ("value", "type_", "literal"),
    [
        (15, "integer", "15"),
        (2**40, "bigint", str(2**40)),
        (True, "boolean", "true"),
        (0.1, "double", "0.1"),
        (Decimal("1.50"), "decimal(3,2)", "1.50"),
        (date(2020, 2, 29), "date", "2020-02-29"),
        (datetime(2020, 1, 2, 3, 4, 5), "timestamp(6)", "2020-01-02 03:04:05.000000"),
        (datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), "timestamp(6) with time zone", "2020-01-02 03:04:05.000000 UTC"),
        ("plain", "varchar", "plain"),
        ("it's '); DROP TABLE x; --", "varchar", "it's '); DROP TABLE x; --"),
        ("}} {{ var('secret') }} {% endraw %} {# \" ' \\ \n", "varchar", None),
        ("äöü 漢 🙂", "varchar", "äöü 漢 🙂"),
    ],
)
def test_a_parameter_becomes_a_typed_variable(value: Any, type_: str, literal: str | None) -> None:
    sql = "SELECT a FROM silver.a WHERE b = :p AND c <> ':p'"
    capture = Capture(results=(captured("c1", "report", sql, "a bigint", parameters={"p": value}),))
    conversion = promoted("p = seen() if (seen := str) else 0", f"%%olo sql report <<\n{sql}", capture=capture)
    assert not conversion.is_refused, conversion.findings
    assert conversion.vars == {"p": value}
    model = text_of(conversion, MODEL)
    casts = list(tree(rendered(model)).find_all(exp.Cast))
    assert len(casts) == 1
    wanted = (value if literal is None else literal) if not isinstance(value, bool) else "True"
    assert casts[0].this == exp.Literal.string(wanted)
    assert casts[0].to.sql("trino").lower().replace(" ", "") == type_.replace(" ", "").replace("integer", "integer")
    other = tree(rendered(model, {"p": "x' OR '1' = '1"}))
    assert [node.this for node in other.find_all(exp.Cast)] == [exp.Literal.string("x' OR '1' = '1")]


@pytest.mark.parametrize("value", [None, [1, 2], {"a": 1}, 2**70])
def test_a_value_without_a_literal_is_refused(value: Any) -> None:
    sql = "SELECT a FROM silver.a WHERE b = :p"
    capture = Capture(results=(captured("c0", "report", sql, parameters={"p": value}),))
    conversion = promoted(f"%%olo sql report <<\n{sql}", capture=capture)
    assert conversion.is_refused
    assert "unknown-parameter" in codes(conversion)
    assert conversion.artefacts == ()


def test_a_parameter_that_nobody_saw_is_refused() -> None:
    conversion = promoted("p = len('abc')", "%%olo sql report <<\nSELECT a FROM silver.a WHERE b = :p")
    finding = next(one for one in conversion.findings if one.code == "unknown-parameter")
    assert (finding.cell, finding.line) == ("c1", 2)


def test_identifiers_are_resolved_and_quoted() -> None:
    capture = Capture(values={"t": ObservedValue("t", "str", 'silver.od"d', is_scalar=True)})
    conversion = promoted("%%olo sql report <<\nSELECT a FROM {{ t | ident }}", source="report", capture=capture)
    assert "undefined-name" in codes(conversion)
    conversion = promoted("t = 'silver.flights'", "%%olo sql report <<\nSELECT a FROM {{ t | ident }}")
    assert '{{ source("silver", "flights") }}' in text_of(conversion, MODEL)


@pytest.mark.parametrize(
    "pin", ["VERSION AS OF 42", "VERSION AS OF 'q1-close'", "TIMESTAMP AS OF TIMESTAMP '2020-01-01 00:00:00 UTC'"]
)
def test_a_written_pin_needs_a_decision(pin: str) -> None:
    sql = f"SELECT flights.a, b.x FROM silver.flights FOR {pin} JOIN silver.b ON b.a = flights.a"
    cell = f"%%olo sql report <<\n{sql}"
    undecided = promoted(cell)
    assert "written-pin" in codes(undecided)
    assert undecided.is_refused
    kept = promoted(cell, options="pins: keep")
    assert pin.split("'")[0].lower() in text_of(kept, MODEL)
    assert "pin-kept" in codes(kept)
    dropped = promoted(cell, options="pins: drop")
    assert " of " not in text_of(dropped, MODEL)
    assert "pin-dropped" in codes(dropped)
    assert '{{ source("silver", "flights") }} as flights' in text_of(dropped, MODEL)


def test_a_computed_pin_is_never_dropped_by_half() -> None:
    conversion = promoted(
        "%%olo sql report <<\nSELECT a FROM silver.a FOR TIMESTAMP AS OF current_timestamp - interval '1' day",
        options="pins: drop",
    )
    assert conversion.is_refused


def test_a_pin_beside_the_sql_is_dropped_and_told() -> None:
    conversion = promoted("%%olo sql report << --ref q1-close\nSELECT a FROM silver.a")
    assert not conversion.is_refused
    assert "pin-dropped" in codes(conversion)


def test_a_sampled_table_gives_other_rows_each_time() -> None:
    conversion = promoted("%%olo sql report <<\nSELECT a FROM silver.a TABLESAMPLE BERNOULLI (10);\n")
    assert "volatile-function" in codes(conversion)


def test_an_earlier_result_becomes_a_with_query() -> None:
    conversion = promoted(
        "%%olo sql flights <<\nSELECT * FROM silver.flights WHERE NOT cancelled -- all",
        "%%olo sql late <<\nWITH f AS (SELECT * FROM flights) SELECT * FROM f WHERE delay > 5",
        "%%olo sql report <<\nWITH x AS (SELECT late.a FROM late JOIN flights ON late.a = flights.a) SELECT a FROM x",
        options="split: false",
    )
    model = tree(rendered(text_of(conversion, MODEL)))
    assert [cte.alias for cte in model.args["with_"].expressions] == ["flights", "late", "x"]
    assert conversion.cells == ("c0", "c1", "c2")
    assert [one.key for one in conversion.inputs] == ["dev.silver.flights"]


def test_an_earlier_result_that_is_a_model_becomes_ref() -> None:
    project = ProjectFacts(promoted=(Promoted("daily_flights", "dbt", "silver", "c0", "flights"),))
    conversion = promoted(
        "%%olo sql flights <<\nSELECT * FROM silver.raw",
        "%%olo sql report <<\nSELECT flights.a FROM flights",
        project=project,
    )
    assert '{{ ref("daily_flights") }} as flights' in text_of(conversion, MODEL)
    assert conversion.depends_on == ("daily_flights",)


def test_a_frame_read_by_sql_is_a_step_before_the_model() -> None:
    conversion = promoted(
        "import pandas as pd\nframe = pd.DataFrame({'a': [1]})",
        "%%olo sql report <<\nSELECT a FROM frame",
        name="report",
    )
    assert conversion.steps == (("frame_frame", "project.frame_frame:main"),)
    assert '{{ source("gold_prepared", "frame_frame") }}' in text_of(conversion, "models/gold/report.sql")


def test_names_become_models_and_sources_of_the_project() -> None:
    project = ProjectFacts(
        models=(KnownModel("stg_flights", "silver", "flights"),),
        sources=(KnownSource("landing", "weather_v2", "bronze", "weather"),),
        catalogs=("dev", "ana_sandbox"),
        source_database="{{ target.database }}",
        files={"models/src.yml": "# ours\nversion: 2\nsources:\n  - name: silver  # keep\n    tables: []\n"},
    )
    conversion = promoted(
        "%%olo sql report <<\nSELECT f.a FROM dev.silver.flights f, bronze.weather w, ana_sandbox.silver.planes p, other.x.y z",
        project=project,
    )
    model = text_of(conversion, MODEL)
    assert '{{ ref("stg_flights") }}' in model
    assert '{{ source("landing", "weather_v2") }}' in model
    assert '{{ source("silver", "planes") }}' in model
    assert '{{ source("other_x", "y") }}' in model
    edited = text_of(conversion, "models/src.yml")
    assert "# ours" in edited
    assert "# keep" in edited
    assert yaml.safe_load(edited)["sources"][0]["tables"] == [{"name": "planes"}]
    new = yaml.safe_load(text_of(conversion, "models/sources.yml"))["sources"][0]
    assert (new["name"], new["database"], new["schema"]) == ("other_x", "other", "x")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE TABLE gold.x AS SELECT 1 AS a", "not-a-select"),
        ("SELECT 1 AS a; SELECT 2 AS b", "not-a-select"),
        ("VALUES (1, 'a')", "not-a-select"),
        ("SELECT a FROM (", "sql-syntax"),
        ("SELECT 1 AS a, 2 AS a", "duplicate-columns"),
        ("SELECT a FROM gold.report", "self-reference"),
    ],
)
def test_what_is_no_model_is_refused(sql: str, code: str) -> None:
    project = ProjectFacts(
        models=(KnownModel("report", "gold", "report"),), promoted=(Promoted("report", "dbt", "gold", "c0"),)
    )
    conversion = promoted(f"%%olo sql report <<\n{sql}", project=project)
    assert code in codes(conversion)
    assert conversion.artefacts == ()


FLIGHTS = TableFact(
    "dev", "silver", "flights",
    (ColumnFact("carrier", "varchar", "Two-letter code."), ColumnFact("tailnum", "varchar", sensitivity=("restricted",)), ColumnFact("delay", "bigint")),
    sample=({"carrier": "AA", "tailnum": "N123SECRET", "delay": 7}, {"carrier": "UA", "tailnum": "N123SECRET", "delay": None}),
)  # fmt: skip
LEAST = "least = 5"
SQL = "SELECT carrier, tailnum, count(*) AS flights FROM silver.flights WHERE delay > :least GROUP BY 1, 2"


def full_capture(**more: Any) -> Capture:
    result = captured(
        "c2", "report", SQL, parameters={"least": 5, **more}, snapshots={"dev.silver.flights": 77}, rows=100,
        profile=(ColumnProfile("carrier", 100, 0, 2, "AA", "UA", ("AA", "UA {{ x }}")), ColumnProfile("tailnum", 100, 3, 90), ColumnProfile("flights", 100, 0, 100, 1, 9)),
    )  # fmt: skip
    columns = (
        ColumnFact("carrier", "varchar"), ColumnFact("tailnum", "varchar", sensitivity=("restricted",)), ColumnFact("flights", "bigint"),
    )  # fmt: skip
    from dataclasses import replace

    return Capture(results=(replace(result, columns=columns),), tables=(FLIGHTS,))


def test_properties_hold_types_descriptions_and_evidence() -> None:
    conversion = promoted(
        "#md## Flights\n\nHow many **flights** {{ each }} carrier had.\n", LEAST, f"%%olo sql report <<\n{SQL}", capture=full_capture(),
        options="owner: ana\nunique_key: [carrier, tailnum]\nschedule: {cron: '0 6 * * *'}",
    )  # fmt: skip
    text = text_of(conversion, "models/gold/report.yml")
    model = yaml.safe_load(text)["models"][0]
    assert jinja2.Template(model["description"]).render() == "How many flights {{ each }} carrier had."
    columns = {column["name"]: column for column in model["columns"]}
    assert columns["carrier"]["data_type"] == "varchar"
    assert columns["carrier"]["description"] == "Two-letter code."
    tests = {next(iter(test)): next(iter(test.values())) for test in columns["carrier"]["data_tests"]}
    assert "100 rows (dev.silver.flights at 77)" in tests["not_null"]["config"]["meta"]["evidence"]
    values = tests["accepted_values"]["arguments"]["values"]
    assert [jinja2.Template(value).render() for value in values] == ["AA", "UA {{ x }}"]
    assert "data_tests" not in columns["tailnum"]
    assert columns["tailnum"]["config"]["meta"]["sensitivity"] == ["restricted"]
    assert "having count(*) > 1" in text_of(conversion, "tests/report_unique_key.sql")
    job = yaml.safe_load(text_of(conversion, "jobs/report.yml"))
    assert job["schedule"] == {"cron": "0 6 * * *"}
    assert job["tasks"] == [{"name": "report", "dbt": {"select": "+report"}}]


def test_bounds_and_relationships_come_with_their_evidence() -> None:
    sql = "SELECT f.carrier, f.tailnum, count(*) AS flights, avg(f.late) AS share FROM silver.flights f JOIN silver.carriers c ON c.carrier = f.carrier GROUP BY 1, 2"
    run = captured(
        "c0", "report", sql, "carrier varchar, tailnum varchar, flights bigint, share double, delta bigint",
        snapshots={"dev.silver.flights": 77, "dev.silver.carriers": 78}, rows=100,
        profile=(
            ColumnProfile("carrier", 100, 0, 30, "AA", "WN"), ColumnProfile("flights", 100, 0, 60, 0, 900), ColumnProfile("share", 100, 4, 90, 0.0, 0.75),
            ColumnProfile("delta", 100, 0, 60, -4, 9), ColumnProfile("tailnum", 100, 0, 90),
        ),
        references=(
            Reference("carrier", "dev.silver.carriers", "carrier", 100, 100, 16), Reference("carrier", "dev.silver.flights", "carrier", 100, 99, 16),
            Reference("flights", "dev.bronze.unread", "flights", 100, 100, 7),
        ),
    )  # fmt: skip
    conversion = promoted(f"%%olo sql report <<\n{sql}", capture=Capture(results=(run,)))
    model = yaml.safe_load(text_of(conversion, "models/gold/report.yml"))["models"][0]
    tests = {
        column["name"]: {next(iter(one)): next(iter(one.values())) for one in column.get("data_tests", ()) if isinstance(one, dict)}
        for column in model["columns"]
    }  # fmt: skip
    related = tests["carrier"]["relationships"]
    assert related["arguments"] == {"to": "source('silver', 'carriers')", "field": "carrier"}
    assert (
        related["config"]["meta"]["evidence"]
        == "100 % of 100 rows are found among 16 keys of dev.silver.carriers at 78"
    )
    assert tests["flights"]["olo_range"]["arguments"] == {"minimum": 0}
    assert tests["share"]["olo_range"]["arguments"] == {"minimum": 0, "maximum": 1}
    assert (
        "all of 96 values in 100 rows lie from 0.0 to 0.75" in tests["share"]["olo_range"]["config"]["meta"]["evidence"]
    )
    assert [name for name, known in tests.items() if "olo_range" in known] == ["flights", "share"]
    assert "relationships" not in tests["flights"]
    assert "{% test olo_range(" in text_of(conversion, "tests/generic/olo_range.sql")


def test_no_sensitive_value_reaches_an_artefact() -> None:
    first = promoted(f"%%olo sql report <<\n{SQL}", capture=full_capture(), source="c0")
    assert first.is_refused
    conversion = promoted("#md x", LEAST, f"%%olo sql report <<\n{SQL}", capture=full_capture())
    rows = conversion.inputs[0].rows
    assert {row["tailnum"] for row in rows} == {"synthetic_1"}
    expected = ({"carrier": "AA", "tailnum": "synthetic_1", "flights": 1},)
    conversion = promoted(
        "#md x",
        LEAST,
        f"%%olo sql report <<\n{SQL}",
        capture=full_capture(),
        example=Example({"dev.silver.flights": rows}, expected),
    )
    assert not any("N123SECRET" in artefact.text for artefact in conversion.artefacts)
    unit = yaml.safe_load(text_of(conversion, "models/gold/report.yml"))["unit_tests"][0]
    assert unit["given"][0]["input"] == "source('silver', 'flights')"
    assert unit["given"][0]["rows"][0] == {"carrier": "AA", "tailnum": "synthetic_1", "delay": 7}
    assert unit["overrides"]["vars"] == {"least": 5}
    assert unit["expect"]["rows"] == [{"carrier": "AA", "tailnum": "synthetic_1", "flights": 1}]


def test_a_value_compared_with_a_sensitive_column_is_no_default() -> None:
    sql = "SELECT carrier FROM silver.flights WHERE tailnum = :who"
    capture = Capture(
        results=(captured("c1", "report", sql, "carrier varchar", parameters={"who": "N123SECRET"}),), tables=(FLIGHTS,)
    )
    conversion = promoted("who = 'N123SECRET'", f"%%olo sql report <<\n{sql}", capture=capture)
    assert "sensitive-default" in codes(conversion)
    assert not any("N123SECRET" in artefact.text for artefact in conversion.artefacts)
    assert conversion.vars == {"who": "N123SECRET"}
    assert conversion.required == {"who": "N123SECRET"}


def test_a_value_without_default_stays_one_through_the_models_after_it() -> None:
    made = "CREATE TABLE silver.own AS SELECT carrier FROM silver.flights WHERE tailnum = :who"
    sql = "SELECT carrier, count(*) AS n FROM silver.own WHERE carrier <> :no GROUP BY carrier"
    results = (
        captured("c2", "", made, "carrier varchar", parameters={"who": "N123SECRET"}),
        captured("c3", "report", sql, "carrier varchar, n bigint", parameters={"no": "XX"}),
    )
    conversion = promoted(
        "who = 'N123SECRET'",
        "no = 'XX'",
        f"%%olo sql\n{made}",
        f"%%olo sql report <<\n{sql}",
        capture=Capture(results=results, tables=(FLIGHTS,)),
        example=Example({"dev.silver.own": ({"carrier": "AA"},)}, ({"carrier": "AA", "n": 1},)),
    )
    assert not conversion.is_refused, conversion.findings
    assert (conversion.staged, conversion.required) == (("own",), {"who": "N123SECRET"})
    assert conversion.vars == {"no": "XX", "who": "N123SECRET"}
    assert not any("N123SECRET" in artefact.text for artefact in conversion.artefacts)


def test_incremental_needs_columns_of_the_result() -> None:
    sql = "SELECT day, carrier, n FROM silver.days"
    cell = f"%%olo sql report <<\n{sql}"
    options = "materialized: incremental\nunique_key: carrier\ntime_column: day"
    model = text_of(promoted(cell, options=options), MODEL)
    assert 'incremental_strategy="merge"' in model
    flat = " ".join(rendered(model, incremental=True).split())
    assert "day >= (select max(day) from gold.report) or day is null" in flat
    assert "where day" not in rendered(model)
    assert "incremental-not-possible" in codes(promoted(cell, options="materialized: incremental"))
    assert "incremental-not-possible" in codes(promoted(cell, options="materialized: incremental\ntime_column: nope"))


def test_the_example_query_reads_results_by_name() -> None:
    conversion = promoted("least = 5", "%%olo sql report <<\nSELECT flights.a FROM silver.flights WHERE a > :least")
    assert conversion.query == "SELECT flights.a FROM example_dev_silver_flights as flights WHERE a > :least"
