"""Any query: WITH, set operations, VALUES, parentheses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze import recursion
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.comparable import require_comparable
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.ordering import Key, Limits, admit_order, constant_key, limits, order_keys
from olo_jupyter.lakehouse.sql.analyze.owners import CommonTable, renamed
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope
from olo_jupyter.lakehouse.sql.analyze.select import analyze_select, with_tail
from olo_jupyter.lakehouse.sql.dialect import Dialect
from olo_jupyter.lakehouse.sql.expressions.coercion import common_type
from olo_jupyter.lakehouse.sql.expressions.typed import DRAWING, Typed, draws
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.statement import Field
from olo_jupyter.lakehouse.sql.types import TrinoType

_OPERATIONS: dict[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def analyze_query(analyzer: Analyzer, node: exp.Expr, around: Surroundings) -> Analyzed:
    """Analyze a query with its WITH."""
    with_ = node.args.get("with_")
    if with_ is None:
        return _body(analyzer, node, around)
    tables = dict(around.tables)
    own: list[CommonTable] = []
    names: set[str] = set()
    for each in with_.expressions:
        name = each.alias.lower()
        if name in names:
            raise fail(
                f"WITH query name '{name}' specified more than once", "duplicate-named-query", each.args["alias"]
            )
        names.add(name)
        query = _common(analyzer, each, around, tables, recursive=bool(with_.args.get("recursive")))
        table = CommonTable(analyzer.name("cte"), query, renamed(query.fields, each.args["alias"]))
        tables[name] = table
        own.append(table)
    body = _body(analyzer, node, replace(around, tables=tables))
    _admit_draws(analyzer, with_, own)
    return WithQuery(body, own)


def _admit_draws(analyzer: Analyzer, with_: exp.With, tables: Sequence[CommonTable]) -> None:
    """Tell the dialect of queries that are used again and draw values: Trino draws them anew for each use."""
    drawn: set[str] = set()
    for each, table in zip(with_.expressions, tables, strict=True):
        calls = {call.name.lower() for call in each.this.find_all(exp.Anonymous)}
        if calls & DRAWING or any(one.name.lower() in drawn for one in each.this.find_all(exp.Table)):
            drawn.add(each.alias.lower())
            if table.uses > 1:
                analyzer.admit("WITH of drawn values that is used again", each)


def _common(
    analyzer: Analyzer, node: exp.CTE, around: Surroundings, tables: Mapping[str, CommonTable], *, recursive: bool
) -> Analyzed:
    """One query of WITH, over the ``tables`` before it."""
    alias = node.args["alias"]
    if recursive and not alias.args.get("columns"):
        raise fail("missing column aliases in recursive WITH query", "missing-column-aliases", alias)
    if recursive and recursion.references(node.this, alias.name.lower()):
        return recursion.recursive(analyzer, node.this, alias, around, tables)
    return analyzer.query(node.this, replace(around, tables=dict(tables), outer=None))


def _body(analyzer: Analyzer, node: exp.Expr, around: Surroundings) -> Analyzed:
    if isinstance(node, exp.Subquery):
        inner = analyzer.query(node.this, around)
        if node.args.get("order") or node.args.get("limit") or node.args.get("offset"):
            return _ordered(analyzer, inner, node, around)
        return inner
    if isinstance(node, exp.Select):
        return analyze_select(analyzer, node, around)
    if isinstance(node, exp.SetOperation):
        return _ordered(analyzer, _set_operation(analyzer, node, around), node, around)
    if isinstance(node, exp.Values):
        return _ordered(analyzer, _values(analyzer, node, around), node, around)
    if isinstance(node, exp.Table):
        return analyzer.query(exp.Select(expressions=[exp.Star()], from_=exp.From(this=node)), around)
    raise refuse(f"this query: {node.sql(dialect='trino')}", node)


@dataclass
class WithQuery:
    """A query under WITH. The queries of WITH are rendered last, when all that is needed of them is known."""

    body: Analyzed
    tables: Sequence[CommonTable]

    @property
    def fields(self) -> Sequence[Field]:
        return self.body.fields

    def render(self, used: set[int] | None) -> str:
        text = self.body.render(used)
        listed = [(table.name, table.render()) for table in reversed(self.tables) if table.rendered]
        return f"WITH {', '.join(_drawn_by_each_use(listed[::-1]))} {text}" if listed else text


def _drawn_by_each_use(tables: Sequence[tuple[str, str]]) -> list[str]:
    """Tables of WITH (name, text): Trino runs them once for each use, so that random() differs between two of them."""
    drawn: list[str] = []
    texts = []
    for name, text in tables:
        if draws(text) or any(re.search(rf"\b{other}\b", text) for other in drawn):
            drawn.append(name)
            text = text.replace(f"{name} AS (", f"{name} AS NOT MATERIALIZED (", 1)
        texts.append(text)
    return texts


def _set_operation(analyzer: Analyzer, node: exp.SetOperation, around: Surroundings) -> SetQuery:
    operation = _OPERATIONS[type(node)]
    distinct = bool(node.args.get("distinct"))
    analyzer.admit(operation if distinct else f"{operation} ALL", node)
    sides = [analyzer.query(each, around) for each in _operands(node)]
    fields = list(sides[0].fields)
    stages: list[tuple[int, list[TrinoType]]] = []
    for number, side in enumerate(sides[1:], start=1):
        counts = [len(fields), len(side.fields)]
        if counts[0] != counts[1]:
            message = f"{operation} query has different number of fields: {counts[0]}, {counts[1]}"
            raise fail(message, "type-mismatch", node.expression)
        for at, (left, right) in enumerate(zip(fields, side.fields, strict=True)):
            type_ = common_type([left.type, right.type])
            if type_ is None:
                message = f"column {at + 1} in {operation} query has incompatible types: {left.type}, {right.type}"
                raise fail(message, "type-mismatch", node.expression)
            if distinct or operation != "UNION":
                require_comparable(type_, node, operation)
                analyzer.admit(f"{operation} of {type_.base}", node)
            fields[at] = Field(left.name, type_, left.nullable or right.nullable)
        types = [field.type for field in fields]
        if number == 1 or types != stages[-1][1]:
            stages.append((number, types))
    return SetQuery(analyzer, sides, fields, stages, f"{operation}{'' if distinct else ' ALL'}")


def _operands(node: exp.SetOperation) -> list[exp.Expr]:
    """The operands of a chain ``a UNION b UNION c``, from the left: a long chain mustn't recurse."""
    operands: list[exp.Expr] = []
    inner: exp.Expr = node
    while type(inner) is type(node) and inner.args.get("distinct") == node.args.get("distinct"):
        if inner is not node and any(inner.args.get(key) for key in ("with_", "order", "limit", "offset")):
            break
        operands.append(inner.expression)
        inner = inner.this
        if not isinstance(node, exp.Union):
            break
    return [inner, *reversed(operands)]


@dataclass
class SetQuery:
    """``a UNION [ALL] b …``, all sides with the same types. Only UNION ALL can do without a column.

    Args:
        stages: The common types from each side on where they changed: a value goes through all of them, as in Trino,
            where a chain is nested from the left (bigint, then real, then double loses digits on the way).
    """

    analyzer: Analyzer
    sides: Sequence[Analyzed]
    fields: Sequence[Field]
    stages: Sequence[tuple[int, Sequence[TrinoType]]]
    keyword: str

    def render(self, used: set[int] | None) -> str:
        chosen = None if self.keyword != "UNION ALL" else used
        return f" {self.keyword} ".join(self._side(number, side, chosen) for number, side in enumerate(self.sides))

    def _side(self, number: int, side: Analyzed, used: set[int] | None) -> str:
        joined = max(number, 1)  # the first side meets the second in the first stage
        reached = [types for at, types in self.stages if at <= joined]
        later = [types for at, types in self.stages if at > joined]
        listed = []
        for at, field in enumerate(side.fields):
            if used is None or at in used:
                value = Typed(f"s.c{at}", field.type)
                for types in (*reached[-1:], *later):
                    value = self.analyzer.dialect.coerce(value, types[at])
                listed.append(f"{value.sql} AS c{at}")
        return f"(SELECT {', '.join(listed) or '1 AS c'} FROM ({side.render(used)}) AS s)"


def _ordered(analyzer: Analyzer, query: Analyzed, node: exp.Expr, around: Surroundings) -> Analyzed:
    """``query`` with the ORDER BY and limits of ``node``, which see its output columns only."""
    if not any(node.args.get(key) for key in ("order", "limit", "offset")):
        return query
    alias = analyzer.name("q")
    outputs = [
        Column(field.name.lower(), field.type, f"{alias}.c{at}", nullable=field.nullable, written=field.name)
        for at, field in enumerate(query.fields)
    ]
    environment = ScopeEnvironment(analyzer, Scope(outputs, around.outer), around)

    def lower(each: exp.Expr) -> tuple[Typed, Sequence[Column]]:
        return analyzer.lower(each, environment), ()

    keys = order_keys(node.args.get("order"), outputs, lower, nested=analyzer.dialect.rows)
    admit_order(analyzer, keys, node)
    return OrderedQuery(query, alias, keys, limits(analyzer, node, around))


@dataclass
class OrderedQuery:
    """A query (not a SELECT) with ORDER BY and limits."""

    query: Analyzed
    alias: str
    keys: Sequence[Key]
    limits: Limits

    @property
    def fields(self) -> Sequence[Field]:
        return self.query.fields

    def render(self, used: set[int] | None) -> str:
        keys = [key for key in self.keys if not constant_key(key)]
        chosen = [at for at in range(len(self.fields)) if used is None or at in used]
        listed = ", ".join(f"{self.alias}.c{at} AS c{at}" for at in chosen) or "1 AS c"
        text = f"SELECT {listed} FROM ({self.query.render(None)}) AS {self.alias}"
        return with_tail(text, keys, {}, self.limits, wrap=False)


def _values(analyzer: Analyzer, node: exp.Values, around: Surroundings) -> ValuesQuery:
    environment = ScopeEnvironment(analyzer, Scope([], around.outer), around)
    rows: list[list[Typed]] = []
    names: list[tuple[str, ...]] = []
    for row in node.expressions:
        cells = [analyzer.lower(each, environment) for each in _cells(row)]
        if len(cells) == 1 and not row.meta.get("row") and cells[0].type.base == "row":
            cells, own = _fields(analyzer, cells[0])
        else:
            own = ("",) * len(cells)
        rows.append(cells)
        names.append(own)
    if len({len(row) for row in rows}) > 1:
        counts = " ".join(str(len(row)) for row in rows)
        raise fail(f"Values rows have mismatched sizes: {counts}", "type-mismatch", node)
    fields = []
    for at in range(len(rows[0])):
        type_ = common_type(row[at].type for row in rows)
        if type_ is None:
            types = ", ".join(dict.fromkeys(str(row[at].type) for row in rows))
            raise fail(f"Values rows have mismatched types in column {at + 1}: {types}", "type-mismatch", node)
        called = {own[at].lower() for own in names}
        fields.append(Field(names[0][at] if len(called) == 1 else "", type_))
    texts = [
        [analyzer.dialect.coerce(cell, field.type).sql for cell, field in zip(row, fields, strict=True)] for row in rows
    ]
    return ValuesQuery(analyzer.dialect, analyzer.name("v"), fields, texts)


def _fields(analyzer: Analyzer, row: Typed) -> tuple[list[Typed], tuple[str, ...]]:
    """A value of a row type that stands for a whole row of VALUES: its fields, and their names."""
    return [analyzer.dialect.field(row, at) for at in range(len(row.type.elements))], row.type.names


def _cells(row: exp.Expr) -> Sequence[exp.Expr]:
    if isinstance(row, exp.Tuple):
        return row.expressions
    if isinstance(row, exp.Anonymous) and str(row.this).lower() == "row":
        return row.expressions
    return [row]


@dataclass
class ValuesQuery:
    """``VALUES (…), (…)``."""

    dialect: Dialect
    alias: str
    fields: Sequence[Field]
    rows: Sequence[Sequence[str]]

    def render(self, used: set[int] | None) -> str:
        names = ", ".join(f"c{at}" for at in range(len(self.fields)))
        chosen = ", ".join(f"c{at}" for at in range(len(self.fields)) if used is None or at in used)
        return f"SELECT {chosen or '1 AS c'} FROM ({self.dialect.values(self.rows)}) AS {self.alias}({names})"
