"""Columns that can be seen at a place of a query, and how a name finds one of them (Trino's rules)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.sql.expressions.typed import NOT_CONSTANT, Short, Typed
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.types import TrinoType


class Owner:
    """Something that gives columns to a query: a scan, a subquery, a grouping. It learns which of them are needed.

    ``demand`` is called when a column is needed for sure; an owner is rendered after all demands on it are known.
    """

    def demand(self, column: Column) -> None:
        """Note that ``column`` is needed."""


@dataclass(eq=False)
class Column:
    """A column that a name can mean.

    Args:
        name: Lower case; '' where it has none.
        type: Trino's type.
        sql: DuckDB text, good wherever the column's owner is in sight.
        qualifier: What may stand before the name, from the left: ``(catalog, namespace, table)`` or ``(alias,)`` or ().
        owner: Who gives it.
        parts: Columns that it is made of (the merged column of USING); they are needed when it is.
        nullable: Whether NULL may occur.
        plain: A column of a table as it is stored: what may prune files.
        extended: An outer join may have put NULL in its place: that it IS NULL says nothing of the stored rows.
        short: Gives a stored decimal with its bounds; see ``Typed.short``.
        constant: Known value (an output column that is a literal).
        written: The name as it was written: what a result shows.
        hidden: No star shows it.
    """

    name: str
    type: TrinoType
    sql: str
    qualifier: tuple[str, ...] = ()
    owner: Owner | None = None
    parts: tuple[Column, ...] = ()
    nullable: bool = True
    plain: bool = False
    extended: bool = False
    constant: object = NOT_CONSTANT
    short: Callable[[], Short | None] | None = None
    written: str = ""
    hidden: bool = False

    def __deepcopy__(self, memo: object) -> Column:
        """Itself: a copied tree means the same columns."""
        return self

    @property
    def typed(self) -> Typed:
        return Typed(self.sql, self.type, self.constant, self.short)

    def matches(self, parts: Sequence[str]) -> bool:
        """Whether ``parts`` (lower case) names this column: the last is its name, the others end its qualifier."""
        *prefix, last = parts
        if last != self.name or len(prefix) > len(self.qualifier):
            return False
        return not prefix or self.qualifier[-len(prefix) :] == tuple(prefix)


def demand(columns: Iterable[Column]) -> None:
    """Tell the owners of ``columns`` that these are needed."""
    for column in columns:
        demand(column.parts)
        if column.owner is not None:
            column.owner.demand(column)


@dataclass
class Scope:
    """The columns of one query level; ``parent`` is the level around it.

    Args:
        columns: In FROM's order.
        parent: Where names go that aren't found here.
        same_level: ``parent`` is the same query (ORDER BY sees the select list, then FROM).
        replace: What a found column turns into at this place: a grouping's key, or an error for an ungrouped column.
    """

    columns: Sequence[Column]
    parent: Scope | None = None
    same_level: bool = False
    replace: Callable[[Column, exp.Expr], Column] | None = None

    def find(self, parts: Sequence[str], node: exp.Expr) -> tuple[Column, Sequence[str], bool]:
        """The column that a name means, the parts behind it (a row's fields), whether it is an outer query's.

        Args:
            parts: The name's parts, lower case.

        Raises:
            QueryError: column-not-found, ambiguous-name.
        """
        scope: Scope | None = self
        outer = False
        while scope is not None:
            found = scope._here(parts, node)
            if found is not None:
                column, rest = found
                return (scope.replace(column, node) if scope.replace else column), rest, outer
            outer = outer or not scope.same_level
            scope = scope.parent
        raise self._not_found(parts, node)

    def _here(self, parts: Sequence[str], node: exp.Expr) -> tuple[Column, Sequence[str]] | None:
        for length in range(len(parts), 0, -1):
            matching = [column for column in self.columns if column.matches(parts[:length])]
            if len(matching) > 1:
                raise fail(f"Column '{'.'.join(parts)}' is ambiguous", "ambiguous-name", node, hint=_qualify(matching))
            if matching and (length == len(parts) or matching[0].type.base == "row"):
                return matching[0], parts[length:]
        return None

    def _not_found(self, parts: Sequence[str], node: exp.Expr) -> QueryError:
        seen: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            seen += [column.name for column in scope.columns if column.name and not column.hidden]
            scope = scope.parent
        hint = nearest(parts[-1], seen)
        if not hint and seen:
            shown = list(dict.fromkeys(seen))
            hint = f"Columns here: {', '.join(shown[:20])}{' …' if len(shown) > 20 else ''}."
        return fail(f"Column '{'.'.join(parts)}' cannot be resolved", "column-not-found", node, hint=hint)


def _qualify(columns: Iterable[Column]) -> str:
    options = [".".join((*column.qualifier[-1:], column.name)) for column in columns]
    return f"Write which one: {', '.join(dict.fromkeys(options))}." if any("." in option for option in options) else ""


def nearest(name: str, names: Iterable[str]) -> str:
    """``Did you mean …?`` for a name that doesn't exist, '' where nothing is near."""
    near = get_close_matches(name, list(dict.fromkeys(names)), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def name_parts(node: exp.Expr) -> list[exp.Identifier] | None:
    """The identifiers of ``a.b.c`` from the left; None where ``node`` isn't a plain name."""
    if isinstance(node, exp.Identifier):
        return [node]
    if isinstance(node, exp.Column):
        parts = [part for part in node.parts if isinstance(part, exp.Identifier)]
        return parts if len(parts) == len(node.parts) else None
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        before = name_parts(node.this)
        return None if before is None else [*before, node.expression]
    return None
