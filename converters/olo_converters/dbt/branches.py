"""The branches of a query: for each one, the query as it would be without it. Rows on which the two differ test it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlglot import exp

from olo_converters.graph.sql import TrinoText
from olo_converters.graph.sql_effects import read_sql

_BOUNDS: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.GTE, exp.GTE: exp.GT, exp.LT: exp.LTE, exp.LTE: exp.LT}


@dataclass(frozen=True)
class Branch:
    """A part of a query that decides something.

    Args:
        name: In words, with its SQL.
        without: The query without it; rows that don't tell the two apart don't test it.
    """

    name: str
    without: str


def branches(query: str) -> tuple[Branch, ...]:
    """Arms of CASE, filters with their bounds and NULLs, rows that a join doesn't find, defaults of COALESCE, DISTINCT.

    Args:
        query: Trino SQL; ``:name`` parameters may stand in it.

    Returns:
        None of them where the text isn't one query that can be written out again.

    Example:
        >>> [branch.name for branch in branches("select a from t where a > 5")]
        ['filter a > 5', 'bound of a > 5', 'NULL in a > 5']
    """
    found = read_sql(query)
    if found.error or len(found.statements) != 1 or not isinstance(found.statements[0], exp.Query):
        return ()
    tree = found.statements[0]
    kept: dict[str, Branch] = {}
    for name, place, change in _changes(tree):
        copy = tree.copy()
        node = _at(copy, place)
        change(node)
        text = copy.sql(dialect=TrinoText)
        kept.setdefault(text, Branch(name, text))
    kept.pop(written(query), None)
    return tuple(kept.values())


def written(query: str) -> str:
    """A query as :func:`branches` writes it: it must give the same rows as the text itself."""
    return read_sql(query).statements[0].sql(dialect=TrinoText)


_Path = tuple[int, ...]
_Change = tuple[str, _Path, Callable[[exp.Expr], object]]


def _changes(tree: exp.Expr) -> Iterator[_Change]:
    places = {id(node): at for at, node in enumerate(tree.walk())}

    def at(node: exp.Expr) -> _Path:
        return (places[id(node)],)

    for node in list(tree.walk()):
        if isinstance(node, exp.Join) and (node.args.get("on") or node.args.get("using")):
            yield from _of_join(node, at(node))
        condition = _condition(node)
        if condition is not None:
            for part in _parts(condition):
                if isinstance(node, exp.Join) and _joins(part):
                    continue
                yield f"filter {_said(part)}", at(part), lambda one: one.replace(exp.true())
                yield from _bounds(part, at)
                yield f"NULL in {_said(part)}", at(part), _with_nulls
        if isinstance(node, exp.Case | exp.If) and not isinstance(node.parent, exp.Case):
            yield from _of_case(node, at)
        elif isinstance(node, exp.Distinct):
            yield "DISTINCT", at(node), _all
        elif isinstance(node, exp.Union) and node.args.get("distinct"):
            yield "UNION", at(node), lambda one: one.set("distinct", False)
        elif isinstance(node, exp.Anonymous) and node.name.lower() in ("coalesce", "nullif") and node.expressions:
            yield f"{_said(node)}", at(node), lambda one: one.replace(one.expressions[0].copy())
        elif isinstance(node, exp.Anonymous) and node.name.lower() == "count_if" and node.expressions:
            yield from _bounds(node.expressions[0], at)
            yield f"{_said(node)}", at(node.expressions[0]), lambda one: one.replace(exp.true())
        elif isinstance(node, exp.Anonymous) and node.name.lower() == "if" and len(node.expressions) > 1:
            yield f"{_said(node)}", at(node), lambda one: one.replace(one.expressions[1].copy())


def _condition(node: exp.Expr) -> exp.Expr | None:
    """What a part of a query filters by (the WHERE of an aggregate's FILTER is a part of its own)."""
    place = "this" if isinstance(node, exp.Where | exp.Having) else "on" if isinstance(node, exp.Join) else ""
    found = node.args.get(place)
    return found if isinstance(found, exp.Expr) else None


def _at(tree: exp.Expr, place: _Path) -> exp.Expr:
    return next(node for number, node in enumerate(tree.walk()) if number == place[0])


def _parts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The conjuncts of a condition."""
    inner = condition.this if isinstance(condition, exp.Paren) else condition
    if isinstance(inner, exp.And):
        for side in (inner.left, inner.right):
            yield from _parts(side)
    else:
        yield inner


def _joins(part: exp.Expr) -> bool:
    """Whether a condition compares columns of two tables: without it a join is no join."""
    return isinstance(part, exp.EQ) and isinstance(part.left, exp.Column) and isinstance(part.right, exp.Column)


def _of_join(join: exp.Join, place: _Path) -> Iterator[_Change]:
    name = _said(join.this)
    if join.side in ("LEFT", "RIGHT", "FULL"):
        yield f"rows without {name}", place, partial(_sided, side=None)
    elif not join.side and join.kind in ("", "INNER"):
        yield f"rows that {name} lacks", place, partial(_sided, side="LEFT")


def _sided(join: exp.Expr, side: str | None) -> None:
    join.set("side", side)
    join.set("kind", None)


def _bounds(part: exp.Expr, at: Callable[[exp.Expr], _Path]) -> Iterator[_Change]:
    for node in part.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE):
        yield f"bound of {_said(node)}", at(node), _other_bound


def _other_bound(one: exp.Expr) -> None:
    one.replace(_BOUNDS[type(one)](this=one.this.copy(), expression=one.expression.copy()))


def _with_nulls(one: exp.Expr) -> object:
    return one.replace(exp.Anonymous(this="coalesce", expressions=[one.copy(), exp.true()]))


def _of_case(case: exp.Expr, at: Callable[[exp.Expr], _Path]) -> Iterator[_Change]:
    if isinstance(case, exp.If):
        yield f"{_said(case)}", at(case), lambda one: one.replace(one.args["true"].copy())
        return
    for number, arm in enumerate(case.args.get("ifs") or ()):
        yield f"when {_said(arm.this)}", at(case), partial(_without_arm, number=number)
        yield from _bounds(arm.this, at)
    if case.args.get("default") is not None:
        yield f"else {_said(case.args['default'])}", at(case), lambda one: one.set("default", None)


def _without_arm(case: exp.Expr, number: int) -> None:
    arms = list(case.args["ifs"])
    del arms[number]
    if arms:
        case.set("ifs", arms)
    else:
        case.replace((case.args.get("default") or exp.null()).copy())


def _all(one: exp.Expr) -> None:
    if isinstance(one.parent, exp.Select):
        one.parent.set("distinct", None)
    elif len(one.expressions) == 1:
        one.replace(one.expressions[0].copy())


def _said(node: exp.Expr) -> str:
    text = " ".join(node.sql(dialect=TrinoText, comments=False).split())
    return text if len(text) <= 60 else text[:57] + "…"
