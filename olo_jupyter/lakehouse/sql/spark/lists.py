"""Aggregates that are a group's values in an order: array_agg(… ORDER BY …), LISTAGG, map_agg, max(x, n)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import bound, fail, refuse, unsupported

Lower = Callable[[exp.Expr, Environment], Typed]
NESTED = ("array", "map", "row", "json")
UNKEYED = frozenset([*NESTED, *FLOATS, "timestamp with time zone"])
"""Types of keys of maps that aren't equal in Spark as in Trino, or have no proof of it."""


def in_order(
    value: str, order: Sequence[exp.Ordered], env: Environment, lower: Lower, tail: str, *, skip: str = ""
) -> str:
    """The values of a group as an array, in order; rows for which ``skip`` holds are left out.

    Spark sorts no rows inside an aggregate: the keys are gathered with the values, and the array is sorted by them.
    """
    keys = [lower(item.this, env) for item in order]
    tests = []
    for at, (item, key) in enumerate(zip(order, keys, strict=True)):
        descending, nulls_first = bool(item.args.get("desc")), bool(item.args.get("nulls_first"))
        if key.type.base in NESTED or (nulls_first and key.type.base in FLOATS):
            raise unsupported(f"ORDER BY of {key.type} inside an aggregate")
        need(
            f"ORDER BY of {key.type.base} in a list{' DESC' if descending else ''}{' NULLS FIRST' if nulls_first else ''}"
        )
        a, b, less, null = f"a.k{at}", f"b.k{at}", 1 if descending else -1, -1 if nulls_first else 1
        tests += [
            f"WHEN {a} IS NULL AND {b} IS NOT NULL THEN {null}",
            f"WHEN {a} IS NOT NULL AND {b} IS NULL THEN {-null}",
            f"WHEN {a} < {b} THEN {less}",
            f"WHEN {a} > {b} THEN {-less}",
        ]
    fields = [*(f"'k{at}', {key.sql}" for at, key in enumerate(keys)), f"'v', {value}"]
    entry = f"named_struct({', '.join(fields)})"
    entry = f"CASE WHEN NOT ({skip}) THEN {entry} END" if skip else entry
    gathered = f"collect_list({entry}){tail}"
    compared = f"(a, b) -> CASE {' '.join(tests)} ELSE 0 END"
    ordered = f"array_sort({gathered}, {compared})" if tests else gathered
    return f"transform({ordered}, a -> a.v)"


def array_agg(value: Typed, order: Sequence[exp.Ordered], env: Environment, lower: Lower, tail: str) -> str:
    """``array_agg(value ORDER BY …)``: NULL where there is no row."""
    return bound(in_order(value.sql, order, env, lower, tail), lambda a: f"(CASE WHEN size({a}) > 0 THEN {a} END)")


def joined(
    value: str, between: str, order: Sequence[exp.Ordered], env: Environment, lower: Lower, tail: str, *, distinct: bool
) -> str:
    """``LISTAGG(value, between) WITHIN GROUP (ORDER BY …)``."""
    listed = in_order(value, order, env, lower, tail, skip=f"{value} IS NULL")
    listed = f"array_distinct({listed})" if distinct else listed
    return bound(listed, lambda a: f"(CASE WHEN size({a}) > 0 THEN array_join({a}, {between}) END)")


def map_agg(key: Typed, value: Typed, tail: str) -> str:
    """``map_agg(key, value)``. Of a key that comes twice Trino keeps the value that came first: refused."""
    if key.type.base in UNKEYED:
        raise unsupported(f"aggregate function map_agg over {key.type}")
    entries = (
        f"collect_list(CASE WHEN {key.sql} IS NOT NULL THEN named_struct('k', {key.sql}, 'v', {value.sql}) END){tail}"
    )
    twice = refuse("aggregate function map_agg where a key comes twice")

    def build(e: str) -> str:
        repeated = f"size(array_distinct(transform({e}, x -> x.k))) < size({e})"
        return f"(CASE WHEN size({e}) = 0 THEN NULL WHEN {repeated} THEN {twice} ELSE map_from_entries({e}) END)"

    return bound(entries, build)


def extremes(name: str, value: Typed, count: Typed, tail: str) -> str:
    """``max(x, n)``, ``min(x, n)``: the n greatest, or least, values."""
    if value.type.base in (*NESTED, *FLOATS):
        raise unsupported(f"aggregate function {name} of {value.type} and a number")
    if not isinstance(count.constant, int) or not 0 <= count.constant <= 10_000:
        raise unsupported(f"aggregate function {name} with a number that isn't a literal up to 10000")
    if count.constant == 0:
        wrong = fail("invalid-function-argument", "'n must be greater than 0'")
        return f"(CASE WHEN count(*){tail} > 0 THEN {wrong} END)"
    ordered = f"sort_array(collect_list({value.sql}){tail}, {'false' if name == 'max' else 'true'})"
    return bound(ordered, lambda a: f"(CASE WHEN size({a}) > 0 THEN slice({a}, 1, {count.constant}) END)")
