"""GROUP BY: keys, ROLLUP, CUBE, GROUPING SETS, AUTO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.grammar.queries import Reader


def group(reader: Reader) -> exp.Group:
    """What stands behind GROUP BY."""
    column = (
        reader.ahead().kind == "end"
        or reader.ahead().text in (",", ")", ".")
        or reader.ahead().upper in ("HAVING", "ORDER")
    )
    quantified = reader.sees("DISTINCT") or (reader.sees("ALL") and not column)
    quantifier = reader.next().upper if quantified else None
    return exp.Group(expressions=reader.listed(lambda: _element(reader)), all=quantifier)


def _element(reader: Reader) -> exp.Expr:
    start = reader.at
    for word, kind in (("ROLLUP", exp.Rollup), ("CUBE", exp.Cube)):
        if reader.take(word, "("):
            sets = [] if reader.sees(")") else reader.listed(lambda: _set(reader))
            reader.expect(")")
            return reader.put(kind(expressions=sets), start)
    if reader.take("AUTO"):
        return reader.put(exp.Var(this="AUTO"), start)
    if reader.take("GROUPING", "SETS", "("):
        sets = reader.listed(lambda: _set(reader))
        reader.expect(")")
        return reader.put(exp.GroupingSets(expressions=sets), start)
    return _set(reader)


def _set(reader: Reader) -> exp.Expr:
    start = reader.at
    if reader.take("(", ")"):
        return reader.put(exp.Tuple(expressions=[]), start)
    return reader.expression()
