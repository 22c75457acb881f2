"""ORDER BY, OFFSET, LIMIT and FETCH FIRST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.clauses import inside
from olo_jupyter.lakehouse.sql.analyze.comparable import require_orderable
from olo_jupyter.lakehouse.sql.analyze.joins import stand_in
from olo_jupyter.lakehouse.sql.analyze.scope import Column
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Typed
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.sorting import sort_key


@dataclass
class Key:
    """One sort key: an output column by its index, or an expression (with the columns it needs)."""

    value: Typed
    descending: bool
    nulls_first: bool
    output: int | None = None
    needs: Sequence[Column] = ()

    def text(self, position: int | None) -> str:
        """``position``: 1-based place of the output column in the rendered select list, None where it isn't there."""
        special = self.nulls_first and self.value.type.base in ("real", "double")
        return self.over(self.value.sql if special or position is None else str(position))

    def over(self, sql: str) -> str:
        """The key where its value is ``sql``."""
        return sort_key(sql, self.value.type, descending=self.descending, nulls_first=self.nulls_first)


def order_keys(
    order: exp.Order | None,
    outputs: Sequence[Column],
    lower: Callable[[exp.Expr], tuple[Typed, Sequence[Column]]],
    *,
    nested: bool,
) -> list[Key]:
    """The sort keys. A name means an output column first, else what the query's own scope has.

    Args:
        nested: The engine puts arrays and rows into order.
        lower: How an expression (in which output columns already stand for themselves) is lowered in the query.
    """
    keys = []
    for ordered in order.expressions if order is not None else ():
        direction = bool(ordered.args.get("desc")), bool(ordered.args.get("nulls_first"))
        node = ordered.this
        at = _ordinal(node, outputs)
        if at is None:
            node = _with_outputs(node, outputs)
            column = node.meta.get("column") if node.meta.get("output") else None
            at = outputs.index(column) if column is not None else None
        if at is not None:
            require_orderable(outputs[at].type, ordered.this, nested=nested)
            keys.append(Key(outputs[at].typed, *direction, at))
            continue
        value, needs = lower(node)
        require_orderable(value.type, ordered.this, nested=nested)
        same = next((at for at, each in enumerate(outputs) if each.sql == value.sql and each.type == value.type), None)
        keys.append(Key(value, *direction, same, needs))
    return keys


def admit_order(analyzer: Analyzer, keys: Sequence[Key], node: exp.Expr | None) -> None:
    """Ask the dialect for each kind of key.

    Raises:
        Unsupported: Its order was never compared with Trino's.
    """
    for key in keys:
        nulls = " NULLS FIRST" if key.nulls_first else ""
        analyzer.admit(f"ORDER BY of {key.value.type.base}{' DESC' if key.descending else ''}{nulls}", node)


def _ordinal(node: exp.Expr, outputs: Sequence[Column]) -> int | None:
    if not isinstance(node, exp.Literal) or node.is_string or not node.this.isdigit():
        return None
    at = int(node.this)
    if not 1 <= at <= len(outputs):
        raise fail(f"ORDER BY position {at} is not in select list", "invalid-column-reference", node)
    return at - 1


def _with_outputs(node: exp.Expr, outputs: Sequence[Column]) -> exp.Expr:
    """A copy of ``node`` in which names of output columns stand for these."""
    root = exp.Paren(this=node.copy())
    shadowed = {
        each.name.lower() for found in inside(root) if isinstance(found, exp.Lambda) for each in found.expressions
    }
    for part in list(inside(root)):
        if isinstance(part, exp.Column) and len(part.parts) == 1 and part.name.lower() not in shadowed:
            found = [column for column in outputs if column.name and column.name == part.name.lower()]
            if len(found) > 1:
                raise fail(f"Column '{part.name}' is ambiguous", "ambiguous-name", part)
            if found:
                new = stand_in(found[0])
                new.meta.update(column=found[0], output=True)
                if "place" in part.meta:
                    new.meta["place"] = part.meta["place"]
                part.replace(new)
    result = root.this
    result.pop()
    return result if not isinstance(result, exp.Paren) or not result.unnest().meta.get("output") else result.unnest()


@dataclass(frozen=True)
class Limits:
    """OFFSET and LIMIT as DuckDB text; ``ties`` for FETCH FIRST … WITH TIES."""

    offset: str = ""
    limit: str = ""
    ties: bool = False

    def tied(self, keys: str) -> str:
        """Whether a row is among the first ``limit`` ones after the ``offset``, or ties with the last of them."""
        if not self.offset:
            return f"rank() OVER (ORDER BY {keys}) <= {self.limit}"
        return f"rank() OVER (ORDER BY {keys}) <= {self.offset} + {self.limit}"

    @property
    def sql(self) -> str:
        limit = f" LIMIT {self.limit}" if self.limit and not self.ties else ""
        return f"{limit}{f' OFFSET {self.offset}' if self.offset else ''}"


def limits(analyzer: Analyzer, node: exp.Expr, around: Surroundings) -> Limits:
    """Read OFFSET, LIMIT and FETCH FIRST of a query."""
    offset_node, limit_node = node.args.get("offset"), node.args.get("limit")
    if offset_node is not None:
        analyzer.admit("OFFSET", offset_node)
    if limit_node is not None:
        analyzer.admit("LIMIT", limit_node)
    offset = _count(analyzer, offset_node.expression, around, "OFFSET") if offset_node is not None else ""
    if isinstance(limit_node, exp.Fetch):
        count = limit_node.args.get("count")
        limit = "1" if count is None else _count(analyzer, count, around, "FETCH FIRST")
        if limit == "0":
            raise fail(
                "FETCH FIRST row count must be positive (actual value: 0)", "numeric-value-out-of-range", limit_node
            )
        options = limit_node.args.get("limit_options")
        ties = bool(options is not None and options.args.get("with_ties"))
        if ties and node.args.get("order") is None:
            raise fail("FETCH FIRST WITH TIES clause requires ORDER BY", "missing-order-by", limit_node)
        if ties and not analyzer.dialect.ties:
            raise refuse("FETCH FIRST … WITH TIES", limit_node)
        return Limits(offset, limit, ties)
    if limit_node is None or (
        isinstance(limit_node.expression, exp.Var) and limit_node.expression.name.upper() == "ALL"
    ):
        return Limits(offset)
    return Limits(offset, _count(analyzer, limit_node.expression, around, "LIMIT"))


def _count(analyzer: Analyzer, node: exp.Expr, around: Surroundings, clause: str) -> str:
    if isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit():
        return str(int(node.this))
    if isinstance(node, exp.Placeholder):
        if around.view:
            raise fail("A view can't have parameters", "invalid-view", node)
        value = analyzer.parameters.value(node)[1]
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return str(value)
        raise fail(f"{clause} needs a count, not {value!r}", "type-mismatch", node)
    raise fail(f"{clause} takes a number or a parameter", "syntax-error", node)


def constant_key(key: Key) -> bool:
    """A key that is the same in every row orders nothing (and DuckDB would take a number for a position)."""
    return key.value.constant is not NOT_CONSTANT
