"""Functions whose typing or text needs more than a template."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import (
    calls,
    conditionals,
    datetimes,
    formats,
    joda,
    jsons,
    literals,
    moments,
    operators,
    regexes,
)
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS, STRINGS, cast
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import bound, field_names, identifier, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.guards import number, number_keys
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Environment, Typed
from olo_jupyter.lakehouse.sql.types import BIGINT, UNKNOWN, VARCHAR, TrinoType, array, char, shown

Lower = Callable[[exp.Expr, Environment], Typed]


def concat(values: list[Typed]) -> Typed:
    """``a || b`` and ``concat(a, b, …)``: NULL if one is NULL; text, or arrays."""
    types = [value.type for value in values]
    if len(values) < 2:
        raise QueryError("There must be two or more concatenation arguments", code="invalid-function-argument")
    unknown = [type_.base == "unknown" for type_ in types]
    if len(types) == 2 and any(unknown):
        other = types[unknown.index(False)] if not all(unknown) else None
        if other is None or other.base in ("char", "varbinary") or other == VARCHAR:
            raise QueryError("Could not choose a best candidate operator for ||", code="ambiguous-function-call")
        if other.base != "array":
            return cast(literals.null(), array(other))  # Trino takes the NULL for an array
    if all(type_.base == "char" for type_ in types):
        length = sum(type_.parameters[0] for type_ in types)
        return Typed(f"({' || '.join(value.sql for value in values)})", char(length))
    if all(type_.base in (*STRINGS, "unknown") for type_ in types):
        return Typed(f"({' || '.join(coerce(value, VARCHAR).sql for value in values)})", VARCHAR)
    if all(type_.base == "varbinary" for type_ in types):
        return Typed(f"({' || '.join(value.sql for value in values)})", types[0])
    if any(type_.base == "array" for type_ in types):
        return _concat_arrays(values)
    shown = ", ".join(map(str, types))
    raise QueryError(f"Unexpected parameters ({shown}) for function concat", code="function-not-found")


def _concat_arrays(values: list[Typed]) -> Typed:
    """Arrays one after another, or an array and one element of it at either end; NULL if one is NULL."""
    arrays = [value for value in values if value.type.base == "array"]
    if any(value.type.base == "unknown" for value in values):
        raise unsupported("concatenation of an array and NULL")
    if len(arrays) < len(values):
        if len(values) > 2:
            raise unsupported("concatenation of arrays and elements")
        element = common_type([arrays[0].type.elements[0], *(v.type for v in values if v.type.base != "array")])
    else:
        element = common_type(value.type.elements[0] for value in values)
    if element is None:
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function concat", code="function-not-found")
    texts = [
        coerce(value, array(element)).sql
        if value.type.base == "array"
        else bound(coerce(value, element).sql, "e", lambda e: f"CASE WHEN {e} IS NOT NULL THEN [{e}] END")
        for value in values
    ]
    return Typed(f"({' || '.join(texts)})", array(element))


def _array_join(values: list[Typed], env: Environment) -> Typed:
    """The elements as text, without the NULLs or with a text in their place."""
    shown = ", ".join(str(value.type) for value in values)
    strings = all(can_coerce(value.type, VARCHAR) for value in values[1:])
    if len(values) not in (2, 3) or values[0].type.base != "array" or not strings:
        raise QueryError(f"Unexpected parameters ({shown}) for function array_join", code="function-not-found")
    each = identifier("λ;")
    kind = values[0].type.elements[0]
    if kind.base in ("array", "map", "row", "char", "json"):
        raise unsupported(f"function array_join({shown})")
    between, *replacement = (coerce(value, VARCHAR).sql for value in values[1:])
    item = cast(Typed(each, kind), VARCHAR).sql
    if replacement:
        item = f"coalesce({item}, {replacement[0]})"
    written = "array_to_string" if isinstance(values[1].constant, str) else "olo_joined"
    joined = f"{written}(list_transform({values[0].sql}, lambda {each}: {item}), {between})"
    nulls = "".join(f" AND {text} IS NOT NULL" for text in (between, *replacement))
    return Typed(f"CASE WHEN {values[0].sql} IS NOT NULL{nulls} THEN coalesce({joined}, '') END", VARCHAR)


def _concat_ws(values: list[Typed], env: Environment) -> Typed:
    if len(values) == 1 and can_coerce(values[0].type, VARCHAR):
        raise QueryError("There must be two or more arguments to concat_ws", code="invalid-function-argument")
    if len(values) == 2 and can_coerce(values[0].type, VARCHAR) and values[1].type.base == "array":
        if can_coerce(values[1].type, array(VARCHAR)):
            return _array_join([coerce(values[1], array(VARCHAR)), coerce(values[0], VARCHAR)], env)
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function concat_ws", code="function-not-found")
    return calls.scalar("concat_ws", values, _no_lambda)


def _map_concat(values: list[Typed], env: Environment) -> Typed:
    """Maps of one type together; of a key in several the last value counts."""
    kinds = {value.type for value in values}
    if len(values) < 2 or len(kinds) > 1 or values[0].type.base != "map":
        raise unsupported("function map_concat of these arguments")
    if values[0].type.elements[0].base in ("real", "double", "array", "map", "row"):
        raise unsupported(f"function map_concat of {values[0].type}")
    texts = [value.sql for value in values]
    whole = " AND ".join(f"{one} IS NOT NULL" for one in texts)
    return Typed(f"CASE WHEN {whole} THEN map_concat({', '.join(texts)}) END", values[0].type)


def row(fields: list[Typed]) -> Typed:
    """``ROW(a, b)``: fields without names."""
    type_ = TrinoType("row", (), tuple(value.type for value in fields), ("",) * len(fields))
    items = (f"{identifier(name)} := {value.sql}" for name, value in zip(field_names(type_), fields, strict=True))
    return Typed(f"struct_pack({', '.join(items)})", type_)


def field(base: Typed, name: str) -> Typed:
    """``row.name``."""
    if base.type.base != "row":
        raise QueryError(f"Expression of type {base.type} has no fields", code="type-mismatch")
    found = [index for index, known in enumerate(base.type.names) if known.lower() == name.lower()]
    if not found:
        raise QueryError(f"Column reference '{name}' is invalid", code="invalid-column-reference")
    if len(found) > 1:
        raise QueryError(f"Ambiguous row field reference: {name}", code="ambiguous-name")
    inner = field_names(base.type)[found[0]]
    return Typed(f"struct_extract({base.sql}, {text(inner)})", base.type.elements[found[0]])


def subscript(base: Typed, index: Typed) -> Typed:
    """``array[i]`` from 1, an error outside; ``map[key]``, an error where it is missing; ``row[i]`` by a literal."""
    kind = base.type.base
    if kind == "unknown":
        return literals.null()
    if kind == "array" and can_coerce(index.type, BIGINT):
        return Typed(f"olo_subscript({base.sql}, {coerce(index, BIGINT).sql})", base.type.elements[0])
    if kind == "map" and can_coerce(index.type, base.type.elements[0]):
        key = coerce(index, base.type.elements[0])
        entries = number_keys(base.sql, base.type)
        return Typed(f"olo_map_subscript({entries}, {number(key.sql, key.type)})", base.type.elements[1])
    if kind == "row" and isinstance(index.constant, int) and 1 <= index.constant <= len(base.type.elements):
        name = field_names(base.type)[index.constant - 1]
        return Typed(f"struct_extract({base.sql}, {text(name)})", base.type.elements[index.constant - 1])
    raise QueryError(f"Cannot use {index.type} for subscript of {base.type}", code="type-mismatch")


def check_extract(name: str, type_: TrinoType) -> None:
    """EXTRACT, unlike the functions of the same names, takes no other types than its own.

    Raises:
        QueryError: syntax-error or type-mismatch.
    """
    types = datetimes.EXTRACT.get(name)
    if types is None:
        raise QueryError(f"Invalid EXTRACT field: {name.upper()}", code="syntax-error")
    if type_.base not in types:
        raise QueryError(f"Cannot extract {name} from {type_}", code="type-mismatch")


def _extremum(function: str) -> Callable[[list[Typed], Environment], Typed]:
    def build(values: list[Typed], env: Environment) -> Typed:
        common = common_type(value.type for value in values)
        if common is None or not values:
            shown = ", ".join(str(value.type) for value in values)
            raise QueryError(f"Unexpected parameters ({shown}) for function {function}", code="function-not-found")
        if common.base in ("array", "map", "row", "json"):
            raise unsupported(f"function {function} of {common}")
        texts = [coerce(value, common).sql for value in values]
        nulls = " OR ".join(f"{one} IS NULL" for one in texts)
        if common.base in ("real", "double"):
            # NaN loses against every number; DuckDB holds it for the greatest.
            nan = f"CAST('NaN' AS {'FLOAT' if common.base == 'real' else 'DOUBLE'})"
            texts = [f"nullif({one}, {nan})" for one in texts] if function == "greatest" else texts
            inner = f"coalesce({function}({', '.join(texts)}), {nan})"
        else:
            inner = f"{function}({', '.join(texts)})"
        return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {inner} END)", common)

    return build


def _nullif(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 2:
        raise QueryError("The 'nullif' function must have two arguments", code="invalid-function-argument")
    return conditionals.nullif(values[0], values[1])


def _map(values: list[Typed], env: Environment) -> Typed:
    if not values:
        return Typed("MAP {}", TrinoType("map", (), (UNKNOWN, UNKNOWN)))
    if len(values) == 2 and UNKNOWN in (values[0].type, values[1].type):
        raise unsupported("function map of NULL")
    if len(values) != 2 or any(value.type.base != "array" for value in values):
        shown = ", ".join(str(value.type) for value in values)
        raise QueryError(f"Unexpected parameters ({shown}) for function map", code="function-not-found")
    keys, items = values
    type_ = TrinoType("map", (), (keys.type.elements[0], items.type.elements[0]))
    return Typed(f"olo_map({keys.sql}, {items.sql})", type_)


def _typeof(values: list[Typed], env: Environment) -> Typed:
    if len(values) != 1:
        raise QueryError("Unexpected parameters for function typeof", code="function-not-found")
    name = shown(values[0].type)
    if values[0].constant is not NOT_CONSTANT:
        return Typed(text(name), VARCHAR, name)
    # The value is computed all the same: it may be an error.
    return Typed(f"(CASE WHEN {values[0].sql} IS NULL THEN {text(name)} ELSE {text(name)} END)", VARCHAR)


def _mod(values: list[Typed], env: Environment) -> Typed:
    """``mod(a, b)``: the operator %, but that Trino's mod of integers fails at zero with an error of its own."""
    bases = {value.type.base for value in values}
    if len(values) == 2 and bases & {"decimal", "real"} and bases <= {*INTEGERS, *FLOATS, "decimal"}:
        return operators.arithmetic("%", values[0], values[1])
    return calls.scalar("mod", values, _no_lambda)


def _no_lambda(node: exp.Lambda, types: list[TrinoType]) -> Typed:
    raise unsupported("a lambda here")


SPECIAL: dict[str, Callable[[list[Typed], Environment], Typed]] = {
    "coalesce": lambda values, env: conditionals.coalesce(values),
    "nullif": _nullif,
    "concat": lambda values, env: concat(values),
    "row": lambda values, env: row(values),
    "mod": _mod,
    "map": _map,
    "map_concat": _map_concat,
    "array_join": _array_join,
    "concat_ws": _concat_ws,
    "greatest": _extremum("greatest"),
    "least": _extremum("least"),
    "typeof": _typeof,
    **datetimes.FUNCTIONS,
    **moments.FUNCTIONS,
    **joda.FUNCTIONS,
    **jsons.FUNCTIONS,
    **regexes.FUNCTIONS,
    **formats.FUNCTIONS,
}
"""Functions of lowered arguments."""
