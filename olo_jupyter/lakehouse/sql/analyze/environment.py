"""What an expression may refer to at its place: the analyzer's side of the seam in expressions/typed.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope, demand, name_parts, nearest
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail, refuse

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings


class ScopeEnvironment:
    """An Environment (see the seam) over a scope."""

    def __init__(self, analyzer: Analyzer, scope: Scope, around: Surroundings) -> None:
        self._analyzer = analyzer
        self._around = around.inside(scope)
        self.scope = scope

    @property
    def now(self) -> datetime:
        return self._analyzer.now

    def column(self, node: exp.Column | exp.Dot) -> Typed:
        stand_in = node.meta.get("column")
        if isinstance(stand_in, Column):
            if self.scope.replace is not None and stand_in in self.scope.columns:
                stand_in = self.scope.replace(stand_in, node)
            self._analyzer.note(stand_in)
            return stand_in.typed
        parts = name_parts(node)
        if parts is None:
            if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
                return row_field(self._analyzer, self._analyzer.lower(node.this, self), node.expression)
            raise fail("'*' isn't a value here", "syntax-error", node)
        column, rest, outer = self.scope.find([part.name.lower() for part in parts], node)
        if outer:
            demand([column])
        else:
            self._analyzer.note(column)
        value = column.typed
        for part in parts[len(parts) - len(rest) :]:
            value = row_field(self._analyzer, value, part, ".".join(each.name for each in parts))
        return value

    def parameter(self, node: exp.Placeholder | exp.Parameter) -> Typed:
        if not isinstance(node, exp.Placeholder):
            return self._analyzer.session_value(node)
        return self._analyzer.parameter(node, self._around)

    def scalar_subquery(self, node: exp.Query) -> Typed:
        query = self._analyzer.query(node, self._around)
        if len(query.fields) != 1:
            raise refuse(f"a subquery of {len(query.fields)} columns as a value", node)
        return Typed(f"({query.render(None)})", query.fields[0].type)

    def subquery_column(self, node: exp.Query) -> Typed:
        """Refused for floating-point numbers: whether NaN is in a query's rows depends on Trino's plan."""
        query = self.scalar_subquery(node)
        if query.type.base in ("real", "double"):
            raise refuse(f"a look-up in the {query.type} values of a subquery", node)
        return query

    def exists(self, node: exp.Query) -> str:
        return f"({self._analyzer.query(node, self._around).render(set())})"


def row_field(analyzer: Analyzer, value: Typed, name: exp.Identifier, written: str = "") -> Typed:
    """A field of a row by name, any case; ``written`` is the whole name that it ends.

    Raises:
        QueryError: type-mismatch: not a row; invalid-column-reference; ambiguous-name.
    """
    if value.type.base != "row":
        raise fail(f"Expression of type {value.type} is not a row: it has no field {name.name}", "type-mismatch", name)
    found = [at for at, field in enumerate(value.type.names) if field.lower() == name.name.lower()]
    if not found:
        hint = nearest(name.name.lower(), value.type.names)
        message = f"Column reference '{written or name.name}' is invalid"
        raise fail(message, "invalid-column-reference", name, hint=hint)
    if len(found) > 1:
        raise fail(f"Ambiguous row field reference: {name.name}", "ambiguous-name", name)
    return analyzer.dialect.field(value, found[0])
