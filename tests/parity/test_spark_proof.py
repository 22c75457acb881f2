"""Nothing runs on Spark that no verdict covers: the product's list of proved forms follows from the verdicts."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from olo_jupyter.lakehouse.errors import Unsupported
from olo_jupyter.lakehouse.sql.expressions.signatures import Binding, parse_signature
from olo_jupyter.lakehouse.sql.spark import functions, proved
from olo_jupyter.lakehouse.sql.spark.dialect import SPARK
from olo_jupyter.lakehouse.sql.translate import Context, translate
from tests.parity import judge, spark_proof


@pytest.mark.parametrize("name", [f"{kind}/{area}" for kind, area in judge.all_areas()])
def test_a_verdict_is_of_todays_text(name: str) -> None:
    recorded = spark_proof.recorded().get(name)
    if recorded is None:
        pytest.skip("no verdict: nothing that only its cases have may run")
    found = spark_proof.fingerprint(*name.split("/"))
    assert found == recorded, f"texts changed since: judge them again, python -m tests.parity.spark {name} --keep"


def test_what_may_run_is_what_was_equal() -> None:
    assert sorted(proved.proved()) == spark_proof.proved_forms(), "python -m tests.parity.spark --listed"


def test_values_drawn_in_with_are_refused_where_they_are_used_again() -> None:
    context = Context(spark_proof.Tables(), dialect=SPARK)
    translate("WITH a AS (SELECT random() AS r) SELECT r, r FROM a", context)
    translate("WITH a AS (SELECT 1 AS r) SELECT x.r FROM a x, a y", context)
    for sql in (
        "WITH a AS (SELECT random() AS r) SELECT r FROM a UNION ALL SELECT r FROM a",
        "WITH a AS (SELECT rand() AS r), b AS (SELECT r FROM a) SELECT x.r FROM b x, b y",
    ):
        with pytest.raises(Unsupported, match="once for all uses"):
            translate(sql, context)


def test_a_form_that_isnt_listed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = {
        "SELECT abs(-1)": "scalar function abs(integer)",
        "SELECT max(x) FROM (VALUES 1) AS t(x)": "aggregate function max(T) T = integer",
        "SELECT row_number() OVER () FROM (VALUES 1) AS t(x)": "window function row_number()",
        "SELECT CAST(x AS double) FROM (VALUES 1) AS t(x)": "CAST from integer to double",
        "SELECT x + x FROM (VALUES 1) AS t(x)": "operator + on integer and integer",
        "SELECT x < 2 FROM (VALUES 1) AS t(x)": "operator < on integer",
        "SELECT coalesce(x, 2) FROM (VALUES 1) AS t(x)": "function coalesce",
        "SELECT 1 UNION SELECT 2": "UNION",
        "SELECT x FROM (VALUES 1) AS t(x) GROUP BY x": "GROUP BY of integer",
        "SELECT x FROM (VALUES 1) AS t(x) ORDER BY x": "ORDER BY of integer",
        "SELECT DISTINCT x FROM (VALUES 1) AS t(x)": "SELECT DISTINCT of integer",
        "SELECT 1 FROM (VALUES 1) AS t(x) FULL JOIN (VALUES 1) AS u(y) ON x = y": "FULL JOIN",
        "SELECT e FROM UNNEST(ARRAY[1]) AS t(e)": "UNNEST of array",
        "SELECT x FROM (VALUES 1) AS t(x) LIMIT 1": "LIMIT",
        "SELECT ARRAY[1][1]": "subscript of array",
    }
    for sql, form in cases.items():
        context = Context(spark_proof.Tables(), dialect=SPARK)
        assert form in proved.proved()
        translate(sql, context)
        rest = proved.proved() - {form}
        monkeypatch.setattr(proved, "proved", lambda rest=rest: rest)
        with pytest.raises(Unsupported, match="never compared") as caught:
            translate(sql, context)
        assert form in caught.value.message and caught.value.line == 1
        monkeypatch.undo()


def test_a_bound_value_needs_no_case_of_its_own() -> None:
    context = Context(spark_proof.Tables(), "memory", "tiny", parameters={"k": 1, "name": "A%"}, dialect=SPARK)
    translate("SELECT :name FROM nation WHERE n_nationkey > :k AND n_name LIKE :name ORDER BY 1 LIMIT 3", context)


@pytest.mark.parametrize("kind", ["aggregate", "scalar", "window"])
def test_a_template_without_a_verdict_is_refused(kind: str) -> None:
    data = resources.files("olo_jupyter.lakehouse.sql.spark") / "data" / f"{kind}.json"
    start = f"{kind} function "
    heads = {_head(form.removeprefix(start)) for form in proved.proved() if form.startswith(start)}
    templates = json.loads(data.read_text(encoding="utf-8"))
    assert heads <= {*templates}
    for head in templates.keys() - heads:
        signature = parse_signature(f"{head.replace(',', ', ')}: bigint")
        with pytest.raises(Unsupported, match="never compared"):
            functions.template(kind, signature, Binding({}, {}))


def _head(form: str) -> str:
    """``name(argument,…)`` of a form, as the templates' file has it."""
    return form[: form.rindex(")") + 1].replace(", ", ",")
