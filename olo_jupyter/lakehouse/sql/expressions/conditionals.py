"""CASE and its kin, LIKE, arrays."""

from __future__ import annotations

import re

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions import zones
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.comparisons import comparison
from olo_jupyter.lakehouse.sql.expressions.duck import bound, duck_type, plain, text, unsupported
from olo_jupyter.lakehouse.sql.expressions.operators import condition
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.types import BOOLEAN, UNKNOWN, VARCHAR, TrinoType, array

# Trino 483 looks for the two halves of such a sign where it can't look for the whole text between two %.
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def case(operand: Typed | None, branches: list[tuple[Typed, Typed]], default: Typed) -> Typed:
    """``CASE [operand] WHEN test THEN value … ELSE default END``; values take their common type."""
    common = one_type([*(value for _, value in branches), default], "CASE results")
    parts = []
    for test, value in branches:
        holds = comparison("=", operand, test).sql if operand is not None else condition(test, "CASE WHEN clause")
        parts.append(f"WHEN {holds} THEN {coerce(value, common).sql}")
    return Typed(f"(CASE {' '.join(parts)} ELSE {coerce(default, common).sql} END)", common)


def one_type(values: list[Typed], what: str) -> TrinoType:
    """The common type of ``values``.

    Raises:
        QueryError: type-mismatch: there is none.
    """
    common = UNKNOWN
    for value in values:
        wider = common_type((common, value.type))
        if wider is None:
            raise QueryError(
                f"All {what} must be the same type or coercible to a common type. "
                f"Cannot find common type between {common} and {value.type}",
                code="type-mismatch",
            )
        common = wider
    return common


def coalesce(values: list[Typed]) -> Typed:
    """``coalesce(a, b, …)``."""
    if len(values) < 2:
        raise QueryError("The 'coalesce' function must have at least two arguments", code="invalid-function-argument")
    common = one_type(values, "COALESCE operands")
    return Typed(_first_present([coerce(value, common).sql for value in values]), common)


def _first_present(texts: list[str]) -> str:
    """coalesce, or a CASE: what occurs twice in coalesce DuckDB computes before it, whether it is needed or not."""
    if len(texts) == 1 or all(map(plain, texts[1:])) or not plain(texts[0]):
        return f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0]
    return f"(CASE WHEN {texts[0]} IS NOT NULL THEN {texts[0]} ELSE {_first_present(texts[1:])} END)"


def nullif(value: Typed, other: Typed) -> Typed:
    """``nullif(value, other)``: of the type of ``value``."""
    same = comparison("=", value, other)
    return Typed(f"(CASE WHEN {same.sql} THEN CAST(NULL AS {duck_type(value.type)}) ELSE {value.sql} END)", value.type)


def like(value: Typed, pattern: Typed, escape: Typed | None) -> Typed:
    """``value LIKE pattern [ESCAPE escape]``."""
    for side in (value, pattern):
        if side.type.base not in ("varchar", "char", "unknown"):
            raise QueryError(
                f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type})", code="type-mismatch"
            )
    if pattern.constant is not NOT_CONSTANT and "_" in str(pattern.constant) and _ASTRAL.search(str(pattern.constant)):
        raise unsupported("LIKE with _ and a sign beyond the basic plane in one pattern")
    if escape is None and pattern.constant is NOT_CONSTANT:
        return Typed(bound(_text(pattern), "p", lambda p: f"({_text(value)} LIKE olo_like_or_refuse({p}))"), BOOLEAN)
    if escape is None:
        return Typed(f"({_text(value)} LIKE {_text(pattern)})", BOOLEAN)
    if not isinstance(escape.constant, str):
        raise unsupported("LIKE with an ESCAPE that isn't a literal")
    character = escape.constant
    if len(character) != 1:
        raise QueryError("Escape string must be a single character", code="invalid-function-argument")
    if not character.isascii():
        raise unsupported("LIKE with an ESCAPE beyond ASCII")
    written = _text(pattern)
    if pattern.constant is NOT_CONSTANT:
        sign = f"\\x{{{ord(character):x}}}"
        right = text(f"(?s)([^{sign}]|{sign}[%_{sign}])*")
        written = bound(written, "p", lambda p: f"olo_like_or_refuse(olo_escaped_pattern({p}, {right}))")
    else:
        _check_escapes(str(pattern.constant), character)
    return Typed(f"({_text(value)} LIKE {written} ESCAPE {text(character)})", BOOLEAN)


def _text(value: Typed) -> str:
    """The text to match; a char keeps its padding here."""
    return value.sql if value.type.base == "char" else coerce(value, VARCHAR).sql


def _check_escapes(pattern: str, escape: str) -> None:
    index = 0
    while index < len(pattern):
        if pattern[index] == escape:
            index += 1
            if index == len(pattern) or pattern[index] not in ("%", "_", escape):
                raise QueryError(
                    "Escape character must be followed by '%', '_' or the escape character itself",
                    code="invalid-function-argument",
                )
        index += 1


def matched(value: Typed, query: Typed) -> tuple[Typed, Typed]:
    """``value`` and the only column of ``query`` (text in parentheses) in their common type."""
    value, query = zones.instants(value), zones.instants(query)
    common = common_type((value.type, query.type))
    if common is None:
        raise QueryError(
            f"value and result of subquery must be of the same type for comparison: {value.type} vs {query.type}",
            code="type-mismatch",
        )
    if query.type == common:
        return coerce(value, common), query
    column = coerce(Typed("v", query.type), common)
    return coerce(value, common), Typed(f"(SELECT {column.sql} FROM {query.sql} AS q(v))", common)


def array_of(items: list[Typed]) -> Typed:
    """``ARRAY[…]``."""
    common = one_type(items, "ARRAY elements")
    if not items:
        return Typed("[]", array(UNKNOWN))
    return Typed(f"[{', '.join(coerce(item, common).sql for item in items)}]", array(common))
