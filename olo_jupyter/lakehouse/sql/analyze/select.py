"""SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW … ORDER BY … LIMIT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.clauses import has_aggregation, only_scalar
from olo_jupyter.lakehouse.sql.analyze.comparable import require_comparable
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.grouping import Grouping
from olo_jupyter.lakehouse.sql.analyze.joins import with_joins
from olo_jupyter.lakehouse.sql.analyze.ordering import Key, Limits, admit_order, constant_key, limits, order_keys
from olo_jupyter.lakehouse.sql.analyze.predicates import add_predicates
from olo_jupyter.lakehouse.sql.analyze.relations import Relation, relation
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope, demand
from olo_jupyter.lakehouse.sql.analyze.selectlist import Item, expand
from olo_jupyter.lakehouse.sql.analyze.windows import with_named_windows
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.statement import Field


def analyze_select(analyzer: Analyzer, node: exp.Select, around: Surroundings) -> SelectQuery:
    """Analyze one SELECT in the order in which its clauses can see each other."""
    node = with_named_windows(node)
    source = _from(analyzer, node, around)
    environment = ScopeEnvironment(analyzer, Scope(source.columns, around.outer), around)
    where = _where(analyzer, node, environment)

    def typed(each: exp.Expr) -> Typed:
        with analyzer.record():
            return analyzer.lower(each, environment)

    items = expand(node, source.columns, typed)
    having, order = node.args.get("having"), node.args.get("order")
    above = [*(item.node for item in items), *([having.this] if having else []), *(order.expressions if order else [])]
    grouping: Grouping | None = None
    if node.args.get("group") or having or any(has_aggregation(each) for each in above):
        nodes = [item.node for item in items]
        grouping = Grouping(analyzer, environment, around, node.args.get("group"), nodes)

    def lower(each: exp.Expr) -> tuple[Typed, Sequence[Column]]:
        with analyzer.record() as needs:
            if grouping is not None:
                return analyzer.lower(grouping.rewrite(each), grouping.environment), needs
            return analyzer.lower(each, environment), needs

    outputs = []
    for item in items:
        value, needs = lower(item.node)
        literal = value.constant is not NOT_CONSTANT and value.constant is not None
        nullable = needs[0].nullable if item.is_column and len(needs) == 1 else not literal
        outputs.append(
            Column(
                item.name.lower(),
                value.type,
                value.sql,
                parts=tuple(needs),
                nullable=nullable,
                constant=value.constant,
                written=item.name,
            )
        )
    having_text = ""
    if having is not None and grouping is not None:
        having_text = _having(analyzer, having.this, grouping)
    keys = order_keys(order, outputs, lower, nested=analyzer.dialect.rows)
    admit_order(analyzer, keys, order)
    distinct = bool(node.args.get("distinct"))
    if distinct:
        _check_distinct(analyzer, outputs, items, keys, order)
    return SelectQuery(source, where, grouping, having_text, outputs, keys, limits(analyzer, node, around), distinct)


def _from(analyzer: Analyzer, node: exp.Select, around: Surroundings) -> Relation:
    from_ = node.args.get("from_")
    if from_ is None:
        return Relation([], lambda: "")
    first = relation(analyzer, from_.this, around, [])
    return with_joins(analyzer, first, node.args.get("joins") or [], around, [])


def _where(analyzer: Analyzer, node: exp.Select, environment: ScopeEnvironment) -> str:
    where = node.args.get("where")
    if where is None:
        return ""
    only_scalar(where.this, "WHERE clause")
    with analyzer.record() as needs:
        condition = analyzer.condition(where.this, environment, "WHERE clause")
    demand(needs)
    add_predicates(analyzer, where.this, environment)
    return f" WHERE {condition.sql}"


def _having(analyzer: Analyzer, node: exp.Expr, grouping: Grouping) -> str:
    for part in node.find_all(exp.Window):
        raise fail("HAVING clause cannot contain window functions", "nested-window", part)
    with analyzer.record() as needs:
        condition = analyzer.condition(grouping.rewrite(node), grouping.environment, "HAVING clause")
    demand(needs)
    return f" WHERE {condition.sql}"


def _check_distinct(
    analyzer: Analyzer, outputs: Sequence[Column], items: Sequence[Item], keys: Sequence[Key], order: exp.Order | None
) -> None:
    for column, item in zip(outputs, items, strict=True):
        require_comparable(column.type, item.node, "SELECT DISTINCT")
        analyzer.admit(f"SELECT DISTINCT of {column.type.base}", item.node)
    for key, ordered in zip(keys, order.expressions if order is not None else (), strict=True):
        if key.output is None:
            message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list"
            raise fail(message, "expression-not-in-distinct", ordered)


@dataclass
class SelectQuery:
    """An analyzed SELECT."""

    source: Relation
    where: str
    grouping: Grouping | None
    having: str
    outputs: Sequence[Column]
    keys: Sequence[Key]
    limits: Limits
    distinct: bool

    @property
    def fields(self) -> Sequence[Field]:
        return [Field(column.written, column.type, column.nullable) for column in self.outputs]

    def render(self, used: set[int] | None) -> str:
        every = self.distinct or used is None
        chosen = [at for at in range(len(self.outputs)) if every or at in (used or ())]
        position = {at: place for place, at in enumerate(chosen, start=1)}
        demand(self.outputs[at] for at in chosen)
        keys = [key for key in self.keys if not constant_key(key)]
        for key in keys:
            demand(key.needs if key.output is None else [self.outputs[key.output]])
        listed = ", ".join(f"{self.outputs[at].sql} AS c{at}" for at in chosen) or "1 AS c"
        text = f"SELECT {'DISTINCT ' if self.distinct else ''}{listed}{self._below()}"
        return with_tail(text, keys, position, self.limits, wrap=self.distinct)

    def _below(self) -> str:
        if self.grouping is not None:
            return f" FROM {self.grouping.render(self.source.render, self.where)}{self.having}"
        source = self.source.render()
        return f"{source and f' FROM {source}'}{self.where}"


def with_tail(text: str, keys: Sequence[Key], position: dict[int, int], limits: Limits, *, wrap: bool) -> str:
    """``text`` with ORDER BY and the limits.

    Args:
        position: For output columns that are in ``text``'s select list: their places, from 1.
        wrap: Keys are output columns only; rows that tie are counted around ``text``.
    """
    if limits.ties and keys:
        ranked = ", ".join(key.over(f"c{key.output}") if wrap else key.text(None) for key in keys)
        if wrap:
            text = f"SELECT * FROM ({text}) AS t"
        text = f"{text} QUALIFY {limits.tied(ranked)}"
    ordered = [key.text(position.get(key.output) if key.output is not None else None) for key in keys]
    order = f" ORDER BY {', '.join(ordered)}" if keys else ""
    return f"{text}{order}{limits.sql}"
