"""SQL/JSON functions: JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT, JSON_ARRAY (see grammar/json_forms)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.expressions import json_casts, sqljson_path
from olo_jupyter.lakehouse.sql.expressions.attempts import attempt
from olo_jupyter.lakehouse.sql.expressions.casts import FLOATS, INTEGERS, STRINGS, cast
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce
from olo_jupyter.lakehouse.sql.expressions.datatypes import read_type
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.raising import ARGUMENT, fail, fail_text
from olo_jupyter.lakehouse.sql.expressions.special import Lower
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.grammar.json_forms import CALLS
from olo_jupyter.lakehouse.sql.types import BIGINT, BOOLEAN, DOUBLE, JSON, VARCHAR, TrinoType

__all__ = ["LAZY", "json_casts"]  # the casts from and to json register themselves

_SCALARS = ("boolean", *INTEGERS, *FLOATS, "decimal", *STRINGS)
_RETURNED = (*_SCALARS, "date", "time", "timestamp", "timestamp with time zone")


@dataclass(frozen=True)
class _Source:
    """The text of an input, and the path over it."""

    sql: str
    path: sqljson_path.Path


def _source(nodes: Sequence[exp.Expr], env: Environment, lower: Lower) -> _Source:
    value = lower(nodes[0], env)
    if value.type.base == "varbinary":
        raise unsupported("JSON path over varbinary")
    if value.type.base not in (*STRINGS, "unknown"):
        message = f"Cannot read input of type {value.type} as JSON using formatting JSON"
        raise QueryError(message, code="type-mismatch")
    return _Source(coerce(value, VARCHAR).sql, sqljson_path.read_path(nodes[1].name))


def _over(source: _Source, results: str, type_: TrinoType, *, nothing: str, structural: str, broken: str) -> Typed:
    """``results`` over ``s``, the values found; NULL of NULL. In lambdas, so that each is computed once.

    Args:
        nothing: The result where nothing is found.
        structural: … where a strict path doesn't fit the value.
        broken: … where the input is no JSON. Of blank text Trino takes that for a value that isn't there.
    """
    found = f"CASE WHEN s IS NULL THEN {structural} WHEN len(s) = 0 THEN {nothing} ELSE {results} END"
    inner = f"list_transform([{sqljson_path.items(source.path, 'v')}], lambda s: {found})[1]"
    if source.path.steps and source.path.steps[0].kind in ("member", "members"):
        blank = structural if source.path.strict else nothing
    else:
        blank = f"CAST({fail_text('unsupported', text('such a JSON path over blank text'))} AS {duck_type(type_)})"
    whole = f"CASE WHEN v IS NOT NULL THEN {inner} WHEN olo_path_blank(t) THEN {blank} ELSE {broken} END"
    parsed = f"list_transform([olo_path_input_or_refuse(t)], lambda v: {whole})[1]"
    return Typed(f"list_transform([{source.sql}], lambda t: CASE WHEN t IS NOT NULL THEN {parsed} END)[1]", type_)


def _raise(code: str, message: str, type_: TrinoType) -> str:
    return f"CAST({fail(code, text(message))} AS {duck_type(type_)})"


def _returning(node: exp.Expr) -> TrinoType:
    return read_type(node) if isinstance(node, exp.DataType) else VARCHAR


def _value(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    empty, error = nodes[2].name.split()
    type_ = _returning(nodes[3])
    if type_.base not in _RETURNED:
        raise QueryError(f"Invalid return type of function JSON_VALUE: {type_}", code="type-mismatch")
    source = _source(nodes, env, lower)
    code, what = "json-value-result-error", "cannot extract SQL scalar from JSON: JSON path found "
    nothing = _behaviour(empty, nodes[4], type_, env, lower, code, f"{what}no items")
    several = _behaviour(error, nodes[5], type_, env, lower, code, f"{what}something other than one scalar")
    path = _behaviour(error, nodes[5], type_, env, lower, "path-evaluation-error", "path evaluation failed")
    broken = _behaviour(
        error, nodes[5], type_, env, lower, "json-input-conversion-error", "conversion to JSON failed: "
    )
    # What can't become the type is an error of the value, told from a JSON null by what it is made of.
    converted = f"list_transform([{_converted(type_)}], lambda r: CASE WHEN r IS NULL THEN {several} ELSE r END)[1]"
    scalar = (
        f"list_transform([s[1]], lambda j: CASE json_type(j) WHEN 'NULL' THEN NULL WHEN 'ARRAY' THEN {several} "
        f"WHEN 'OBJECT' THEN {several} ELSE {converted} END)[1]"
    )
    results = f"CASE WHEN len(s) > 1 THEN {several} ELSE {scalar} END"
    return _over(source, results, type_, nothing=nothing, structural=path, broken=broken)


def _behaviour(
    word: str, default: exp.Expr, type_: TrinoType, env: Environment, lower: Lower, code: str, message: str
) -> str:
    if word == "error":
        return _raise(code, message, type_)
    if word == "null":
        return f"CAST(NULL AS {duck_type(type_)})"
    value = lower(default, env)
    if not can_coerce(value.type, type_):
        raise unsupported(f"DEFAULT of {value.type} in JSON_VALUE RETURNING {type_}")
    return coerce(value, type_).sql


def _converted(type_: TrinoType) -> str:
    """The scalar ``j`` (JSON, no null) as ``type_``; NULL where Trino can't cast it."""
    branches = {
        "VARCHAR": (VARCHAR, "olo_path_string(j)"),
        "BOOLEAN": (BOOLEAN, "CAST(j AS BOOLEAN)"),
        "BIGINT": (BIGINT, "CAST(j AS BIGINT)"),
        "UBIGINT": (BIGINT, "CAST(j AS BIGINT)"),
        "DOUBLE": (DOUBLE, "CAST(j AS DOUBLE)"),
    }
    parts = []
    for kind, (source, sql) in branches.items():
        try:
            value = attempt(cast(Typed(sql, source), type_)).sql
        except Unsupported:
            raise
        except QueryError:
            value = "NULL"
        if kind == "DOUBLE":  # a whole number of more than 64 bits is no number of Trino's there
            value = f"CASE WHEN regexp_matches(CAST(j AS VARCHAR), '[.eE]') THEN {value} END"
        parts.append(f"WHEN '{kind}' THEN {value}")
    return f"CASE json_type(j) {' '.join(parts)} END"


def _query(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    empty, error, wrapper, quotes = nodes[2].name.split()
    type_ = _returning(nodes[3])
    if type_.base not in STRINGS:
        raise unsupported(f"JSON_QUERY RETURNING {type_}")
    if wrapper != "without" and quotes == "omit":
        message = "OMIT QUOTES behavior specified with WITH … ARRAY WRAPPER behavior"
        raise QueryError(message, code="invalid-function-argument")
    source = _source(nodes, env, lower)
    failed = "json-output-conversion-error"
    what = "conversion from JSON failed: JSON path found "
    nothing, several = (
        _written(word, failed, what + items) for word, items in ((empty, "no items"), (error, "multiple items"))
    )
    path = _written(error, "path-evaluation-error", "path evaluation failed")
    broken = _written(error, "json-input-conversion-error", "conversion to JSON failed: ")
    plain = "olo_json_rewritten(CAST(s[1] AS VARCHAR))"
    if quotes == "omit":
        plain = f"CASE WHEN json_type(s[1]) = 'VARCHAR' THEN olo_path_string(s[1]) ELSE {plain} END"
    one = {
        "without": f"CASE WHEN len(s) > 1 THEN {several} ELSE {plain} END",
        "with": "olo_path_wrapped(s)",
        "conditional": f"CASE WHEN len(s) = 1 AND json_type(s[1]) IN ('ARRAY', 'OBJECT') THEN {plain} "
        "ELSE olo_path_wrapped(s) END",
    }[wrapper]
    return cast(_over(source, one, VARCHAR, nothing=nothing, structural=path, broken=broken), type_)


def _written(word: str, code: str, message: str) -> str:
    if word == "error":
        return fail_text(code, text(message))
    return {"null": "CAST(NULL AS VARCHAR)", "array": "'[]'", "object": "'{}'"}[word]


def _exists(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    word = nodes[2].name
    source = _source(nodes, env, lower)
    outcomes = {"true": "true", "false": "false", "unknown": "CAST(NULL AS BOOLEAN)"}
    path = outcomes.get(word) or _raise("path-evaluation-error", "path evaluation failed", BOOLEAN)
    broken = outcomes.get(word) or _raise("json-input-conversion-error", "conversion to JSON failed: ", BOOLEAN)
    return _over(source, "true", BOOLEAN, nothing="false", structural=path, broken=broken)


def _object(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    nulls, _, _ = nodes[0].name.partition(" ")
    members = []
    for at in range(2, len(nodes), 3):
        key = lower(nodes[at], env)
        if key.type.base not in STRINGS:
            raise QueryError(f"Invalid type of JSON object key: {key.type}", code=ARGUMENT)
        members.append((key, _item("JSON_OBJECT", nodes[at + 1], nodes[at + 2], env, lower)))
    parts = []
    for key, item in _ordered(members):
        absent = fail_text(ARGUMENT, "'null value passed for JSON object key to JSON_OBJECT function'")
        name = f"olo_json_quoted(coalesce({coerce(key, VARCHAR).sql}, {absent})) || ':'"
        parts.append(f"{name} || " + (f"coalesce({item}, 'null')" if nulls == "null" else item))
    return cast(Typed(_joined(parts, "{", "}"), VARCHAR), _returning(nodes[1]))


def _ordered(members: list[tuple[Typed, str]]) -> list[tuple[Typed, str]]:
    """Members in Trino's order: that of Java's hash map, by the hashes of their keys.

    Raises:
        QueryError: not-supported: a key twice.
        Unsupported: Several members whose keys aren't literals.
    """
    if len(members) < 2:
        return members
    keys = [key.constant for key, _ in members]
    if not all(isinstance(key, str) for key in keys):
        raise unsupported("JSON_OBJECT of several members with a key that isn't a literal")
    if len(set(keys)) < len(keys):
        raise QueryError("cannot construct a JSON object with duplicate key", code="not-supported")
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(members, key=lambda member: _bucket(str(member[0].constant), size))


def _bucket(key: str, size: int) -> int:
    """Where a text is in a Java HashMap of ``size`` buckets.

    Example:
        >>> _bucket("a", 16), _bucket("n", 16)
        (1, 14)
    """
    units = key.encode("utf-16-be")
    value = 0
    for at in range(0, len(units), 2):
        value = (value * 31 + int.from_bytes(units[at : at + 2], "big")) & 0xFFFFFFFF
    return (value ^ value >> 16) & (size - 1)


def _array(nodes: list[exp.Expr], env: Environment, lower: Lower) -> Typed:
    parts = []
    for at in range(2, len(nodes), 2):
        item = _item("JSON_ARRAY", nodes[at], nodes[at + 1], env, lower)
        parts.append(f"coalesce({item}, 'null')" if nodes[0].name == "null" else item)
    return cast(Typed(_joined(parts, "[", "]"), VARCHAR), _returning(nodes[1]))


def _joined(parts: list[str], left: str, right: str) -> str:
    """Parts with commas between; those that are NULL are left out."""
    return f"('{left}' || array_to_string([{', '.join(parts)}], ',') || '{right}')" if parts else f"'{left}{right}'"


def _item(function: str, node: exp.Expr, format_: exp.Expr, env: Environment, lower: Lower) -> str:
    """The JSON text of a value, NULL for NULL."""
    value = lower(node, env)
    made = isinstance(node, exp.Anonymous) and str(node.this) in (CALLS["JSON_OBJECT"], CALLS["JSON_ARRAY"])
    if format_.name == "json" or made:
        if value.type.base not in STRINGS:
            message = f"Cannot read input of type {value.type} as JSON using formatting JSON"
            raise QueryError(message, code="type-mismatch")
        if made:
            return value.sql
        broken = f"CAST({fail_text('json-input-conversion-error', repr('conversion to JSON failed: '))} AS JSON)"
        checked = f"coalesce(olo_path_input_or_refuse(t), {broken})"
        rewritten = f"olo_json_rewritten(CAST({checked} AS VARCHAR))"
        return (
            f"list_transform([{coerce(value, VARCHAR).sql}], lambda t: CASE WHEN t IS NOT NULL THEN {rewritten} END)[1]"
        )
    if value.type.base in ("array", "map", "row"):
        message = f"Unsupported type of value passed to {function} function: {value.type}"
        raise QueryError(message, code="not-supported")
    if value.type.base == "json":
        raise unsupported(f"a value of type json in {function}")
    if value.type.base == "char":  # with its padding
        return f"olo_json_quoted({value.sql})"
    if value.type.base not in (*_SCALARS, "unknown"):
        value = cast(value, VARCHAR)
    return cast(value, JSON).sql


LAZY: dict[str, Callable[[list[exp.Expr], Environment, Lower], Typed]] = {
    CALLS["JSON_VALUE"]: _value,
    CALLS["JSON_QUERY"]: _query,
    CALLS["JSON_EXISTS"]: _exists,
    CALLS["JSON_OBJECT"]: _object,
    CALLS["JSON_ARRAY"]: _array,
}
"""The calls that stand for SQL/JSON's forms."""
