"""Lambdas: what their parameters stand for, and the functions that pass several values to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import special
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier, unsupported
from olo_jupyter.lakehouse.sql.expressions.operators import condition
from olo_jupyter.lakehouse.sql.expressions.special import Lower
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.types import TrinoType, array


@dataclass
class LambdaScope:
    """The names that a lambda adds to its surroundings.

    Args:
        field: The dialect's ``row.name``.
    """

    outer: Environment
    names: dict[str, Typed]
    field: Callable[[Typed, str], Typed] = special.field

    @property
    def now(self) -> datetime:
        return self.outer.now

    def column(self, node: exp.Column | exp.Dot) -> Typed:
        parts = [part.name for part in node.parts]
        value = self.names.get(parts[0].lower())
        if value is None:
            return self.outer.column(node)
        for part in parts[1:]:
            value = self.field(value, part)
        return value

    def parameter(self, node: exp.Placeholder | exp.Parameter) -> Typed:
        return self.outer.parameter(node)

    def scalar_subquery(self, node: exp.Query) -> Typed:
        raise unsupported("subquery in a lambda")

    def subquery_column(self, node: exp.Query, *, as_row: bool = False) -> Typed:
        raise unsupported("subquery in a lambda")

    def exists(self, node: exp.Query) -> str:
        raise unsupported("subquery in a lambda")


def plain(node: exp.Lambda, types: list[TrinoType], env: Environment, lower: Lower) -> Typed:
    """``x -> …`` as DuckDB's ``lambda x: …``, with the type of its result."""
    names = [parameter.name for parameter in node.expressions]
    values = {name.lower(): Typed(identifier(f"λ{name}"), type_) for name, type_ in zip(names, types, strict=True)}
    body = lower(node.this, LambdaScope(env, values))
    return Typed(f"lambda {', '.join(identifier(f'λ{name}') for name in names)}: {body.sql}", body.type)


def of_one(
    node: exp.Expr, types: tuple[TrinoType, ...], parts: tuple[str, ...], env: Environment, lower: Lower
) -> tuple[str, Typed]:
    """A lambda of several parameters, which are ``parts`` of one value: the name of that value, and the body.

    Args:
        parts: Templates of each parameter around the value, such as ``{}.key``.
    """
    if not isinstance(node, exp.Lambda) or len(node.expressions) != len(types):
        raise QueryError(f"Expected a lambda that takes {len(types)} argument(s)", code="function-not-found")
    names = [parameter.name for parameter in node.expressions]
    whole = identifier("λ" + ",".join(names))
    values = {
        name.lower(): Typed(part.format(whole), type_) for name, type_, part in zip(names, types, parts, strict=True)
    }
    return whole, lower(node.this, LambdaScope(env, values))


def _map(name: str, nodes: list[exp.Expr], env: Environment, lower: Lower) -> tuple[Typed, str, Typed]:
    """The map, the name of its entry and the lambda's body over key and value."""
    if len(nodes) != 2:
        raise QueryError(f"Unexpected parameters for function {name}", code="function-not-found")
    value = lower(nodes[0], env)
    if value.type.base != "map":
        raise QueryError(f"Unexpected parameters ({value.type}, lambda) for function {name}", code="function-not-found")
    entry, body = of_one(nodes[1], value.type.elements, ("{}.key", "{}.value"), env, lower)
    return value, entry, body


def _exact_keys(type_: TrinoType) -> None:
    if type_.base in ("real", "double", "array", "map", "row"):
        raise unsupported(f"map with keys of {type_} here")


def _map_filter(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    value, entry, body = _map("map_filter", nodes, env, lower)
    test = condition(body, "Lambda")
    return Typed(f"map_from_entries(list_filter(map_entries({value.sql}), lambda {entry}: {test}))", value.type)


def _transform_values(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    value, entry, body = _map("transform_values", nodes, env, lower)
    type_ = TrinoType("map", (), (value.type.elements[0], body.type))
    item = f"struct_pack(k := {entry}.key, v := {body.sql})"
    return Typed(f"map_from_entries(list_transform(map_entries({value.sql}), lambda {entry}: {item}))", type_)


def _transform_keys(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    value, entry, body = _map("transform_keys", nodes, env, lower)
    _exact_keys(body.type)
    type_ = TrinoType("map", (), (body.type, value.type.elements[1]))
    item = f"struct_pack(k := {body.sql}, v := {entry}.value)"
    entries = f"list_transform(map_entries({value.sql}), lambda {entry}: {item})"
    return Typed(f"olo_map_of_entries({entries}, 'k', 'v')", type_)


def _map_zip_with(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    """``map_zip_with(a, b, (key, x, y) -> …)``: over the keys of both, NULL where one has none."""
    if len(nodes) != 3:
        raise QueryError("Unexpected parameters for function map_zip_with", code="function-not-found")
    left, right = lower(nodes[0], env), lower(nodes[1], env)
    if left.type.base != "map" or right.type.base != "map":
        raise QueryError("Unexpected parameters for function map_zip_with", code="function-not-found")
    key = left.type.elements[0]
    if key != right.type.elements[0]:
        raise unsupported("map_zip_with of maps whose keys have different types")
    _exact_keys(key)
    types = (key, left.type.elements[1], right.type.elements[1])
    triple, body = of_one(nodes[2], types, ("{}.k", "{}.a", "{}.b"), env, lower)
    entries = f"olo_zipped_maps({left.sql}, {right.sql})"
    item = f"struct_pack(k := {triple}.k, v := {body.sql})"
    type_ = TrinoType("map", (), (key, body.type))
    return Typed(f"map_from_entries(list_transform({entries}, lambda {triple}: {item}))", type_)


def _zip_with(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    if len(nodes) != 3:
        raise QueryError("Unexpected parameters for function zip_with", code="function-not-found")
    left, right = lower(nodes[0], env), lower(nodes[1], env)
    if left.type.base != "array" or right.type.base != "array":
        raise QueryError("Unexpected parameters for function zip_with", code="function-not-found")
    types = (left.type.elements[0], right.type.elements[0])
    pair, body = of_one(nodes[2], types, ("{}.a", "{}.b"), env, lower)
    pairs = f"olo_pairs({left.sql}, {right.sql})"
    return Typed(f"list_transform({pairs}, lambda {pair}: {body.sql})", array(body.type))


def _reduce(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    """``reduce(array, start, (state, element) -> …, state -> …)``: the types of state and start are one."""
    if len(nodes) != 4 or not isinstance(nodes[2], exp.Lambda) or not isinstance(nodes[3], exp.Lambda):
        raise QueryError("Unexpected parameters for function reduce", code="function-not-found")
    values, start = lower(nodes[0], env), lower(nodes[1], env)
    if values.type.base != "array":
        raise QueryError("Unexpected parameters for function reduce", code="function-not-found")
    if len(nodes[3].expressions) != 1:
        raise unsupported("reduce whose lambdas don't keep the type of the start")
    last = plain(nodes[3], [start.type], env, lower)
    found = f"list_transform([{fold(values, start, nodes[2], env, lower)}], {last.sql})[1]"
    return Typed(f"CASE WHEN {values.sql} IS NOT NULL THEN {found} END", last.type)


def fold(values: Typed, start: Typed, node: exp.Lambda, env: Environment, lower: Lower) -> str:
    """The last state: ``start``, and then what ``(state, element) -> …`` makes of it with each element.

    Raises:
        Unsupported: The lambda gives another type than that of the start.
    """
    names = [parameter.name for parameter in node.expressions]
    step = plain(node, [start.type, values.type.elements[0]], env, lower) if len(names) == 2 else None
    if step is None or step.type != start.type:
        raise unsupported("reduce whose lambdas don't keep the type of the start")
    # DuckDB wants states and elements of one type: both are put into one struct, of which each uses its own half.
    state, element = duck_type(start.type), duck_type(values.type.elements[0])
    scope = {
        names[0].lower(): Typed(f"{identifier('λ' + names[0])}.s", start.type),
        names[1].lower(): Typed(f"{identifier('λ' + names[1])}.e", values.type.elements[0]),
    }
    body = lower(node.this, LambdaScope(env, scope))
    packed = "struct_pack(s := CAST({} AS " + state + "), e := CAST({} AS " + element + "))"
    each = identifier("λ;")
    items = f"list_transform({values.sql}, lambda {each}: {packed.format('NULL', each)})"
    parameters = ", ".join(identifier("λ" + name) for name in names)
    first = packed.format(start.sql, "NULL")
    reduced = f"list_reduce({items}, lambda {parameters}: {packed.format(body.sql, 'NULL')}, {first})"
    return f"struct_extract({reduced}, 's')"


LAZY: dict[str, Callable[[list[exp.Expr], Environment, Lower], Typed]] = {
    "map_filter": _map_filter,
    "transform_values": _transform_values,
    "transform_keys": _transform_keys,
    "map_zip_with": _map_zip_with,
    "zip_with": _zip_with,
    "reduce": _reduce,
}
"""Functions whose lambda takes several values at once."""
