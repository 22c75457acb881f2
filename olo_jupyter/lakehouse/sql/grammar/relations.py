"""FROM: tables, subqueries, UNNEST, LATERAL, joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader

_SIDES = ("LEFT", "RIGHT", "FULL")


def from_items(reader: Reader) -> list[exp.Expr]:
    """Relations with commas between; each with its joins under ``joins``."""
    return reader.listed(lambda: relation(reader))


def relation(reader: Reader) -> exp.Expr:
    """One relation and what is joined to it."""
    left = _sampled(reader)
    joins: list[exp.Join] = list(left.args.get("joins") or [])
    while (join := _join(reader)) is not None:
        joins.append(join)
    if joins:
        left.set("joins", joins)
    return left


def _join(reader: Reader) -> exp.Join | None:
    start = reader.at
    if reader.take("CROSS"):
        reader.expect("JOIN")
        return reader.put(exp.Join(this=_sampled(reader), kind="CROSS"), start)
    natural = reader.take("NATURAL")
    side = ""
    if reader.token.upper in _SIDES and reader.token.kind == "word":
        side = reader.next().upper
        reader.take("OUTER")
    elif not natural and not reader.sees_any("JOIN", "INNER"):
        return None
    else:
        reader.take("INNER")
    reader.expect("JOIN")
    if natural:
        return reader.put(exp.Join(this=_sampled(reader), side=side or None, method="NATURAL"), start)
    right = relation(reader)
    if reader.take("ON"):
        return reader.put(exp.Join(this=right, side=side or None, on=reader.expression()), start)
    if reader.take("USING"):
        return reader.put(exp.Join(this=right, side=side or None, using=reader.identifiers()), start)
    raise reader.mismatch("'ON', 'USING'")


def _sampled(reader: Reader) -> exp.Expr:
    node = _aliased(reader)
    if reader.sees("MATCH_RECOGNIZE", "("):
        raise reader.refuse("MATCH_RECOGNIZE")
    if reader.sees("TABLESAMPLE") and reader.ahead().upper in ("BERNOULLI", "SYSTEM"):
        return _sample(reader, node)
    return node


def _sample(reader: Reader, node: exp.Expr) -> exp.Expr:
    """``t TABLESAMPLE BERNOULLI (10)`` draws for each row: ``(SELECT * FROM t WHERE random() < 10 / 1e2) AS t``."""
    start = reader.at
    alias = node.args.get("alias") or (node.this if isinstance(node, exp.Table) else None)
    if reader.ahead().upper == "SYSTEM":
        raise reader.refuse("TABLESAMPLE SYSTEM, which takes whole parts of files: BERNOULLI draws for each row")
    if alias is None or node.args.get("joins"):
        raise reader.refuse("TABLESAMPLE of a relation without a name")
    reader.at += 2
    reader.expect("(")
    written = reader.at
    percentage = reader.expression()
    if not isinstance(percentage, exp.Literal) or percentage.is_string:
        raise reader.refuse("TABLESAMPLE with a percentage that isn't a number")
    if float(percentage.name) > 100:
        line, column = reader.source.place(reader.tokens[written].start)
        raise QueryError("Sample percentage must be between 0 and 100", code="type-mismatch", line=line, column=column)
    reader.expect(")")
    share = exp.Div(this=percentage, expression=exp.Literal.number("1e2"))
    drawn = exp.LT(this=exp.Anonymous(this="random"), expression=share)
    sampled = exp.Select(expressions=[exp.Star()], from_=exp.From(this=node), where=exp.Where(this=drawn))
    name = alias.this if isinstance(alias, exp.TableAlias) else alias
    return reader.put(exp.Subquery(this=sampled, alias=exp.TableAlias(this=name.copy())), start)


def _aliased(reader: Reader) -> exp.Expr:
    node = _primary(reader)
    if reader.take("AS") or reader.alias_ahead():
        start = reader.at
        name = reader.identifier()
        columns = reader.identifiers() if reader.sees("(") else None
        node.set("alias", reader.put(exp.TableAlias(this=name, columns=columns), start))
    return node


def _primary(reader: Reader) -> exp.Expr:
    start = reader.at
    if reader.take("UNNEST"):
        reader.expect("(")
        items = reader.listed(reader.expression)
        reader.expect(")")
        ordinality = reader.take("WITH", "ORDINALITY")
        return reader.put(exp.Unnest(expressions=items, offset=ordinality), start)
    if reader.sees("LATERAL", "("):
        reader.next()
        return reader.put(exp.Lateral(this=reader.subquery()), start)
    if reader.sees("TABLE", "("):
        raise reader.refuse("table functions")
    if reader.sees("JSON_TABLE"):
        raise reader.refuse("JSON_TABLE")
    if reader.sees("("):
        if reader.query_ahead():
            return reader.either(reader.subquery, lambda: _parenthesised(reader))
        return _parenthesised(reader)
    node = reader.table_name()
    if reader.sees("FOR") and reader.ahead().upper in ("VERSION", "TIMESTAMP"):
        node.set("version", _period(reader))
    return node


def _parenthesised(reader: Reader) -> exp.Paren:
    start = reader.at
    reader.expect("(")
    node = relation(reader)
    reader.expect(")")
    return reader.put(exp.Paren(this=node), start)


def _period(reader: Reader) -> exp.Version:
    start = reader.at
    reader.expect("FOR")
    kind = reader.next().upper
    reader.expect("AS", "OF")
    return reader.put(exp.Version(this=kind, expression=reader.value(), kind="AS OF"), start)
