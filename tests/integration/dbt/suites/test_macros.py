"""The SQL macros that models and packages are written with (``dbt.datediff``, ``dbt.hash`` …), all in one project."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from dbt.tests.adapter.utils.base_utils import BaseUtils
from dbt.tests.adapter.utils.test_current_timestamp import BaseCurrentTimestampAware
from dbt.tests.adapter.utils.test_validate_sql import BaseValidateSqlMethod
from dbt.tests.util import check_relations_equal, relation_from_name, run_dbt

MACROS = (
    "any_value bool_or cast cast_bool_to_text concat date_trunc dateadd datediff equals except generate_series "
    "get_powers_of_two hash intersect last_day length listagg position replace right safe_cast split_part "
    "string_literal"
)
"""Macros whose fixtures of dbt's run here as they are."""

OWN = {
    # dbt's own fixtures cast texts with a T between date and time, or call an empty array: Trino knows neither.
    "test_array.sql": """
        select array_join({{ array_append(array_construct([1, 2, 3]), 4) }}, ',') as actual, '1,2,3,4' as expected
        union all
        select array_join({{ array_concat(array_construct([1, 2]), array_construct([3, 4])) }}, ','), '1,2,3,4'
    """,
    "test_date_spine.sql": """
        with days as ({{ date_spine("day", "'2023-09-01'", "'2023-09-10'") }}),
        wanted as (select cast(d as date) as d from unnest(sequence(date '2023-09-01', date '2023-09-09')) t(d))
        select days.date_day as actual, wanted.d as expected
        from days full outer join wanted on days.date_day = wanted.d
    """,
    "test_get_intervals_between.sql": """
        select {{ get_intervals_between("'2023-09-01'", "'2023-09-12'", "day") }} as actual, 11 as expected
    """,
    "test_escape_single_quotes.sql": """
        select '{{ escape_single_quotes("they're") }}' as actual, 'they''re' as expected
    """,
}
_TESTED = """
models:
  - name: {name}
    data_tests: [{{assert_equal: {{arguments: {{actual: actual, expected: expected}}}}}}]
"""


def fixtures(kind: str) -> dict[str, str]:
    """dbt's fixtures of one kind (``seeds`` or ``models``), text by file name."""
    found = {}
    for macro in MACROS.split():
        module = importlib.import_module(f"dbt.tests.adapter.utils.fixture_{macro}")
        for name, text in vars(module).items():
            prefix, _, rest = name.lower().partition("__")
            if prefix == kind:
                stem, _, ending = rest.rpartition("_")
                # dbt-trino's datediff casts to milliseconds, which rounds these texts to the next year.
                lines = [line for line in text.splitlines() if "59.999999" not in line]
                found[f"{stem}.{ending}"] = "\n".join(lines) + "\n"
    return found


class TestMacros(BaseUtils):
    @pytest.fixture(scope="class")
    def seeds(self) -> dict[str, str]:
        return fixtures("seeds")

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        tested = {name.replace(".sql", ".yml"): _TESTED.format(name=name.removesuffix(".sql")) for name in OWN}
        return fixtures("models") | OWN | tested

    @pytest.fixture(scope="class")
    def built(self, project: Any) -> dict[str, tuple[str, str]]:
        """Status and message of every node after one build, by its name."""
        results = run_dbt(["build"], expect_pass=None)
        return {result.node.name: (str(result.status), result.message or "") for result in results}

    def test_build_assert_equal(self, project: Any, built: dict[str, tuple[str, str]]) -> None:
        assert [(name, *told) for name, told in built.items() if told[0] not in ("success", "pass")] == []

    def test_sets(self, project: Any, built: dict[str, tuple[str, str]]) -> None:
        for one, other in (
            ("test_except_a_minus_b", "data_except_a_minus_b"),
            ("test_except_b_minus_a", "data_except_b_minus_a"),
            ("test_except_a_minus_empty", "data_except_a"),
            ("test_except_empty_minus_a", "data_except_empty"),
            ("test_intersect_a_overlap_b", "data_intersect_a_overlap_b"),
            ("test_intersect_a_overlap_a", "data_intersect_a"),
            ("test_intersect_a_overlap_empty", "data_intersect_empty"),
        ):
            check_relations_equal(project.adapter, [one, other])

    def test_equals(self, project: Any, built: dict[str, tuple[str, str]]) -> None:
        for relation, expected, rows in (("equal_values", "same", 3), ("not_equal_values", "different", 6)):
            name = relation_from_name(project.adapter, relation)
            found = project.run_sql(f"select count(*) from {name} where expected = '{expected}'", fetch="one")
            assert found[0] == rows


class TestCurrentTimestamp(BaseCurrentTimestampAware):
    pass


class TestValidateSql(BaseValidateSqlMethod):
    pass


class TestTypes:
    """The names of types that macros give (``dbt.type_bigint()`` …), through a model into a table and back."""

    @pytest.fixture(scope="class")
    def models(self) -> dict[str, str]:
        types = ["bigint", "boolean", "float", "int", "numeric", "string"]
        columns = [f"cast(null as {{{{ dbt.type_{name}() }}}}) as a_{name}" for name in types]
        columns.append("cast(timestamp '2026-01-01 00:00:00' as {{ dbt.type_timestamp() }}) as a_timestamp")
        return {"typed.sql": "{{ config(materialized='table') }} select " + ", ".join(columns)}

    def test_types(self, project: Any) -> None:
        run_dbt(["run"])
        relation = relation_from_name(project.adapter, "typed")
        with project.adapter.connection_named("types"):
            columns = project.adapter.get_columns_in_relation(relation)
        assert {column.name: column.data_type for column in columns} == {
            "a_bigint": "bigint",
            "a_boolean": "boolean",
            "a_float": "double",
            "a_int": "integer",
            "a_numeric": "decimal(28,6)",
            "a_string": "varchar",
            "a_timestamp": "timestamp(6)",
        }
