"""WITH RECURSIVE, as Trino runs it: the step is written out ten times, and it is an error if an eleventh gives rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzed, Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.owners import CommonTable, renamed
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce, coerce
from olo_jupyter.lakehouse.sql.expressions.raising import fail as raised
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail, refuse
from olo_jupyter.lakehouse.sql.statement import Field

DEPTH = 10
"""Trino's default for its session property max_recursion_depth."""

_EXCEEDED = "Recursion depth limit exceeded (10). Use ''max_recursion_depth'' session property to modify the limit."


def references(node: exp.Expr, name: str) -> list[exp.Table]:
    """The places where ``name`` (lower case) stands as a table in ``node``."""
    return [
        table
        for table in node.find_all(exp.Table)
        if len(table.parts) == 1 and table.name.lower() == name and table.args.get("version") is None
    ]


def recursive(
    analyzer: Analyzer, node: exp.Expr, alias: exp.TableAlias, around: Surroundings, tables: Mapping[str, CommonTable]
) -> RecursiveQuery:
    """A query of WITH RECURSIVE that refers to itself.

    Args:
        alias: Its name and the names of its columns.
        tables: The WITH names before it.

    Raises:
        QueryError: invalid-recursive-reference and what else Trino says of its form.
    """
    if not analyzer.dialect.rows:
        raise refuse("WITH RECURSIVE", alias)
    name = alias.name.lower()
    anchor, step = _sides(node, name)
    outside = replace(around, tables=dict(tables), outer=None)
    base = analyzer.query(anchor, outside)
    fields = renamed(base.fields, alias)
    every = set(range(len(fields)))
    levels = [CommonTable(analyzer.name("cte"), base, fields, every)]
    for _ in range(DEPTH + 1):
        inner = replace(outside, tables={**tables, name: levels[-1]})
        query = _Fitted(analyzer.query(step, inner), fields)
        _check_types(query.query, fields, step)
        levels.append(CommonTable(analyzer.name("cte"), query, fields, every))
    return RecursiveQuery(levels, fields, "UNION" if node.args.get("distinct") else "UNION ALL")


def _sides(node: exp.Expr, name: str) -> tuple[exp.Expr, exp.Expr]:
    """The base and the step of a recursion."""
    if node.args.get("with_") is not None:
        raise fail("immediate WITH clause in recursive query", "not-supported", node)
    if not isinstance(node, exp.Union):
        raise fail("recursive reference not allowed in this context", "invalid-recursive-reference", node)
    if node.args.get("order") is not None:
        raise fail("immediate ORDER BY clause in recursive query", "not-supported", node)
    if node.args.get("limit") is not None or node.args.get("offset") is not None:
        raise fail("immediate FETCH FIRST / LIMIT clause in recursive query", "invalid-limit-clause", node)
    anchor, step = node.this, node.expression
    found = references(anchor, name)
    if found:
        message = "WITH table name is referenced in the base relation of recursion"
        raise fail(message, "invalid-recursive-reference", found[0])
    found = references(step, name)
    if len(found) > 1:
        message = "multiple recursive references in the step relation of recursion"
        raise fail(message, "invalid-recursive-reference", found[1])
    for table in found:
        _check_place(table, step)
    return anchor, step


def _check_place(table: exp.Table, step: exp.Expr) -> None:
    """The reference mustn't stand where an outer join or a set operation would see rows that aren't there yet."""
    inner: exp.Expr = table
    while inner is not step and inner.parent is not None:
        outer = inner.parent
        if isinstance(outer, exp.Intersect | exp.Except):
            raise fail("recursive reference not allowed in this context", "invalid-recursive-reference", table)
        if isinstance(outer, exp.Join) and outer.side in ("LEFT", "FULL"):
            message = f"recursive reference in right source of {outer.side} join"
            raise fail(message, "invalid-recursive-reference", table)
        beside = outer.args.get("joins") or [] if isinstance(inner, exp.From | exp.Join) else []
        place = next((at for at, join in enumerate(beside) if join is inner), -1)
        for join in (*(inner.args.get("joins") or ()), *beside[place + 1 :]):
            if join.side in ("RIGHT", "FULL") and isinstance(inner, exp.Table | exp.From | exp.Join):
                message = f"recursive reference in left source of {join.side} join"
                raise fail(message, "invalid-recursive-reference", table)
        inner = outer


def _check_types(query: Analyzed, fields: Sequence[Field], step: exp.Expr) -> None:
    if len(query.fields) != len(fields):
        message = f"base and step relations of recursion have different number of fields: {len(fields)}, "
        raise fail(f"{message}{len(query.fields)}", "type-mismatch", step)
    for at, (mine, wanted) in enumerate(zip(query.fields, fields, strict=True), start=1):
        if not can_coerce(mine.type, wanted.type):
            message = (
                f"recursion step relation output type ({mine.type}) is not coercible to recursion base relation output "
                f"type ({wanted.type}) at column {at}"
            )
            raise fail(message, "type-mismatch", step)


@dataclass
class _Fitted:
    """A query whose columns have the types of ``fields``."""

    query: Analyzed
    fields: Sequence[Field]

    def render(self, used: set[int] | None) -> str:
        pairs = enumerate(zip(self.query.fields, self.fields, strict=True))
        listed = ", ".join(
            f"{coerce(Typed(f's.c{at}', mine.type), wanted.type).sql} AS c{at}" for at, (mine, wanted) in pairs
        )
        return f"SELECT {listed} FROM ({self.query.render(used)}) AS s"


@dataclass
class RecursiveQuery:
    """The rows of all levels: the base, and each step over the one before; the last level must have none."""

    levels: Sequence[CommonTable]
    fields: Sequence[Field]
    keyword: str

    def render(self, used: set[int] | None) -> str:
        tables = ", ".join(level.render() for level in self.levels)
        *levels, beyond = (level.name for level in self.levels)
        exceeded = raised("not-supported", f"'{_EXCEEDED}'")
        check = f"(SELECT CASE WHEN count(*) > 0 THEN {exceeded} = 0 ELSE true END FROM {beyond})"
        whole = used is None or self.keyword == "UNION"
        columns = ", ".join(f"c{at}" for at in range(len(self.fields)) if whole or at in (used or ())) or "1 AS c"
        sides = (f"SELECT {columns} FROM {level} WHERE {check}" for level in levels)
        return f"WITH {tables} {f' {self.keyword} '.join(sides)}"
