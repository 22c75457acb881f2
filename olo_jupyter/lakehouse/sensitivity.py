"""Which columns hold values that must not leave the lakehouse: a property of the Iceberg table, read by everybody.

``olo.column.<name>.sensitivity`` is ``public``, ``restricted`` or ``pii``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

SENSITIVE = frozenset({"pii", "restricted"})
_PROPERTY = re.compile(r"olo\.column\.(.+)\.sensitivity")
_HARMLESS = (exp.Count, exp.CountIf, exp.ApproxDistinct)
"""Functions whose value says nothing about a single row's."""
_ANYWHERE = range(10_000)


def property_name(column: str) -> str:
    """The table property that tags a column.

    Example:
        >>> property_name("tailnum")
        'olo.column.tailnum.sensitivity'
    """
    return f"olo.column.{column}.sensitivity"


def sensitivities(properties: Mapping[str, str]) -> dict[str, str]:
    """The tags of a table's columns, by column, from its properties.

    Example:
        >>> sensitivities({"olo.column.tailnum.sensitivity": "Restricted", "write.format.default": "parquet"})
        {'tailnum': 'restricted'}
    """
    matches = ((_PROPERTY.fullmatch(key), value) for key, value in properties.items())
    return {match.group(1).lower(): value.strip().lower() for match, value in matches if match}


def inherited(sql: str, columns: Iterable[str], sensitive: Iterable[str]) -> set[str]:
    """The output columns of a query that may carry values of sensitive input columns.

    Decided by names and on the safe side: whatever an expression makes of a sensitive column stays sensitive, only
    counts don't. Text that can't be parsed makes every column sensitive.

    Args:
        sql: Trino SQL.
        columns: The query's output columns, in order.
        sensitive: Names of the sensitive columns of what it reads.

    Example:
        >>> sorted(inherited("SELECT upper(tailnum) AS t, count(tailnum) AS n FROM f", ["t", "n"], ["tailnum"]))
        ['t']
    """
    names = list(columns)
    tainted = {name.lower() for name in sensitive}
    if not tainted:
        return set()
    try:
        trees = [tree for tree in parse(sql, dialect="trino") if tree is not None]
    except SqlglotError:
        return set(names)
    if any(True for tree in trees for _ in tree.find_all(exp.Lateral, exp.Unnest, exp.MatchRecognize, exp.Pivot)):
        return set(names)
    while True:
        found = {name for tree in trees for name in _spread(tree, tainted)} - tainted
        if not found:
            break
        tainted |= found
    by_position = {index for tree in trees for index in _positions(tree, tainted)}
    return {name for index, name in enumerate(names) if name.lower() in tainted or index in by_position}


def _spread(tree: exp.Expr, tainted: set[str]) -> set[str]:
    """Names that get a value from a tainted one: aliases of expressions, columns of WITH and of derived tables."""
    found = set()
    for select in tree.find_all(exp.Select):
        for projection in select.expressions:
            if projection.alias_or_name and _carries(projection, tainted):
                found.add(projection.alias_or_name.lower())
    for alias in tree.find_all(exp.TableAlias):
        query = alias.parent.this if alias.parent is not None else None
        if alias.columns and isinstance(query, exp.Query):
            hit = _positions(query, tainted)
            found |= {column.name.lower() for index, column in enumerate(alias.columns) if index in hit}
    for union in tree.find_all(exp.SetOperation):
        hit = _positions(union.right, tainted)
        found |= {item.alias_or_name.lower() for i, item in enumerate(union.left.selects) if i in hit}
    return found


def _positions(query: exp.Expr, tainted: set[str]) -> set[int]:
    """Positions of a query's output that carry a tainted value. A star hides where a nameless one is: anywhere then."""
    if isinstance(query, exp.SetOperation):
        return _positions(query.left, tainted) | _positions(query.right, tainted)
    if isinstance(query, exp.Subquery):
        return _positions(query.this, tainted)
    if not isinstance(query, exp.Query):
        return set()
    selects = query.selects
    if any(isinstance(item, exp.Star) or item.is_star for item in selects):
        return set(_ANYWHERE) if any(not i.alias_or_name and _carries(i, tainted) for i in selects) else set()
    return {index for index, item in enumerate(selects) if _carries(item, tainted)}


def _carries(projection: exp.Expr, tainted: set[str]) -> bool:
    for column in projection.find_all(exp.Column):
        if column.name.lower() in tainted and column.find_ancestor(*_HARMLESS) is None:
            return True
    return False
