"""``TRY`` and ``TRY_CAST``: which errors become NULL, and which still fail the query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.duck import bound, plain
from olo_jupyter.lakehouse.sql.expressions.lambdas import LambdaScope
from olo_jupyter.lakehouse.sql.expressions.special import Lower
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Environment, Typed

_OUTSIDE = "λtry"


def attempt(value: Typed) -> Typed:
    """``TRY(value)``: NULL in place of an error that depends on the row."""
    # In a lambda, because DuckDB computes what occurs twice inside TRY before it, outside of its protection.
    return Typed(f"list_transform([0], lambda _: TRY({value.sql}))[1]", value.type)


def try_cast(value: Typed, cast: Callable[[Typed], Typed]) -> Typed:
    """NULL for what ``cast`` can't hold; what fails before the cast still fails, as on Trino."""
    if value.constant is not NOT_CONSTANT or plain(value.sql):
        return attempt(cast(value))
    tried = attempt(cast(Typed("λc", value.type)))
    return replace(tried, sql=bound(value.sql, "λc", lambda _: tried.sql))


def _try(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    """Windows and subqueries are computed before, and their errors are errors: Trino's TRY is about a row's own."""
    if len(nodes) != 1:
        raise QueryError("The 'try' function must have exactly one argument", code="invalid-function-argument")
    outside = list(_before(nodes[0]))
    if not outside:
        return attempt(lower(nodes[0], env))
    if outside == [nodes[0]]:
        return lower(nodes[0], env)
    values = [lower(node, env) for node in outside]
    names = [f"{_OUTSIDE}{number}" for number in range(len(values))]
    inside = nodes[0].copy()
    for node, name in zip(list(_before(inside)), names, strict=True):
        node.replace(exp.column(name))
    known = {name: Typed(f"{_OUTSIDE}.{name}", value.type) for name, value in zip(names, values, strict=True)}
    tried = attempt(lower(inside, LambdaScope(env, known)))
    packed = ", ".join(f"{name} := {value.sql}" for name, value in zip(names, values, strict=True))
    return replace(tried, sql=f"list_transform([struct_pack({packed})], lambda {_OUTSIDE}: {tried.sql})[1]")


def _before(node: exp.Expr) -> Iterator[exp.Expr]:
    """The outermost windows and scalar subqueries in ``node``; none of a lambda's, which has values of its own."""
    if isinstance(node, exp.Window | exp.Subquery | exp.Exists):
        yield node
    elif not isinstance(node, exp.Lambda | exp.In | exp.Any | exp.All):
        for child in node.iter_expressions():
            yield from _before(child)


LAZY: dict[str, Callable[[list[exp.Expr], Environment, Lower], Typed]] = {"try": _try}
"""Functions that lower their arguments themselves."""
