"""What an expression may refer to at its place: the analyzer's side of the seam in expressions/typed.py."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope, demand, name_parts, nearest
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, field_names, identifier
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.types import TrinoType

if TYPE_CHECKING:
    from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings


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
        if isinstance(node, exp.Dot) and "column" in node.this.meta:  # a field of what stands for an aggregate
            parts = None
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
        """Of several columns: a row of them, which is there (with NULLs) where the query gives none."""
        query = self._analyzer.query(node, self._around)
        if len(query.fields) == 1:
            return Typed(f"({query.render(None)})", query.fields[0].type)
        value = self._rows(query, node)
        names = field_names(value.type)
        absent = (
            f"{identifier(name)} := CAST(NULL AS {duck_type(kind)})"
            for name, kind in zip(names, value.type.elements, strict=True)
        )
        return Typed(f"coalesce({value.sql}, struct_pack({', '.join(absent)}))", value.type)

    def subquery_column(self, node: exp.Query, *, as_row: bool = False) -> Typed:
        query = self._analyzer.query(node, self._around)
        if as_row:
            return self._rows(query, node)
        if len(query.fields) != 1:
            message = (
                f"Value expression and result of subquery must be of the same type: one value vs {_row_type(query)}"
            )
            raise fail(message, "type-mismatch", node)
        return Typed(f"({query.render(None)})", query.fields[0].type)

    def _rows(self, query: Analyzed, node: exp.Query) -> Typed:
        """A query of any columns as a query (in parentheses) of one, whose values are its rows."""
        if not self._analyzer.dialect.rows:
            raise refuse(f"a subquery of {len(query.fields)} columns as a value", node)
        type_ = _row_type(query)
        fields = (f"{identifier(name)} := q.c{at}" for at, name in enumerate(field_names(type_)))
        return Typed(f"(SELECT struct_pack({', '.join(fields)}) FROM ({query.render(None)}) AS q)", type_)

    def exists(self, node: exp.Query) -> str:
        return f"({self._analyzer.query(node, self._around).render(set())})"


def _row_type(query: Analyzed) -> TrinoType:
    names = tuple(field.name.lower() for field in query.fields)
    return TrinoType("row", (), tuple(field.type for field in query.fields), names)


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
