"""Calls that mean something else with a lambda: ``array_sort`` by a comparator, ``regexp_replace`` by a function."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import lambdas, regexes
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.special import Lower
from olo_jupyter.lakehouse.sql.expressions.typed import Environment
from olo_jupyter.lakehouse.sql.expressions.typed import Typed as Value
from olo_jupyter.lakehouse.sql.types import INTEGER, VARCHAR, TrinoType, array

_FLOATS = ("real", "double")


def _array_sort(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Value:
    """``array_sort(array, (x, y) -> …)``: each element is compared with each, so that an odd comparator is seen."""
    values = lower(nodes[0], env) if len(nodes) == 2 else None
    if values is None or values.type.base != "array":
        raise QueryError("Unexpected parameters for function array_sort", code="function-not-found")
    element = values.type.elements[0]
    pair, body = lambdas.of_one(nodes[1], (element, element), ("{}.x", "{}.y"), env, lower)
    if body.type.base == "unknown" or not can_coerce(body.type, INTEGER):
        raise QueryError(
            f"Unexpected parameters ({values.type}, lambda of {body.type}) for function array_sort",
            code="function-not-found",
        )
    compared = f"list_transform(olo_pairs_of(λa), lambda {pair}: {coerce(body, INTEGER).sql})"
    same = "false" if _has_floats(element) else "true"
    return Value(
        f"list_transform([{values.sql}], lambda λa: olo_by_comparisons(λa, {compared}, {same}))[1]", values.type
    )


def _has_floats(type_: TrinoType) -> bool:
    return type_.base in _FLOATS or any(map(_has_floats, type_.elements))


def _regexp_replace(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Value:
    """``regexp_replace(text, pattern, groups -> …)``: what stands between the matches, and the lambda's texts."""
    if len(nodes) != 3 or not isinstance(nodes[2], exp.Lambda) or len(nodes[2].expressions) != 1:
        raise QueryError("Unexpected parameters for function regexp_replace", code="function-not-found")
    regex, source = regexes.pattern_and_source("regexp_replace", [lower(node, env) for node in nodes[:2]])
    regexes.refuse_empty(regex)
    function = lambdas.plain(nodes[2], [array(VARCHAR)], env, lower)
    if function.type.base != "varchar":
        raise unsupported(f"regexp_replace with a lambda that gives {function.type}")
    pattern = text(regex.text)
    for group in regex.groups:
        regexes.refuse_undecided(group)
    groups = [
        f"{'nullif' if group.absent else 'coalesce'}(regexp_extract_all(λp.s, {pattern}, {number})[λi], '')"
        for number, group in enumerate(regex.groups, start=1)
    ]
    made = f"CAST([{', '.join(groups)}] AS {duck_type(array(VARCHAR))})"
    each = f"list_transform(range(1, len(λp.between)), lambda λi: list_transform([{made}], {function.sql})[1])"
    whole = f"olo_woven(λp.between, {each})"
    parts = f"struct_pack(s := {source}, between := string_split_regex({source}, {pattern}))"
    return Value(f"list_transform([{parts}], lambda λp: {whole})[1]", VARCHAR)


WITH_LAMBDA: dict[str, Callable[[list[exp.Expr], Environment, Lower], Value]] = {
    "array_sort": _array_sort,
    "regexp_replace": _regexp_replace,
}
"""Functions that have another form whose last argument is a lambda."""
