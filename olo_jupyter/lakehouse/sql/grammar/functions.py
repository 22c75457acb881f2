"""Calls: plain ones with what may stand around them, and the functions that have a syntax of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar import json_forms
from olo_jupyter.lakehouse.sql.grammar.types import data_type, read_type
from olo_jupyter.lakehouse.sql.grammar.windows import over

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader

_NOW: dict[str, type[exp.Func]] = {"CURRENT_TIMESTAMP": exp.CurrentTimestamp, "LOCALTIMESTAMP": exp.Localtimestamp}
_BARE = ("CURRENT_TIME", "LOCALTIME", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH")


def special_form(cursor: Reader) -> exp.Expr | None:
    """CAST, EXTRACT, TRIM … at the cursor, None where there is none."""
    word = cursor.token.upper if cursor.token.kind == "word" else ""
    if word == "CURRENT_DATE":
        cursor.next()
        return exp.CurrentDate()
    if word in _NOW or word in _BARE:
        return _now(cursor, word)
    if word in json_forms.CALLS and cursor.ahead().text == "(":
        return json_forms.json_form(cursor, word)
    if word == "OVERLAY" and cursor.ahead().text == "(":
        raise cursor.refuse("OVERLAY … PLACING")
    build = _FORMS.get(word)
    if build is None or cursor.ahead().text != "(":
        return None
    start = cursor.at
    cursor.next()
    cursor.expect("(")
    node = build(cursor)
    cursor.expect(")")
    if isinstance(node, exp.GroupConcat):
        return _around(cursor, _within_group(cursor, node), start)
    return node


def _now(cursor: Reader, word: str) -> exp.Expr:
    start = cursor.at
    cursor.next()
    if word in (*_NOW, "CURRENT_TIME", "LOCALTIME") and cursor.take("("):
        if cursor.token.kind != "integer":
            raise cursor.mismatch("<integer>")
        at = cursor.at
        precision = cursor.put(exp.Literal.number(cursor.next().text), at)
        cursor.expect(")")
        return cursor.put(exp.Anonymous(this=word.lower(), expressions=[precision]), start)
    return cursor.put(_NOW[word]() if word in _NOW else exp.Parameter(this=exp.Var(this=word)), start)


def _cast(cursor: Reader) -> exp.Cast:
    value = cursor.expression()
    cursor.expect("AS")
    at = cursor.at
    return exp.Cast(this=value, to=cursor.put(data_type(read_type(cursor, unknown_code="type-mismatch")), at))


def _try_cast(cursor: Reader) -> exp.TryCast:
    cast = _cast(cursor)
    return exp.TryCast(this=cast.this, to=cast.to, safe=True)


def _extract(cursor: Reader) -> exp.Extract:
    at = cursor.at
    field = cursor.put(exp.Var(this=cursor.identifier().name.upper()), at)
    cursor.expect("FROM")
    return exp.Extract(this=field, expression=cursor.value())


def _trim(cursor: Reader) -> exp.Trim:
    position = cursor.next().upper if cursor.sees_any("LEADING", "TRAILING", "BOTH") else ""
    if position and cursor.take("FROM"):
        return exp.Trim(this=cursor.value(), position=position)
    first = cursor.value()
    if cursor.take("FROM"):
        return exp.Trim(this=cursor.value(), expression=first, position=position)
    if position:
        raise cursor.mismatch("'FROM'")
    if cursor.take(","):
        return exp.Trim(this=first, expression=cursor.value())
    return exp.Trim(this=first)


def _position(cursor: Reader) -> exp.StrPosition:
    part = cursor.value()
    cursor.expect("IN")
    return exp.StrPosition(this=cursor.value(), substr=part)


def _substring(cursor: Reader) -> exp.Expr:
    text = cursor.value()
    if cursor.take("FROM"):
        start = cursor.value()
        return exp.Substring(this=text, start=start, length=cursor.value() if cursor.take("FOR") else None)
    arguments = [text]
    while cursor.take(","):
        arguments.append(cursor.expression())
    return exp.Anonymous(this="substring", expressions=arguments)


def _normalize(cursor: Reader) -> exp.Anonymous:
    arguments: list[exp.Expr] = [cursor.value()]
    if cursor.take(","):
        if cursor.token.upper not in ("NFD", "NFC", "NFKD", "NFKC"):
            raise cursor.mismatch("'NFC', 'NFD', 'NFKC', 'NFKD'")
        arguments.append(exp.Literal.string(cursor.next().upper))
    return exp.Anonymous(this="normalize", expressions=arguments)


def _grouping(cursor: Reader) -> exp.Anonymous:
    arguments = [] if cursor.sees(")") else cursor.listed(cursor.expression)
    return exp.Anonymous(this="grouping", expressions=arguments)


def _if(cursor: Reader) -> exp.If:
    test = cursor.expression()
    cursor.expect(",")
    first = cursor.expression()
    return exp.If(this=test, true=first, false=cursor.expression() if cursor.take(",") else None)


def _listagg(cursor: Reader) -> exp.GroupConcat:
    distinct = cursor.take("DISTINCT")
    if not distinct:
        cursor.take("ALL")
    value = cursor.expression()
    separator = None
    if cursor.take(","):
        at = cursor.at
        separator = cursor.put(exp.Literal.string(cursor.string()), at)
    overflow = _overflow(cursor) if cursor.take("ON", "OVERFLOW") else None
    inner = exp.Distinct(expressions=[value]) if distinct else value
    return exp.GroupConcat(this=inner, separator=separator, on_overflow=overflow)


def _overflow(cursor: Reader) -> exp.Var:
    """``ERROR`` or ``TRUNCATE ['…'] WITH|WITHOUT COUNT``: what counts beyond the longest text only."""
    if cursor.take("ERROR"):
        return exp.Var(this="ERROR")
    cursor.expect("TRUNCATE")
    if cursor.token.kind == "string":
        cursor.string()
    if not cursor.take("WITHOUT"):
        cursor.expect("WITH")
    cursor.expect("COUNT")
    return exp.Var(this="TRUNCATE")


def _within_group(cursor: Reader, node: exp.GroupConcat) -> exp.GroupConcat:
    cursor.expect("WITHIN", "GROUP", "(", "ORDER", "BY")
    node.set("this", exp.Order(this=node.this, expressions=cursor.sort_items()))
    cursor.expect(")")
    return node


_FORMS: dict[str, Callable[[Reader], exp.Expr]] = {
    "CAST": _cast,
    "TRY_CAST": _try_cast,
    "EXTRACT": _extract,
    "TRIM": _trim,
    "POSITION": _position,
    "SUBSTRING": _substring,
    "NORMALIZE": _normalize,
    "GROUPING": _grouping,
    "IF": _if,
    "LISTAGG": _listagg,
}


def function_call(cursor: Reader) -> exp.Expr | None:
    """``name(…)`` with DISTINCT, ORDER BY, FILTER, IGNORE NULLS and OVER; None where no call comes."""
    if not cursor.sees_identifier():
        return None
    length = 1
    while cursor.ahead(length).text == "." and cursor.ahead(length + 1).kind in ("word", "quoted"):
        length += 2
    if cursor.ahead(length).text != "(" or cursor.ahead(length).kind != "sign":
        return None
    start = cursor.at
    names = cursor.qualified_name()
    if len(names) > 1:
        raise cursor.refuse(
            f"functions by a qualified name: {'.'.join(name.name for name in names)}", cursor.tokens[start]
        )
    cursor.expect("(")
    call = cursor.put(exp.Anonymous(this=names[0].name, expressions=_arguments(cursor)), start)
    cursor.expect(")")
    return _around(cursor, call, start)


def _arguments(cursor: Reader) -> list[exp.Expr]:
    if cursor.sees(")"):
        return []
    start = cursor.at
    if cursor.take("*"):
        return [cursor.put(exp.Star(), start)]
    if cursor.sees_identifier() and cursor.ahead().text == "." and cursor.ahead(2).text == "*":
        raise cursor.refuse("a call over all columns of a relation: count(t.*)")
    distinct = cursor.take("DISTINCT")
    if not distinct:
        cursor.take("ALL")
    arguments = [] if cursor.sees("ORDER", "BY") else cursor.listed(cursor.expression)
    if distinct:
        arguments = [cursor.put(exp.Distinct(expressions=arguments), start)]
    if cursor.take("ORDER", "BY"):
        if not arguments:
            raise cursor.mismatch("<expression>")
        ordered = exp.Order(this=arguments[-1], expressions=cursor.sort_items())
        arguments[-1] = cursor.put(ordered, start)
    if cursor.take("=>"):
        raise cursor.mismatch("','")
    return arguments


def _around(cursor: Reader, call: exp.Expr, start: int) -> exp.Expr:
    if cursor.sees("FILTER", "("):
        cursor.at += 2
        cursor.expect("WHERE")
        where = cursor.put(exp.Where(this=cursor.expression()), cursor.at)
        cursor.expect(")")
        call = cursor.put(exp.Filter(this=call, expression=where), start)
    if cursor.sees_any("IGNORE", "RESPECT") and cursor.ahead().upper == "NULLS":
        kind = exp.IgnoreNulls if cursor.next().upper == "IGNORE" else exp.RespectNulls
        cursor.next()
        call = cursor.put(kind(this=call), start)
        if not cursor.sees("OVER"):
            raise cursor.mismatch("'OVER'")
    if cursor.sees("OVER") and (cursor.ahead().text == "(" or cursor.ahead().kind in ("word", "quoted")):
        cursor.next()
        return cursor.put(over(cursor, call), start)
    return call
