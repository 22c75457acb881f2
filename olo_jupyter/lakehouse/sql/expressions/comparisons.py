"""Comparison by Trino's rules: of scalars, and of arrays, rows and maps element by element.

What is inside a nested value compares as it does by itself: NULL gives NULL, unless another element has decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import bound, drawn_once, duck_type, field_names, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.operators import mismatch
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, JSON, TrinoType

_ORDERABLE = (
    *INTEGERS,
    "decimal",
    *FLOATS,
    "varchar",
    "char",
    "boolean",
    "date",
    "time",
    "timestamp",
    "timestamp with time zone",
    "interval year to month",
    "interval day to second",
    "varbinary",
    "uuid",
    "unknown",
)
_NESTED = ("array", "row", "map")
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def comparison(op: str, left: Typed, right: Typed) -> Typed:
    """``left op right`` for ``= <> < <= > >=``: NaN is neither equal to, nor less, nor greater than anything.

    Raises:
        QueryError: type-mismatch.
        Unsupported: Types whose comparison isn't proved.
    """
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None:
        raise mismatch(op, left.type, right.type)
    if op not in ("=", "<>") and unordered(common):
        raise mismatch(op, left.type, right.type)
    if common.base in _NESTED:
        return _nested(op, coerce(left, common), coerce(right, common), 0)
    if common.base not in _ORDERABLE and common != JSON:
        raise unsupported(f"operator {op} on {common}")
    a, b = _comparable(left, common), _comparable(right, common)
    if common.base not in FLOATS:
        return Typed(f"({a.sql} {op} {b.sql})", BOOLEAN)
    return Typed(
        drawn_once(
            a.sql,
            "drawn_left",
            lambda x: drawn_once(
                b.sql, "drawn_right", lambda y: _float_comparison(op, replace(a, sql=x), replace(b, sql=y))
            ),
        ),
        BOOLEAN,
    )


def unordered(type_: TrinoType) -> bool:
    """Whether values of a type have equality only."""
    return type_.base in ("json", "map") or any(map(unordered, type_.elements))


def _nested(op: str, left: Typed, right: Typed, depth: int) -> Typed:
    """The comparison of two arrays, rows or maps of one type; lambdas at each depth have names of their own."""
    if op in (">", ">="):
        return _nested(_FLIPPED[op], right, left, depth)
    if op == "<>":
        return Typed(f"(NOT {_nested('=', left, right, depth).sql})", BOOLEAN)
    build = {"array": _arrays, "row": _rows, "map": _maps}[left.type.base]
    sql = bound(
        left.sql,
        f"l{depth}",
        lambda a: bound(
            right.sql, f"r{depth}", lambda b: build(op, replace(left, sql=a), replace(right, sql=b), depth)
        ),
    )
    return Typed(sql, BOOLEAN)


def _element(op: str, type_: TrinoType, a: str, b: str, depth: int) -> str:
    if type_.base in _NESTED:
        return _nested(op, Typed(a, type_), Typed(b, type_), depth + 1).sql
    return comparison(op, Typed(a, type_), Typed(b, type_)).sql


def _arrays(op: str, left: Typed, right: Typed, depth: int) -> str:
    kind, pair = left.type.elements[0], f"p{depth}"
    same = _element("=", kind, f"{pair}[1]", f"{pair}[2]", depth)
    a, b = left.sql, right.sql
    each = f"list_transform(list_zip({a}, {b}, true), lambda {pair}: {same})"
    present = f"{a} IS NULL OR {b} IS NULL THEN NULL WHEN"
    if op == "=":
        return f"CASE WHEN {present} len({a}) <> len({b}) THEN false ELSE olo_all_true({each}) END"
    # The first pair that isn't equal decides: NULL where one of it is NULL. Without one the shorter array is less.
    at = f"i{depth}"
    less = _element("<", kind, f"{a}[{at}]", f"{b}[{at}]", depth)
    decided = f"CASE WHEN {at} IS NULL THEN len({a}) {op} len({b}) ELSE {less} END"
    first = f"list_position(list_transform({each}, lambda {pair}: coalesce({pair}, false)), false)"
    return f"CASE WHEN {present} true THEN list_transform([{first}], lambda {at}: {decided})[1] END"


def _rows(op: str, left: Typed, right: Typed, depth: int) -> str:
    pairs = []
    fields = zip(field_names(left.type), field_names(right.type), left.type.elements, strict=True)
    for mine, other, kind in fields:
        a, b = f"struct_extract({left.sql}, {text(mine)})", f"struct_extract({right.sql}, {text(other)})"
        pairs.append(tuple(_element(one, kind, a, b, depth) for one in ("=", "<", op)))
    return _fields(op, pairs)


def _fields(op: str, pairs: Sequence[tuple[str, ...]]) -> str:
    """Fields side by side, each as the texts of its ``=``, ``<`` and ``op``."""
    if op == "=":
        return f"({' AND '.join(equal for equal, _, _ in pairs)})"
    # As in arrays: the first field that isn't equal decides.
    result = pairs[-1][2]
    for equal, less, _ in reversed(pairs[:-1]):
        result = f"CASE WHEN {equal} THEN {result} ELSE {less} END"
    return f"({result})"


def _maps(op: str, left: Typed, right: Typed, depth: int) -> str:
    key, kind = left.type.elements
    if key.base in (*FLOATS, *_NESTED, "json"):
        raise unsupported(f"operator = on {left.type}")
    a, b, entry = left.sql, right.sql, f"p{depth}"
    same = _element("=", kind, f"{entry}.value", f"map_extract({b}, {entry}.key)[1]", depth)
    test = f"CASE WHEN map_contains({b}, {entry}.key) THEN {same} ELSE false END"
    each = f"list_transform(map_entries({a}), lambda {entry}: {test})"
    return (
        f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN cardinality({a}) <> cardinality({b}) THEN false "
        f"ELSE olo_all_true({each}) END"
    )


def row_comparison(op: str, left: list[Typed], right: list[Typed]) -> Typed:
    """``(a, b) op (c, d)``, field by field.

    Raises:
        QueryError: type-mismatch.
    """
    if len(left) != len(right):
        raise QueryError(f"Rows of {len(left)} and {len(right)} fields can't be compared", code="type-mismatch")
    if op in (">", ">="):
        return row_comparison(_FLIPPED[op], right, left)
    if op == "<>":
        return Typed(f"(NOT {row_comparison('=', left, right).sql})", BOOLEAN)
    wanted = ("=", "=", "=") if op == "=" else ("=", "<", op)
    pairs = [tuple(comparison(one, a, b).sql for one in wanted) for a, b in zip(left, right, strict=True)]
    return Typed(_fields(op, pairs), BOOLEAN)


def _comparable(value: Typed, common: TrinoType) -> Typed:
    """``value`` as ``common``; refused at run time where the decimals' common type has no room for it.

    Trino compares some of those without turning them into it, which ones depends on its plan.
    """
    plain = coerce(value, common)
    if common.base != "decimal" or value.type.base != "decimal":
        return plain
    (p, s), (p2, s2) = value.type.parameters, common.parameters
    if p - s <= p2 - s2:
        return plain
    limit = f"CAST('1{'0' * (p2 - s2)}' AS DECIMAL({p2 - s2 + 1},0))"
    refused = f"CAST(olo_refuse_narrowing() AS {duck_type(value.type)})"
    fits = f"(CASE WHEN abs({value.sql}) >= {limit} THEN {refused} ELSE {value.sql} END)"
    return coerce(Typed(fits, value.type), common)


def _float_comparison(op: str, a: Typed, b: Typed) -> str:
    if op in _FLIPPED and op[0] == ">":
        return _float_comparison(_FLIPPED[op], b, a)
    if op == "<>":
        return f"(NOT {_float_comparison('=', a, b)})"
    if op == "=":
        plain = _never_nan(a) or _never_nan(b)
        return f"({a.sql} = {b.sql})" if plain else f"olo_nan_eq({a.sql}, {b.sql})"
    if _never_nan(b):
        return f"({a.sql} {op} {b.sql})"
    if _never_nan(a):
        return f"(({a.sql} {op} {b.sql}) AND NOT isnan({b.sql}))"
    return f"olo_nan_{'lt' if op == '<' else 'le'}({a.sql}, {b.sql})"


def _never_nan(value: Typed) -> bool:
    return value.constant not in (NOT_CONSTANT, None) and value.constant == value.constant


def distinct(left: Typed, right: Typed, negated: bool) -> Typed:
    """``left IS [NOT] DISTINCT FROM right``: NaN is not distinct from NaN, in both engines."""
    left, right = zones.instants(left), zones.instants(right)
    common = common_type((left.type, right.type))
    if common is None:
        raise mismatch("IS DISTINCT FROM", left.type, right.type)
    if _has_map(common):
        raise unsupported(f"operator IS DISTINCT FROM on {common}")  # DuckDB's maps have an order
    a, b = _comparable(left, common), _comparable(right, common)
    return Typed(f"({a.sql} IS {'NOT ' if negated else ''}DISTINCT FROM {b.sql})", BOOLEAN)


def _has_map(type_: TrinoType) -> bool:
    return type_.base == "map" or any(map(_has_map, type_.elements))


def between(value: Typed, low: Typed, high: Typed) -> Typed:
    """``value BETWEEN low AND high``."""
    value, low, high = map(zones.instants, (value, low, high))
    if value.drawn:
        parts = bound(value.sql, "drawn", lambda v: between(replace(value, sql=v), low, high).sql)
        return Typed(parts, BOOLEAN)
    if value.type == low.type == high.type and value.type.base in _ORDERABLE and value.type.base not in FLOATS:
        return Typed(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", BOOLEAN)
    common = common_type((value.type, low.type, high.type))
    if common is None:
        raise QueryError(
            f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}",
            code="type-mismatch",
        )
    least = comparison(">=", value, low)
    return Typed(f"({least.sql} AND {comparison('<=', value, high).sql})", BOOLEAN)


def _a_range_and_null(items: list[Typed]) -> bool:
    """Whether Trino 483 may make ``BETWEEN`` of the list, and then says of NULL that it is in it."""
    values = [item.constant for item in items]
    if None not in values:
        return False
    known = {value for value in values if value is not None and value is not NOT_CONSTANT}
    if NOT_CONSTANT in values or not all(isinstance(value, int) for value in known):
        return len(values) > 2
    return len(known) > 1 and max(known) - min(known) == len(known) - 1


def is_in(value: Typed, items: list[Typed]) -> Typed:
    """``value IN (items)``."""
    value, items = zones.instants(value), list(map(zones.instants, items))
    common = common_type([value.type, *(item.type for item in items)])
    if common is None:
        raise QueryError(
            "IN value and list items must be the same type or coercible to a common type. Cannot find common type "
            f"between {value.type} and {', '.join(sorted({str(item.type) for item in items}))}",
            code="type-mismatch",
        )
    if common.base in _NESTED or (common.base in FLOATS and not all(_never_nan(item) for item in items)):
        tests = (comparison("=", value, item).sql for item in items)
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    if common.base not in _ORDERABLE and common != JSON:
        raise unsupported(f"IN on {common}")
    if common.base in (*INTEGERS, "date") and _a_range_and_null(items):
        raise unsupported("IN of neighbouring values and NULL, which Trino 483 takes for a range without the NULL")
    texts = ", ".join(_comparable(item, common).sql for item in items)
    return Typed(f"({_comparable(value, common).sql} IN ({texts}))", BOOLEAN)
