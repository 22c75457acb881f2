"""Expressions, by the levels of Trino's grammar: boolean, predicate, value, primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar.cursor import Cursor
from olo_jupyter.lakehouse.sql.grammar.functions import function_call, special_form
from olo_jupyter.lakehouse.sql.grammar.literals import literal
from olo_jupyter.lakehouse.sql.grammar.tokens import QUERY_WORDS, RESERVED

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader

_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_FACTORS: dict[str, type[exp.Binary]] = {"*": exp.Mul, "/": exp.Div, "%": exp.Mod}
_TERMS: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub}


def expression(cursor: Reader) -> exp.Expr:
    """``OR`` of ``AND`` of ``NOT`` of predicates."""
    start = cursor.at
    left = _and(cursor)
    while cursor.take("OR"):
        left = cursor.put(exp.Or(this=left, expression=_and(cursor)), start)
    return left


def _and(cursor: Reader) -> exp.Expr:
    start = cursor.at
    left = _not(cursor)
    while cursor.take("AND"):
        left = cursor.put(exp.And(this=left, expression=_not(cursor)), start)
    return left


def _not(cursor: Reader) -> exp.Expr:
    start = cursor.at
    if cursor.take("NOT"):
        return cursor.put(exp.Not(this=_not(cursor)), start)
    return _predicate(cursor, value(cursor), start)


def _predicate(cursor: Reader, left: exp.Expr, start: int) -> exp.Expr:
    """``left`` with at most one predicate behind it: they don't chain."""
    sign = cursor.token.text if cursor.token.kind == "sign" else ""
    if sign in _COMPARISONS:
        cursor.next()
        return cursor.put(_COMPARISONS[sign](this=left, expression=_compared(cursor)), start)
    if cursor.take("IS"):
        negated = cursor.take("NOT")
        if cursor.take("NULL"):
            return _negated(cursor, exp.Is(this=left, expression=exp.Null()), negated, start)
        if cursor.sees_any("TRUE", "FALSE", "UNKNOWN"):
            return _negated(cursor, _boolean_test(cursor, left, start), negated, start)
        cursor.expect("DISTINCT", "FROM")
        kind = exp.NullSafeEQ if negated else exp.NullSafeNEQ
        return cursor.put(kind(this=left, expression=value(cursor)), start)
    negated = cursor.sees("NOT") and cursor.ahead().upper in ("BETWEEN", "IN", "LIKE") and cursor.take("NOT")
    if cursor.take("BETWEEN"):
        worded = cursor.sees_any("SYMMETRIC", "ASYMMETRIC") and cursor.ahead().upper != "AND"
        symmetric = worded and cursor.next().upper == "SYMMETRIC"
        low = value(cursor)
        cursor.expect("AND")
        between = exp.Between(this=left, low=low, high=value(cursor), symmetric=symmetric or None)
        return _negated(cursor, between, negated, start)
    if cursor.take("IN"):
        return _negated(cursor, _in(cursor, left), negated, start)
    if cursor.take("LIKE"):
        like: exp.Expr = cursor.put(exp.Like(this=left, expression=value(cursor)), start)
        if cursor.take("ESCAPE"):
            like = exp.Escape(this=like, expression=value(cursor))
        return _negated(cursor, like, negated, start)
    return left


def _boolean_test(cursor: Reader, left: exp.Expr, start: int) -> exp.Expr:
    """``x IS TRUE``, ``x IS FALSE``, ``x IS UNKNOWN`` in terms of what else there is; never NULL."""
    word = cursor.next().upper
    if word == "UNKNOWN":
        return exp.Is(this=cursor.put(exp.Not(this=left), start), expression=exp.Null())
    test = left if word == "TRUE" else cursor.put(exp.Not(this=left), start)
    return exp.Anonymous(this="coalesce", expressions=[test, cursor.put(exp.Boolean(this=False), start)])


def _negated(cursor: Reader, node: exp.Expr, negated: bool, start: int) -> exp.Expr:
    cursor.put(node, start)
    return cursor.put(exp.Not(this=node), start) if negated else node


def _compared(cursor: Reader) -> exp.Expr:
    start = cursor.at
    if cursor.sees_any("ALL", "ANY", "SOME") and cursor.ahead().text == "(":
        kind = exp.All if cursor.next().upper == "ALL" else exp.Any
        return cursor.put(kind(this=cursor.subquery_value()), start)
    return value(cursor)


def _in(cursor: Reader, left: exp.Expr) -> exp.In:
    """A list where it can be one (``IN ((SELECT 1))`` is a list of one scalar subquery), else a query."""
    if cursor.sees("(") and cursor.ahead().upper in QUERY_WORDS:
        return exp.In(this=left, query=cursor.subquery_value())
    return cursor.either(
        lambda: exp.In(this=left, expressions=_items(cursor)), lambda: exp.In(this=left, query=cursor.subquery_value())
    )


def _items(cursor: Reader) -> list[exp.Expr]:
    cursor.expect("(")
    items = cursor.listed(lambda: expression(cursor))
    cursor.expect(")")
    return items


def value(cursor: Reader) -> exp.Expr:
    """``||`` of sums of products."""
    start = cursor.at
    left = _sum(cursor)
    while cursor.take("||"):
        left = cursor.put(exp.DPipe(this=left, expression=_sum(cursor)), start)
    return left


def _sum(cursor: Reader) -> exp.Expr:
    start = cursor.at
    left = _product(cursor)
    while cursor.token.kind == "sign" and cursor.token.text in _TERMS:
        kind = _TERMS[cursor.next().text]
        left = cursor.put(kind(this=left, expression=_product(cursor)), start)
    return left


def _product(cursor: Reader) -> exp.Expr:
    start = cursor.at
    left = _unary(cursor)
    while cursor.token.kind == "sign" and cursor.token.text in _FACTORS:
        kind = _FACTORS[cursor.next().text]
        left = cursor.put(kind(this=left, expression=_unary(cursor)), start)
    return left


def _unary(cursor: Reader) -> exp.Expr:
    start = cursor.at
    if cursor.take("-"):
        return cursor.put(exp.Neg(this=_unary(cursor)), start)
    if cursor.take("+"):
        return cursor.put(exp.Paren(this=_unary(cursor)), start)
    left = primary(cursor)
    while cursor.sees("AT") and cursor.ahead().upper in ("TIME", "LOCAL"):
        cursor.next()
        if cursor.sees("LOCAL"):
            raise cursor.refuse("AT LOCAL")
        cursor.expect("TIME", "ZONE")
        if cursor.sees("INTERVAL"):
            raise cursor.refuse("AT TIME ZONE with an interval")
        zone = (
            cursor.put(exp.Literal.string(cursor.string()), cursor.at - 1)
            if cursor.token.kind == "string"
            else primary(cursor)
        )
        left = cursor.put(exp.AtTimeZone(this=left, zone=zone), start)
    return left


def primary(cursor: Reader) -> exp.Expr:
    """A literal, name, call, CASE, CAST, subquery …, with its subscripts and fields."""
    start = cursor.at
    node = _primary(cursor)
    while True:
        if cursor.take("["):
            index = value(cursor)
            cursor.expect("]")
            node = cursor.put(exp.Bracket(this=node, expressions=[index]), start)
        elif cursor.sees(".") and (cursor.ahead().kind == "quoted" or cursor.ahead().kind == "word"):
            cursor.next()
            node = cursor.put(_field(cursor, node), start)
        else:
            return node


def _field(cursor: Reader, node: exp.Expr) -> exp.Expr:
    name = cursor.identifier()
    base = node.unnest() if isinstance(node, exp.Paren) else node  # (r).x is r.x
    if isinstance(base, exp.Column) and len(base.parts) < 4:
        parts = [*base.parts, name]
        return exp.Column(**dict(zip(("this", "table", "db", "catalog"), reversed(parts), strict=False)))
    return exp.Dot(this=node, expression=name)


def _primary(cursor: Reader) -> exp.Expr:
    start = cursor.at
    found = literal(cursor) or special_form(cursor)
    if found is not None:
        return found if "place" in found.meta else cursor.put(found, start)
    if cursor.token.kind == "sign" and cursor.token.text == "(":
        return _parenthesised(cursor)
    if cursor.sees("CASE"):
        return cursor.put(_case(cursor), start)
    if cursor.sees("EXISTS", "("):
        cursor.next()
        return cursor.put(exp.Exists(this=cursor.subquery_value().this), start)
    if cursor.sees("ARRAY", "[") or cursor.sees("["):
        cursor.take("ARRAY")
        cursor.next()
        items = [] if cursor.sees("]") else cursor.listed(lambda: expression(cursor))
        cursor.expect("]")
        return cursor.put(exp.Array(expressions=items), start)
    if cursor.sees_identifier() and cursor.ahead().text == "->":
        return _lambda(cursor, [cursor.identifier()], start)
    call = function_call(cursor)
    if call is not None:
        return call
    if not cursor.sees_identifier():
        raise cursor.mismatch("<expression>" if cursor.token.upper not in RESERVED else "<expression>, <identifier>")
    name = cursor.identifier()
    if any(name.name.lower() in bound for bound in cursor.lambdas):
        return name
    return cursor.put(exp.Column(this=name), start)


def _parenthesised(cursor: Reader) -> exp.Expr:
    start = cursor.at
    if _lambda_ahead(cursor):
        names = [] if cursor.ahead().text == ")" else cursor.identifiers()
        if not names:
            cursor.expect("(", ")")
        return _lambda(cursor, names, start)
    if cursor.ahead().upper in QUERY_WORDS:
        return cursor.subquery_value()
    if cursor.query_ahead():
        return cursor.either(lambda: _tuple(cursor, start), cursor.subquery_value)
    return _tuple(cursor, start)


def _tuple(cursor: Reader, start: int) -> exp.Expr:
    items = _items(cursor)
    node = exp.Paren(this=items[0]) if len(items) == 1 else exp.Tuple(expressions=items)
    return cursor.put(node, start)


def _lambda_ahead(cursor: Cursor) -> bool:
    at = 1
    while cursor.ahead(at).kind in ("word", "quoted") or cursor.ahead(at).text == ",":
        at += 1
    return cursor.ahead(at).text == ")" and cursor.ahead(at + 1).text == "->"


def _lambda(cursor: Reader, names: list[exp.Identifier], start: int) -> exp.Lambda:
    cursor.expect("->")
    cursor.lambdas.append(frozenset(name.name.lower() for name in names))
    body = expression(cursor)
    cursor.lambdas.pop()
    return cursor.put(exp.Lambda(this=body, expressions=names), start)


def _case(cursor: Reader) -> exp.Case:
    cursor.expect("CASE")
    operand = None if cursor.sees("WHEN") else expression(cursor)
    branches: list[exp.If] = []
    while True:
        start = cursor.at
        if branches and not cursor.sees("WHEN"):
            break
        cursor.expect("WHEN")
        test = expression(cursor)
        cursor.expect("THEN")
        branches.append(cursor.put(exp.If(this=test, true=expression(cursor)), start))
    default = expression(cursor) if cursor.take("ELSE") else None
    cursor.expect("END")
    return exp.Case(this=operand, ifs=branches, default=default)
