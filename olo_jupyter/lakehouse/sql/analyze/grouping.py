"""GROUP BY: keys, grouping sets and aggregations, computed in a query of their own below the select list.

``SELECT upper(k), sum(x) + 1 FROM t GROUP BY k`` becomes ``SELECT upper(g.k0), g.a0 + 1 FROM (SELECT k AS k0,
sum(x) AS a0 FROM t GROUP BY 1) AS g``: what isn't a key or an aggregation can't be named any more, as Trino has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.clauses import (
    function_of,
    has_aggregation,
    has_window,
    is_aggregation,
    is_grouping,
    is_query,
    only_scalar,
    shown,
)
from olo_jupyter.lakehouse.sql.analyze.comparable import require_comparable
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.joins import stand_in
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Owner, Scope, demand, name_parts
from olo_jupyter.lakehouse.sql.expressions.calls import require_registered
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail, placed, refuse
from olo_jupyter.lakehouse.sql.types import UNKNOWN, TrinoType


@dataclass
class _Made:
    """A column of the grouping: its text below, the columns of FROM that it needs, and how many keys GROUPING() has."""

    column: Column
    sql: str
    needs: list[Column] = field(default_factory=list)
    bits: int = 0


class Grouping(Owner):
    """The grouping of one SELECT.

    Args:
        source: What FROM gives.
        items: The select list, for ordinals.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        source: ScopeEnvironment,
        around: Surroundings,
        group: exp.Group | None,
        items: Sequence[exp.Expr],
    ) -> None:
        self._analyzer, self._source = analyzer, source
        self._alias = analyzer.name("g")
        self._keys: list[tuple[exp.Expr, _Made]] = []
        self._aggregates: dict[str, _Made] = {}
        self._used: set[int] = set()
        self._global = group is None
        self._sets = self._read(group, items)
        scope = Scope(source.scope.columns, source.scope.parent, source.scope.same_level, replace=self._replace)
        self.environment = ScopeEnvironment(analyzer, scope, around)

    def demand(self, column: Column) -> None:
        self._used.add(id(column))

    def rewrite(self, node: exp.Expr) -> exp.Expr:
        """A copy of ``node`` in which keys and aggregations stand as columns of the grouping."""
        root = exp.Paren(this=node.copy())
        self._rewrite(root.this, frozenset(), None)
        result: exp.Expr = root.this
        result.pop()
        return result

    def render(self, source: Callable[[], str], where: str) -> str:
        """The grouping's own query, as a relation; ``source`` is asked for its text when all its columns are known."""
        made = [made for made in self._aggregates.values() if id(made.column) in self._used]
        for each in (*(key for _, key in self._keys), *made):
            demand(each.needs)
        columns = [*(key for _, key in self._keys), *made]
        listed = [f"{each.sql} AS {each.column.sql.rpartition('.')[2]}" for each in columns] or ["count(*) AS a"]
        from_ = source()
        below = f"{from_ and f' FROM {from_}'}{where}"
        text = f"SELECT {', '.join(listed)}{below}"
        totals = self._sets.count(()) if len(self._sets) > 1 and not self._analyzer.dialect.empty_sets else 0
        if not totals:
            return f"({text}{self._group_by()}) AS {self._alias}"
        parts = [f"{text}{self._group_by()}"] if any(self._sets) else []
        parts += [self._total(columns, below)] * totals
        return f"({' UNION ALL '.join(parts)}) AS {self._alias}"

    def _total(self, columns: Sequence[_Made], below: str) -> str:
        """The grouping set () as a query of its own: it has one row, even where there is nothing to group.

        HAVING says so where no aggregation does.
        """
        dialect = self._analyzer.dialect
        listed = []
        for each in columns:
            if any(each is key for _, key in self._keys):
                text = dialect.coerce(Typed("NULL", UNKNOWN, None), each.column.type).sql
            else:
                text = str(2**each.bits - 1) if each.bits else each.sql
            listed.append(f"{text} AS {each.column.sql.rpartition('.')[2]}")
        return f"SELECT {', '.join(listed) or 'count(*) AS a'}{below} HAVING true"

    def _group_by(self) -> str:
        dialect, keys = self._analyzer.dialect, [key for _, key in self._keys]
        if len(self._sets) > 1 and not dialect.empty_sets:
            texts = (f"({', '.join(keys[at].sql for at in each)})" for each in self._sets if each)
            return f" GROUP BY GROUPING SETS ({', '.join(texts)})"
        sets = [", ".join(str(at + 1) for at in each) for each in self._sets]
        if len(sets) == 1:
            return f" GROUP BY {sets[0]}" if sets[0] else ""
        return f" GROUP BY GROUPING SETS ({', '.join(f'({each})' for each in sets)})"

    # Reading GROUP BY

    def _read(self, group: exp.Group | None, items: Sequence[exp.Expr]) -> list[tuple[int, ...]]:
        if group is None:
            return [()]
        elements: list[list[tuple[int, ...]]] = []
        several = False
        for element in group.expressions:
            sets = self._element(element, items)
            several = several or sets is not None
            elements.append(sets if sets is not None else [self._simple(element, items)])
        combined = [tuple(dict.fromkeys(key for each in choice for key in each)) for choice in product(*elements)]
        if str(group.args.get("all") or "").upper() == "DISTINCT":
            combined = list({frozenset(each): each for each in combined}.values())
        if several:
            self._analyzer.admit("GROUP BY of several grouping sets", group)
        if several and len(combined) > 1:
            everywhere = set(combined[0]).intersection(*combined)
            for at, (_, key) in enumerate(self._keys):
                key.column.nullable = key.column.nullable or at not in everywhere
        return combined

    def _element(self, element: exp.Expr, items: Sequence[exp.Expr]) -> list[tuple[int, ...]] | None:
        """The grouping sets of ROLLUP, CUBE or GROUPING SETS; None for a simple element."""
        if isinstance(element, exp.Rollup):
            parts = [self._column_keys(each) for each in element.expressions]
            return [tuple(key for part in parts[:length] for key in part) for length in range(len(parts), -1, -1)]
        if isinstance(element, exp.Cube):
            parts = [self._column_keys(each) for each in element.expressions]
            chosen = product((True, False), repeat=len(parts))
            return [
                tuple(key for part, take in zip(parts, choice, strict=True) if take for key in part)
                for choice in chosen
            ]
        if isinstance(element, exp.GroupingSets):
            sets: list[tuple[int, ...]] = []
            for each in element.expressions:
                nested = self._element(each, items)
                sets += nested if nested is not None else [self._column_keys(each)]
            return sets
        return None

    def _column_keys(self, node: exp.Expr) -> tuple[int, ...]:
        node = node.unnest()
        if isinstance(node, exp.Tuple):
            return tuple(key for each in node.expressions for key in self._column_keys(each))
        if name_parts(node) is None:
            message = f"GROUP BY expression must be a column reference: {shown(node)}"
            raise fail(message, "invalid-column-reference", node)
        return (self._key(node),)

    def _simple(self, node: exp.Expr, items: Sequence[exp.Expr]) -> tuple[int, ...]:
        if node == exp.Var(this="AUTO"):
            return self._automatic(items)
        inner = node.unnest()
        if isinstance(inner, exp.Tuple):
            return tuple(key for each in inner.expressions for key in self._simple(each, items))
        if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
            at = int(node.this)
            if not 1 <= at <= len(items):
                raise fail(f"GROUP BY position {at} is not in select list", "invalid-column-reference", node)
            node = items[at - 1]
        if has_aggregation(node) or has_window(node):
            only_scalar(node, "GROUP BY clause")
        return (self._key(node),)

    def _automatic(self, items: Sequence[exp.Expr]) -> tuple[int, ...]:
        """``GROUP BY AUTO``: what the select list has beside aggregations."""
        chosen = [each for each in items if is_grouping(each) or not has_aggregation(each)]
        for each in chosen:
            only_scalar(each, "GROUP BY clause")
        return tuple(self._key(each) for each in chosen)

    def _key(self, node: exp.Expr) -> int:
        canonical = self._canonical(node, frozenset())
        for at, (known, _) in enumerate(self._keys):
            if known == canonical:
                return at
        with self._analyzer.record() as needs:
            value = self._analyzer.lower(node, self._source)
        require_comparable(value.type, node, "GROUP BY")
        self._analyzer.admit(f"GROUP BY of {value.type.base}", node)
        nullable = needs[0].nullable if isinstance(canonical, exp.Var) and needs else True
        column = Column("", value.type, f"{self._alias}.k{len(self._keys)}", owner=self, nullable=nullable)
        self._keys.append((canonical, _Made(column, value.sql, needs)))
        return len(self._keys) - 1

    # Rewriting what stands above

    def _replace(self, column: Column, node: exp.Expr) -> Column:
        for canonical, key in self._keys:
            if isinstance(canonical, exp.Var) and canonical.this == _mark(column):
                return key.column
        _require_functions_around(node)
        message = f"'{shown(node)}' must be an aggregate expression or appear in GROUP BY clause"
        raise fail(message, "expression-not-aggregate", node)

    def _rewrite(self, node: exp.Expr, lambdas: frozenset[str], function: exp.Expr | None) -> None:
        if is_query(node):
            self._rewrite_query(node, lambdas)
            return
        key = self._matching_key(node, lambdas)
        if key is not None:
            node.replace(_at(key.column, node))
        elif is_grouping(node):
            node.replace(_at(self._grouping(node), node))
        elif function_of(node) is not function and is_aggregation(node):
            node.replace(_at(self._aggregate(node), node))
        else:
            if isinstance(node, exp.Lambda):
                lambdas |= {each.name.lower() for each in node.expressions}
            if isinstance(node, exp.Window):
                function = function_of(node.this)
            elif function_of(node) is node:
                function = None
            for child in list(node.iter_expressions()):
                self._rewrite(child, lambdas, function)

    def _rewrite_query(self, node: exp.Expr, lambdas: frozenset[str]) -> None:
        """A subquery that is a value may be a key; in what stands inside it nothing is replaced."""
        if isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.In | exp.Exists | exp.Any | exp.All):
            canonical = self._canonical(node, lambdas)
            made = next((made for known, made in self._keys if known == canonical), None)
            if made is not None:
                node.replace(_at(made.column, node))

    def _matching_key(self, node: exp.Expr, lambdas: frozenset[str]) -> _Made | None:
        if "column" in node.meta:
            return next((made for known, made in self._keys if known == self._canonical(node, lambdas)), None)
        kinds = {type(canonical) for canonical, _ in self._keys}
        plain = node.unnest()
        parts = name_parts(plain)
        if parts is not None and (
            exp.Var not in kinds or parts[0].name.lower() in lambdas or isinstance(plain, exp.Identifier)
        ):
            return None
        if parts is None and type(plain) not in kinds:
            return None
        canonical = self._canonical(plain, lambdas)
        return next((made for known, made in self._keys if known == canonical), None)

    def _canonical(self, node: exp.Expr, lambdas: frozenset[str]) -> exp.Expr:
        """``node`` with columns by what they mean instead of how they are written, and without parentheses."""
        node = node.unnest()
        if "column" in node.meta:
            return exp.Var(this=_mark(node.meta["column"]))
        parts = name_parts(node)
        if parts is not None and not isinstance(node, exp.Identifier) and parts[0].name.lower() not in lambdas:
            try:
                column, rest, outer = self._source.scope.find([part.name.lower() for part in parts], node)
            except QueryError:
                return node.copy()
            fields = "".join(f".{field}" for field in rest)
            return exp.Var(this=f"{_mark(column)}{fields}{' outer' if outer else ''}")
        if is_query(node):
            return node.copy()
        copy = node.copy()
        if isinstance(copy, exp.Lambda):
            lambdas |= {each.name.lower() for each in copy.expressions}
        for child in list(copy.iter_expressions()):
            child.replace(self._canonical(child, lambdas))
        return copy

    def _aggregate(self, node: exp.Expr) -> Column:
        condition = node.expression if isinstance(node, exp.Filter) else None
        for part in [*function_of(node).iter_expressions(), *([condition] if condition is not None else [])]:
            for inner in part.walk():
                if inner.meta.get("output"):
                    message = "Invalid reference to output projection attribute from ORDER BY aggregation"
                    raise fail(message, "column-not-found", node)
            if has_aggregation(part):
                message = f"Cannot nest aggregations inside aggregation '{shown(node)}'"
                raise fail(message, "nested-aggregation", node)
            if has_window(part):
                message = f"Cannot nest window functions inside aggregation '{shown(node)}'"
                raise fail(message, "nested-window", node)
        with self._analyzer.record() as needs:
            value = self._analyzer.lower(node, self._source)
        if not needs and any(isinstance(part, exp.Column) and name_parts(part) for part in node.walk()):
            raise refuse(f"an aggregation of columns of the outer query only: {shown(node)}", node)
        return self._made(value.sql, value.type, needs)

    def _grouping(self, node: exp.Expr) -> Column:
        if self._global:
            message = (
                "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause"
            )
            raise fail(message, "missing-group-by", node)
        texts = []
        for each in node.expressions:
            key = self._matching_key(each, frozenset())
            if key is None:
                what = "expressions referenced by the GROUP BY at the associated query level"
                message = f"The arguments to GROUPING() must be {what}"
                raise fail(message, "invalid-arguments", each)
            texts.append(key.sql)
        self._analyzer.admit(f"GROUPING over {'several' if len(self._sets) > 1 else 'one'}", node)
        if len(self._sets) == 1:
            return self._made("0", TrinoType("integer"), [])
        type_ = "integer" if len(texts) <= 31 else "bigint"
        kind = TrinoType(type_)
        return self._made(self._analyzer.dialect.grouping(texts, kind), kind, [], len(texts))

    def _made(self, sql: str, type_: TrinoType, needs: list[Column], bits: int = 0) -> Column:
        known = self._aggregates.get(sql)
        if known is None:
            column = Column("", type_, f"{self._alias}.a{len(self._aggregates)}", owner=self)
            known = self._aggregates.setdefault(sql, _Made(column, sql, needs, bits))
        return known.column


def _mark(column: Column) -> str:
    return f"column {id(column)}"


def _at(column: Column, node: exp.Expr) -> exp.Column:
    new = stand_in(column)
    if "place" in node.meta:
        new.meta["place"] = node.meta["place"]
    return new


def _require_functions_around(node: exp.Expr) -> None:
    """An aggregate that is mistyped, or another engine's, is said to be that, not that its column is no key."""
    call = node.find_ancestor(exp.Anonymous)
    while call is not None:
        try:
            require_registered(str(call.this).lower())
        except QueryError as error:
            raise placed(error, call) from error
        call = call.find_ancestor(exp.Anonymous)
