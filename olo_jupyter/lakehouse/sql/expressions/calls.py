"""Calls of scalar functions: the overload by Trino's rules, the text by its template."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import decimals
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import drawn_once, duck_type, unsupported
from olo_jupyter.lakehouse.sql.expressions.guards import checked
from olo_jupyter.lakehouse.sql.expressions.patterns import Pattern
from olo_jupyter.lakehouse.sql.expressions.signatures import (
    Binding,
    Signature,
    candidates,
    catalogue,
    overloads,
)
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.types import TrinoType

LambdaLower = Callable[[exp.Lambda, list[TrinoType]], Typed]
"""Lowers a lambda for parameters of the given types: text ``lambda x: …``, type of its result."""


_UNLISTED = frozenset(
    {
        *("format", "normalize", "fail", "coalesce", "nullif", "row", "try", "if", "grouping"),
        *("current_user", "current_catalog", "current_schema", "current_path"),
        *("current_time", "current_timestamp", "localtime", "localtimestamp"),
    }
)
"""What SHOW FUNCTIONS doesn't tell of: syntax that looks like a call."""

_VARIADIC = frozenset({"map_concat", "zip", "normalize", "sequence"})
"""Functions of which SHOW FUNCTIONS doesn't tell that they take more arguments (or fewer)."""


_ELSEWHERE = {
    "array_contains": "contains(array, element)",
    "charindex": "strpos(string, substring)",
    "collect_list": "array_agg(x)",
    "collect_set": "array_agg(DISTINCT x)",
    "dateadd": "date_add('day', n, x)",
    "datediff": "date_diff('day', x, y)",
    "explode": "CROSS JOIN UNNEST(array)",
    "first": "min_by(x, y), or any_value(x) where any will do",
    "get_json_object": "json_extract_scalar(json, path)",
    "getdate": "current_timestamp",
    "group_concat": "listagg(x, ',') WITHIN GROUP (ORDER BY x)",
    "ifnull": "coalesce(x, y)",
    "iff": "if(condition, x, y)",
    "instr": "strpos(string, substring)",
    "isnull": "coalesce(x, y), or x IS NULL",
    "last": "max_by(x, y)",
    "last_day": "last_day_of_month(x)",
    "len": "length(string)",
    "median": "approx_percentile(x, 0.5)",
    "nvl": "coalesce(x, y)",
    "quantile": "approx_percentile(x, 0.5)",
    "size": "cardinality(x)",
    "string_agg": "listagg(x, ',') WITHIN GROUP (ORDER BY x)",
    "string_split": "split(string, delimiter)",
    "substring_index": "split_part(string, delimiter, n)",
    "to_char": "format_datetime(x, 'yyyy-MM-dd'), or format('%.2f', x)",
    "unix_timestamp": "to_unixtime(x)",
}
"""What other engines call a function, and how Trino writes it."""


def require_registered(name: str) -> None:
    """Refuse a name that no function of Trino has, with what may be meant.

    Raises:
        QueryError: function-not-found.
    """
    if name in catalogue() or name in _UNLISTED or name.startswith("sql "):  # the grammar's own, as "sql json_value"
        return
    near = get_close_matches(name, sorted(catalogue()), n=3, cutoff=0.7)
    hint = f"Did you mean {' or '.join(near)}?" if near else ""
    if name in _ELSEWHERE:
        hint = f"Trino writes it {_ELSEWHERE[name]}."
    raise QueryError(f"Function '{name}' not registered", code="function-not-found", hint=hint)


def resolve(kind: str, name: str, arguments: Sequence[Typed | exp.Lambda]) -> tuple[Signature, Binding, list[Pattern]]:
    """The overload that the call means.

    Raises:
        QueryError: function-not-found, as Trino words it, with the nearest names or the overloads there are.
        Unsupported: Trino has it (or may have it), and no lowering of it is proved.
    """
    known = overloads(kind, name)
    actual = [argument.type if isinstance(argument, Typed) else None for argument in arguments]
    shown = f"{name}({', '.join('lambda' if type_ is None else str(type_) for type_ in actual)})"
    if not known:
        require_registered(name)
        raise unsupported(f"function {shown}")
    found = candidates(known, actual)
    if not found and name in _VARIADIC:
        raise unsupported(f"function {shown}")
    if not found:
        offered = ", ".join(signature.text.partition(":")[0] for signature in known)
        raise QueryError(
            f"Unexpected parameters ({', '.join('lambda' if t is None else str(t) for t in actual)}) "
            f"for function {name}. Expected: {offered}",
            code="function-not-found",
        )
    if len(found) > 1 and len({binding.type_of(signature.returns) for signature, binding, _ in found}) > 1:
        raise QueryError(f"Could not choose a best candidate operator: {shown}", code="ambiguous-function-call")
    return found[0]


def scalar(name: str, arguments: Sequence[Typed | exp.Lambda], lower_lambda: LambdaLower) -> Typed:
    """The call ``name(arguments)`` of a scalar function."""
    signature, binding, patterns = resolve("scalar", name, arguments)
    if not signature.template:
        raise unsupported(f"function {signature.text}")
    texts: list[str] = []
    for argument, pattern in zip(arguments, patterns, strict=True):
        if isinstance(argument, Typed):
            texts.append(coerce(argument, binding.type_of(pattern)).sql)
        else:
            texts.append(lambda_text(argument, pattern, binding, lower_lambda))
    return _expanded(signature, binding, texts, 0)


def _expanded(signature: Signature, binding: Binding, texts: list[str], start: int) -> Typed:
    """:func:`expand`, the arguments from ``start`` on drawn once each where they are drawn at all."""
    if start == len(texts):
        return expand(signature, binding, texts)
    found: list[Typed] = []

    def rest(argument: str) -> str:
        found.append(_expanded(signature, binding, [*texts[:start], argument, *texts[start + 1 :]], start + 1))
        return found[-1].sql

    sql = drawn_once(texts[start], f"drawn{start}", rest)
    return replace(found[-1], sql=sql)


def expand(signature: Signature, binding: Binding, texts: list[str], **more: str) -> Typed:
    """The template of ``signature`` around the arguments' texts."""
    type_ = binding.type_of(signature.returns)
    template, texts = checked(signature, binding, texts)
    if template in ("@round", "@truncate"):
        return _round_decimal(template, texts, binding, type_)
    result = duck_type(type_) if "{result}" in template else ""
    rest = ", ".join(texts)
    sql = template.format(*texts, all=rest, result=result, **binding.numbers, **more)
    return Typed(sql, type_)


def _round_decimal(template: str, texts: list[str], binding: Binding, type_: TrinoType) -> Typed:
    """round and truncate of a decimal to so many digits, which must be a literal: the scale of the type stays."""
    digits = re.fullmatch(r"CAST\((-?\d+) AS INTEGER\)", texts[1])
    if digits is None:
        raise unsupported("rounding of a decimal to a number of digits that isn't a literal")
    precision, scale = binding.numbers["p"], binding.numbers["s"]
    count = int(digits.group(1))
    if count >= scale:
        return Typed(f"CAST({texts[0]} AS {duck_type(type_)})", type_)
    if scale - count > precision:
        return Typed(f"CAST({texts[0]} * 0 AS {duck_type(type_)})", type_)
    unit = f"CAST('1{'0' * (scale - count)}' AS HUGEINT)"
    units = decimals.unscaled(Typed(texts[0], TrinoType("decimal", (precision, scale))))
    whole = f"olo_half_up({units}, {unit})" if template == "@round" else f"({units} // {unit})"
    return Typed(decimals.scaled(f"({whole} * {unit})", type_), type_)


def lambda_text(node: exp.Lambda, pattern: Pattern, binding: Binding, lower_lambda: LambdaLower) -> str:
    """A lambda's text; its parameters and result get the types that the signature's variables stand for."""
    parameters = [binding.type_of(element) for element in pattern.elements[:-1]]
    if len(node.expressions) != len(parameters):
        raise QueryError(
            f"Expected a lambda that takes {len(parameters)} argument(s) but got {len(node.expressions)}",
            code="invalid-parameter-usage",
        )
    lowered = lower_lambda(node, parameters)
    wanted = pattern.elements[-1]
    if wanted.variable and wanted.base not in binding.types:
        binding.types[wanted.base] = lowered.type
        return lowered.sql
    expected = binding.type_of(wanted)
    if lowered.type != expected:
        if not can_coerce(lowered.type, expected) or common_type((lowered.type, expected)) is None:
            raise QueryError(f"Lambda must give {expected}, not {lowered.type}", code="type-mismatch")
        raise unsupported(f"lambda whose {lowered.type} is coerced to {expected}")
    return lowered.sql
