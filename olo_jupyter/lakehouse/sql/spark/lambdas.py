"""Functions whose lambda takes several values at once, in Spark's words for them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.spark.lists import UNKEYED
from olo_jupyter.lakehouse.sql.spark.operators import condition
from olo_jupyter.lakehouse.sql.spark.proved import need
from olo_jupyter.lakehouse.sql.spark.text import unsupported
from olo_jupyter.lakehouse.sql.types import UNKNOWN, TrinoType, array

Lower = Callable[[exp.Expr, Environment], Typed]
LowerLambda = Callable[[exp.Lambda, list[TrinoType], Environment], Typed]


def call(name: str, nodes: list[exp.Expr], env: Environment, lower: Lower, lower_lambda: LowerLambda) -> Typed | None:
    """The call of one of them; None for another function."""
    if name not in _FUNCTIONS:
        return None
    need(f"function {name}")
    return _FUNCTIONS[name](name, nodes, env, lower, lower_lambda)


def _wrong(name: str) -> QueryError:
    return QueryError(f"Unexpected parameters for function {name}", code="function-not-found")


def _of_several(
    node: exp.Expr, types: list[TrinoType], name: str, env: Environment, lower_lambda: LowerLambda
) -> Typed:
    if not isinstance(node, exp.Lambda) or len(node.expressions) != len(types):
        raise _wrong(name)
    return lower_lambda(node, types, env)


def _of_map(name: str, nodes: list[exp.Expr], env: Environment, lower: Lower, lower_lambda: LowerLambda) -> Typed:
    """map_filter, transform_values, transform_keys."""
    if len(nodes) != 2:
        raise _wrong(name)
    value = lower(nodes[0], env)
    if value.type.base != "map":
        raise _wrong(name)
    key, item = value.type.elements
    made = _of_several(nodes[1], [key, item], name, env, lower_lambda)
    if name == "map_filter":
        condition(made, "Lambda")
        return Typed(f"map_filter({value.sql}, {made.sql})", value.type)
    if name == "transform_values":
        return Typed(f"transform_values({value.sql}, {made.sql})", TrinoType("map", (), (key, made.type)))
    if made.type.base in UNKEYED or made.type == UNKNOWN:
        raise unsupported(f"map with keys of {made.type} here")
    return Typed(f"transform_keys({value.sql}, {made.sql})", TrinoType("map", (), (made.type, item)))


def _zip_with(name: str, nodes: list[exp.Expr], env: Environment, lower: Lower, lower_lambda: LowerLambda) -> Typed:
    if len(nodes) != 3:
        raise _wrong(name)
    left, right = lower(nodes[0], env), lower(nodes[1], env)
    if left.type.base != "array" or right.type.base != "array":
        raise _wrong(name)
    made = _of_several(nodes[2], [left.type.elements[0], right.type.elements[0]], name, env, lower_lambda)
    return Typed(f"zip_with({left.sql}, {right.sql}, {made.sql})", array(made.type))


def _reduce(name: str, nodes: list[exp.Expr], env: Environment, lower: Lower, lower_lambda: LowerLambda) -> Typed:
    """``reduce(array, start, (state, element) -> …, state -> …)``: the types of state and start are one."""
    if len(nodes) != 4:
        raise _wrong(name)
    values, start = lower(nodes[0], env), lower(nodes[1], env)
    if values.type.base != "array":
        raise _wrong(name)
    step = _of_several(nodes[2], [start.type, values.type.elements[0]], name, env, lower_lambda)
    if step.type != start.type or start.type.base == "unknown":
        raise unsupported("reduce whose lambdas don't keep the type of the start")
    last = _of_several(nodes[3], [start.type], name, env, lower_lambda)
    return Typed(f"aggregate({values.sql}, {start.sql}, {step.sql}, {last.sql})", last.type)


_FUNCTIONS: dict[str, Callable[[str, list[exp.Expr], Environment, Lower, LowerLambda], Typed]] = {
    "map_filter": _of_map,
    "transform_values": _of_map,
    "transform_keys": _of_map,
    "zip_with": _zip_with,
    "reduce": _reduce,
}
