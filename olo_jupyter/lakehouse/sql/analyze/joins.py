"""Joins: which rows meet, and what the joined columns are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.clauses import only_scalar
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.relations import Relation, relation
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope, demand
from olo_jupyter.lakehouse.sql.expressions.coercion import common_type
from olo_jupyter.lakehouse.sql.parse import fail, refuse


def with_joins(
    analyzer: Analyzer, left: Relation, joins: Sequence[exp.Join], around: Surroundings, before: list[Column]
) -> Relation:
    """``left`` joined with each of ``joins`` in turn; what stands between commas is joined last, as in Trino."""
    done: Relation | None = None
    for join in joins:
        if join.args.get("comma"):
            done = left if done is None else _cross(done, left)
            left = relation(analyzer, join.this, around, [*before, *done.columns])
        else:
            left = _join(analyzer, left, join, around, [*before, *(done.columns if done else [])])
    return left if done is None else _cross(done, left)


def _cross(left: Relation, right: Relation) -> Relation:
    return Relation(
        [*left.columns, *right.columns],
        lambda: f"{left.render()} CROSS JOIN {right.render()}",
    )


def _join(analyzer: Analyzer, left: Relation, join: exp.Join, around: Surroundings, before: list[Column]) -> Relation:
    right = relation(analyzer, join.this, around, [*before, *left.columns])
    if join.args.get("method"):
        raise refuse(f"{str(join.args['method']).upper()} JOIN", join, hint="Name the columns: JOIN … USING (…).")
    kind = join.side.upper() or ("CROSS" if join.kind.upper() == "CROSS" else "INNER")
    if kind in ("LEFT", "FULL"):
        _may_be_null(right)
    if kind in ("RIGHT", "FULL"):
        _may_be_null(left)
    using = join.args.get("using")
    over = {exp.Unnest: " UNNEST", exp.Lateral: " LATERAL"}.get(type(join.this), "")
    analyzer.admit(f"{kind} JOIN{over}{' USING' if using else ''}", join)
    if kind == "CROSS":
        return _cross(left, right)
    if using:
        columns, condition = _using(analyzer, left, right, using, kind)
    else:
        columns = [*left.columns, *right.columns]
        on = join.args.get("on")
        if kind != "INNER" and isinstance(join.this, exp.Unnest) and not (isinstance(on, exp.Boolean) and on.this):
            message = f"{kind} JOIN involving UNNEST is only supported with condition ON TRUE"
            raise fail(message, "not-supported", on or join)
        condition = _on(analyzer, join, Scope(columns, around.outer), around)
    text = _text(left, right, kind, condition, nested=bool(join.this.args.get("joins")))
    return Relation(columns, text)


def _text(left: Relation, right: Relation, kind: str, condition: str, *, nested: bool) -> Callable[[], str]:
    def render() -> str:
        first, second = left.render(), right.render()
        return f"{first} {kind} JOIN {f'({second})' if nested else second} ON {condition}"

    return render


def _may_be_null(side: Relation) -> None:
    for column in side.columns:
        column.nullable = column.extended = True


def _on(analyzer: Analyzer, join: exp.Join, scope: Scope, around: Surroundings) -> str:
    node = join.args.get("on")
    if node is None:
        raise fail("mismatched input. Expecting: 'ON', 'USING'", "syntax-error", join.this)
    only_scalar(node, "JOIN clause")
    with analyzer.record() as used:
        condition = analyzer.condition(node, ScopeEnvironment(analyzer, scope, around), "JOIN ON clause")
    demand(used)
    return condition.sql


def _using(
    analyzer: Analyzer, left: Relation, right: Relation, names: Sequence[exp.Identifier], kind: str
) -> tuple[list[Column], str]:
    """The columns of ``JOIN … USING``: the merged ones first, known by name alone, then the others of each side."""
    merged: list[Column] = []
    conditions: list[str] = []
    gone: set[int] = set()
    for name in names:
        if any(column.name == name.name.lower() for column in merged):
            raise fail(f"Column '{name.name}' appears multiple times in USING clause", "duplicate-column-name", name)
        pair = [_only(side, name, which) for side, which in ((left, "left"), (right, "right"))]
        type_ = common_type(column.type for column in pair)
        if type_ is None:
            message = f"Cannot join on columns of types {pair[0].type} and {pair[1].type}: {name.name}"
            raise fail(message, "type-mismatch", name)
        first, second = (analyzer.dialect.coerce(column.typed, type_).sql for column in pair)
        with analyzer.record() as used:
            equal = analyzer.lower(_equal(pair), ScopeEnvironment(analyzer, Scope([]), Surroundings("", "")))
        demand(used)
        conditions.append(equal.sql)
        text = {"RIGHT": second, "FULL": f"coalesce({first}, {second})"}.get(kind, first)
        parts = tuple(pair) if kind == "FULL" else (pair[kind == "RIGHT"],)
        nullable = pair[0].nullable and pair[1].nullable if kind == "FULL" else parts[0].nullable
        merged.append(Column(name.name.lower(), type_, text, parts=parts, nullable=nullable, written=name.name))
        gone |= {id(column) for column in pair}
    rest = [column for column in (*left.columns, *right.columns) if id(column) not in gone]
    return [*merged, *rest], " AND ".join(f"({condition})" for condition in conditions)


def _only(side: Relation, name: exp.Identifier, which: str) -> Column:
    found = [column for column in side.columns if column.name == name.name.lower()]
    if not found:
        message = f"Column '{name.name}' is missing from {which} side of join"
        raise fail(message, "column-not-found", name)
    if len(found) > 1:
        raise fail(f"Column '{name.name}' is ambiguous on the {which} side of the join", "ambiguous-name", name)
    return found[0]


def _equal(pair: Sequence[Column]) -> exp.EQ:
    return exp.EQ(this=stand_in(pair[0]), expression=stand_in(pair[1]))


def stand_in(column: Column) -> exp.Column:
    """A node that means ``column`` whatever its name."""
    node = exp.Column(this=exp.Identifier(this=column.name or "_", quoted=True))
    node.meta["column"] = column
    return node
