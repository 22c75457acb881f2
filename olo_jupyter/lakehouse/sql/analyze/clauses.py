"""What may stand in which clause: aggregations, window functions and subqueries found in expressions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from olo_jupyter.lakehouse.sql.parse import fail

AGGREGATES = frozenset(
    [
        "any_value",
        "approx_distinct",
        "approx_most_frequent",
        "approx_percentile",
        "approx_set",
        "arbitrary",
        "array_agg",
        "avg",
        "bitwise_and_agg",
        "bitwise_or_agg",
        "bitwise_xor_agg",
        "bool_and",
        "bool_or",
        "checksum",
        "convex_hull_agg",
        "corr",
        "count",
        "count_if",
        "covar_pop",
        "covar_samp",
        "entropy",
        "every",
        "evaluate_classifier_predictions",
        "geometric_mean",
        "geometry_union_agg",
        "histogram",
        "kurtosis",
        "learn_classifier",
        "learn_libsvm_classifier",
        "learn_libsvm_regressor",
        "learn_regressor",
        "listagg",
        "make_set_digest",
        "map_agg",
        "map_union",
        "max",
        "max_by",
        "merge",
        "merge_set_digest",
        "min",
        "min_by",
        "multimap_agg",
        "numeric_histogram",
        "qdigest_agg",
        "reduce_agg",
        "regr_intercept",
        "regr_slope",
        "regr_avgx",
        "regr_avgy",
        "regr_count",
        "regr_r2",
        "regr_sxx",
        "regr_sxy",
        "regr_syy",
        "skewness",
        "spatial_partitioning",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "sum",
        "tdigest_agg",
        "var_pop",
        "var_samp",
        "variance",
    ]
)
"""Trino's aggregate functions (its documentation's list), whether this engine has them or not."""

_AROUND_FUNCTION = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def is_query(node: exp.Expr) -> bool:
    """Whether ``node`` is a query of its own, whose names are another scope's."""
    return isinstance(node, exp.Query | exp.Values)


def function_of(node: exp.Expr) -> exp.Expr:
    """The call inside FILTER, IGNORE NULLS and WITHIN GROUP."""
    while isinstance(node, _AROUND_FUNCTION):
        node = node.this
    return node


def is_aggregation(node: exp.Expr) -> bool:
    """Whether ``node`` (not the function of a window) is the call of an aggregate function, its FILTER included."""
    call = function_of(node)
    if isinstance(call, exp.GroupConcat):
        return True
    if not isinstance(call, exp.Anonymous):
        return False
    return str(call.this).lower() in AGGREGATES or call is not node


def is_grouping(node: exp.Expr) -> bool:
    """Whether ``node`` is ``grouping(…)``."""
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "grouping"


def inside(node: exp.Expr) -> Iterator[exp.Expr]:
    """``node`` and all below it, but not into subqueries; the function of a window isn't given, what is in it is."""
    if is_query(node):
        return
    yield node
    skipped = function_of(node.this) if isinstance(node, exp.Window) and isinstance(node.this, exp.Expr) else None
    for child in node.iter_expressions():
        yield from _inside_window(child, skipped) if skipped is not None else inside(child)


def _inside_window(node: exp.Expr, function: exp.Expr) -> Iterator[exp.Expr]:
    if node is function or function_of(node) is function:
        for child in node.iter_expressions():
            yield from _inside_window(child, function)
        return
    yield from inside(node)


def has_aggregation(node: exp.Expr) -> bool:
    return any(is_aggregation(part) or is_grouping(part) for part in inside(node))


def has_window(node: exp.Expr) -> bool:
    return any(isinstance(part, exp.Window) for part in inside(node))


def only_scalar(node: exp.Expr, clause: str) -> None:
    """Refuse aggregations, windows and grouping() in a clause that has none.

    Raises:
        QueryError: expression-not-scalar.
    """
    for part in inside(node):
        if is_aggregation(part) or is_grouping(part) or isinstance(part, exp.Window):
            message = f"{clause} cannot contain aggregations, window functions or grouping operations: [{shown(part)}]"
            raise fail(message, "expression-not-scalar", part)


def shown(node: exp.Expr) -> str:
    """``node`` as text for a message."""
    return node.sql(dialect="trino")
