"""Tests of a model's columns that are proposed from the data at the pin, each with what was seen there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from olo_converters.artefact import Artefact
from olo_converters.capture import CapturedResult, ColumnFact, ColumnProfile
from olo_converters.dbt.values import escape_jinja

FEW_VALUES = 10
ROWS_FOR_DOMAIN = 50
ROWS_FOR_KEY = 20
RANGE = "olo_range"
_KEY_LIKE = re.compile(r"(^|_)(id|key|uuid|code|number|no)$")
_RANGE_TEST = """{# Rows whose value is below the minimum or above the maximum; NULL is neither. #}
{% test olo_range(model, column_name, minimum=none, maximum=none) %}
select {{ column_name }}
from {{ model }}
where
    false
    {% if minimum is not none %}or {{ column_name }} < {{ minimum }}{% endif %}
    {% if maximum is not none %}or {{ column_name }} > {{ maximum }}{% endif %}
{% endtest %}
"""


def proposed_tests(
    column: ColumnFact,
    profile: ColumnProfile,
    result: CapturedResult,
    unique_key: tuple[str, ...],
    given: Mapping[str, str],
) -> list[Any]:
    """Tests that hold for the data seen, each with what was seen. Nothing is proposed from an empty result.

    Args:
        result: What was seen: the profile's rows, the pins, the keys of other tables that were found.
        given: dbt's text of each input (``source('a', 'b')``) by its full name.
    """
    if not profile.rows:
        return []
    where = _where(result)
    tests: list[Any] = []
    if not profile.nulls:
        tests.append(_test("not_null", f"no NULL in {profile.rows:,} rows{where}"))
    is_key = unique_key == (column.name,) or (
        not unique_key and _KEY_LIKE.search(column.name.lower()) is not None and profile.rows >= ROWS_FOR_KEY
    )
    if is_key and profile.distinct == profile.rows:
        tests.append(_test("unique", f"{profile.distinct:,} distinct values in {profile.rows:,} rows{where}"))
    elif _is_domain(column, profile):
        evidence = f"{profile.distinct} distinct values in {profile.rows:,} rows{where}"
        tests.append(_test("accepted_values", evidence, {"values": [escape_jinja(value) for value in profile.values]}))
    if not _KEY_LIKE.search(column.name.lower()):
        tests += _range(column, profile, where)
    return [*tests, *_relationships(column, result, given)]


def _is_domain(column: ColumnFact, profile: ColumnProfile) -> bool:
    """Whether the texts seen are few and seen often: others would be news."""
    return (
        not column.is_sensitive
        and 0 < len(profile.values) <= FEW_VALUES
        and len(profile.values) == profile.distinct
        and profile.rows >= ROWS_FOR_DOMAIN
        and all(isinstance(value, str) for value in profile.values)
    )


def _range(column: ColumnFact, profile: ColumnProfile, where: str) -> list[Any]:
    """The bounds that a number has by what it is, not by which rows were there: none below 0, shares up to 1."""
    low, high = profile.minimum, profile.maximum
    if column.is_sensitive or profile.rows < ROWS_FOR_DOMAIN or profile.distinct < 2:
        return []
    if not _is_number(low) or not _is_number(high) or low < 0:
        return []
    bounds: dict[str, int] = {"minimum": 0}
    if high <= 1 and not isinstance(high, int):
        bounds["maximum"] = 1
    seen = profile.rows - profile.nulls
    return [_test(RANGE, f"all of {seen:,} values in {profile.rows:,} rows lie from {low} to {high}{where}", bounds)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and math.isfinite(value)


def _relationships(column: ColumnFact, result: CapturedResult, given: Mapping[str, str]) -> list[Any]:
    """The keys of tables of the model in which every value of the column was found."""
    tests: list[Any] = []
    for one in result.references:
        if one.column != column.name or column.is_sensitive or one.table not in given or one.found < one.rows:
            continue
        evidence = (
            f"100 % of {one.rows:,} rows are found among {one.keys:,} keys of "
            f"{one.table} at {result.snapshots.get(one.table, 'its pin')}"
        )
        tests.append(_test("relationships", evidence, {"to": given[one.table], "field": one.field}))
    return tests


def generic_tests(schema: str) -> list[Artefact]:
    """Definitions of the tests that a ``schema.yml`` names and dbt itself doesn't have."""
    return [Artefact(f"tests/generic/{RANGE}.sql", _RANGE_TEST, "test")] if f"- {RANGE}:" in schema else []


def _where(result: CapturedResult) -> str:
    pins = ", ".join(f"{table} at {snapshot}" for table, snapshot in sorted(result.snapshots.items()))
    return f" ({pins})" if pins else ""


def _test(name: str, evidence: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"arguments": dict(arguments)} if arguments else {}
    return {name: {**body, "config": {"meta": {"evidence": evidence}}}}
