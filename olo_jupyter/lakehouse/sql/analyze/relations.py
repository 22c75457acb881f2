"""FROM: tables, views, WITH names, earlier results, subqueries, VALUES, UNNEST, LATERAL, joins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import Pin
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.owners import CommonTableOwner, QueryOwner, ResultOwner, ScanOwner
from olo_jupyter.lakehouse.sql.analyze.pins import metadata_of, pin_of
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Scope, nearest
from olo_jupyter.lakehouse.sql.expressions.coercion import can_coerce
from olo_jupyter.lakehouse.sql.parse import fail, parse_query, place_of, placed, refuse
from olo_jupyter.lakehouse.sql.statement import TableSchema, ViewSchema


@dataclass
class Relation:
    """A part of FROM: its columns in order and its text (to be asked for when all demands are known)."""

    columns: list[Column]
    render: Callable[[], str]


def relation(analyzer: Analyzer, node: exp.Expr, around: Surroundings, before: list[Column]) -> Relation:
    """Analyze one relation of FROM with the joins that are written in it.

    Args:
        before: Columns of the relations to the left: what UNNEST and LATERAL may use.
    """
    from olo_jupyter.lakehouse.sql.analyze.joins import with_joins

    first = _single(analyzer, node, around, before)
    return with_joins(analyzer, first, node.args.get("joins") or [], around, before)


def _single(analyzer: Analyzer, node: exp.Expr, around: Surroundings, before: list[Column]) -> Relation:
    from olo_jupyter.lakehouse.sql.analyze.unnest import unnest

    if isinstance(node, exp.Table):
        found = _table(analyzer, node, around)
    elif isinstance(node, exp.Unnest):
        return _aliased(unnest(analyzer, node, around, before), node)
    elif isinstance(node, exp.Lateral):
        inner = around.inside(Scope(before, around.outer, same_level=True))
        owner = QueryOwner(analyzer, analyzer.query(node.this, inner), lateral=True)
        found = Relation(owner.columns, owner.render)
    elif isinstance(node, exp.Paren):
        found = relation(analyzer, node.this, around, before)
        found.render = _parenthesised(found.render)
    elif isinstance(node, exp.Query | exp.Values):
        owner = QueryOwner(analyzer, analyzer.query(node, around))
        found = Relation(owner.columns, owner.render)
    else:
        raise refuse(f"this relation: {node.sql(dialect='trino')}", node)
    return _aliased(found, node)


def _aliased(found: Relation, node: exp.Expr) -> Relation:
    """``found`` under its alias: its columns are then known by it alone, and by new names where some are given."""
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias) or alias.this is None:
        return found
    names = alias.args.get("columns") or []
    if names:
        found.columns = [column for column in found.columns if not column.hidden]
    if names and len(names) != len(found.columns):
        message = (
            f"Column alias list has {len(names)} entries but '{alias.name}' has {len(found.columns)} columns available"
        )
        raise fail(message, "mismatched-column-aliases", node)
    for column, name in zip(found.columns, names, strict=False):
        column.name, column.written = name.name.lower(), name.name
    for column in found.columns:
        column.qualifier = (alias.name.lower(),)
    return found


def _table(analyzer: Analyzer, node: exp.Table, around: Surroundings) -> Relation:
    parts = table_parts(node)
    pinned = node.args.get("version")
    if len(parts) == 1 and pinned is None:
        name = parts[0]
        common = around.tables.get(name)
        if common is not None:
            owner = CommonTableOwner(analyzer, common, name)
            return Relation(owner.columns, owner.render)
        earlier = [each for each in analyzer.earlier if each.lower() == name] if not around.view else []
        if len(earlier) > 1:
            raise fail(f"'{name}' is ambiguous: earlier results {', '.join(earlier)}", "ambiguous-name", node)
        if earlier:
            result = ResultOwner(analyzer, earlier[0], analyzer.earlier[earlier[0]])
            return Relation(result.columns, result.render)
    try:
        table, metadata = resolve(node, around)
    except QueryError as error:
        error.hint = nearest(parts[0], [*around.tables, *analyzer.earlier]) or error.hint
        raise
    pin = None
    if pinned is not None:
        pin = pin_of(pinned, lambda mark: _bound(analyzer, mark, around), lambda: analyzer.now)
    try:
        table, schema = _found(analyzer, table, pin, metadata, around.sources if len(parts) < 3 else "")
    except QueryError as error:
        if len(parts) == 1 and not error.hint:
            error.hint = nearest(parts[0], [*around.tables, *analyzer.earlier])
        raise placed(error, node) from error
    if isinstance(schema, ViewSchema):
        if pin is not None:
            raise fail("Time travel isn't possible on a view", "not-supported", node)
        return _known_as(_view(analyzer, node, table, schema), parts)
    scan = ScanOwner(analyzer, table, schema.fields, pin, metadata, bounds=schema.bounds)
    return _known_as(Relation(scan.columns, scan.render), parts)


def _bound(analyzer: Analyzer, mark: exp.Placeholder, around: Surroundings) -> Any:
    if around.view:
        raise fail("A view can't have parameters", "invalid-view", mark)
    return analyzer.parameters.value(mark)[1]


def _known_as(found: Relation, parts: list[str]) -> Relation:
    """``found`` by its name as it is written: ``FROM t`` has no ``namespace.t.column``."""
    for column in found.columns:
        column.qualifier = tuple(parts)
    return found


def _found(
    analyzer: Analyzer, table: TableName, pin: Pin | None, metadata: str | None, sources: str
) -> tuple[TableName, TableSchema | ViewSchema]:
    """The relation in its own catalog, else in ``sources``: a target reads what it doesn't build from there."""
    try:
        return table, analyzer.schemas.relation(table, pin, metadata)
    except QueryError as error:
        if not sources or error.code not in ("table-not-found", "schema-not-found"):
            raise
        elsewhere = replace(table, catalog=sources)
        try:
            return elsewhere, analyzer.schemas.relation(elsewhere, pin, metadata)
        except QueryError:
            raise error from None


def table_parts(node: exp.Table) -> list[str]:
    """The parts of a table's name, lower case, one to three.

    Raises:
        QueryError: syntax-error: more than three.
    """
    parts = [part.name.lower() for part in node.parts]
    if len(parts) > 3:
        raise fail(f"Too many parts in table name: {'.'.join(parts)}", "syntax-error", node)
    return parts


def resolve(node: exp.Table, around: Surroundings) -> tuple[TableName, str | None]:
    """The full name of a table, and which metadata table of it is meant (``"t$snapshots"``).

    Raises:
        QueryError: missing-schema-name, missing-catalog-name.
    """
    parts = table_parts(node)
    if len(parts) == 1 and not around.namespace:
        hint = "Write namespace.table."
        raise fail("Schema must be specified when session schema is not set", "missing-schema-name", node, hint=hint)
    if len(parts) < 3 and not around.catalog:
        raise fail("Catalog must be specified when session catalog is not set", "missing-catalog-name", node)
    catalog, namespace, table = [*(around.catalog, around.namespace)[: 3 - len(parts)], *parts]
    table, metadata = metadata_of(table)
    return TableName(catalog, namespace, table), metadata


def _view(analyzer: Analyzer, node: exp.Table, name: TableName, view: ViewSchema) -> Relation:
    """A view's query in place of it, analyzed where the view was made: no WITH names, no results, no parameters."""
    if str(name) in analyzer.views:
        path = " → ".join((*analyzer.views, str(name)))
        raise fail(f"View is recursive: {path}", "view-is-recursive", node)
    outside = analyzer.views
    analyzer.views = (*outside, str(name))
    try:
        query = analyzer.query(parse_query(view.sql), Surroundings(view.catalog, view.namespace, view=str(name)))
    except QueryError as error:
        error.line, error.column = place_of(node) or (None, None)
        if error.code not in ("view-is-recursive", "invalid-view"):
            error.message = f"Failed analyzing stored view '{name}': {error.message}"
            error.args = (error.message,)
            error.code = error.code if isinstance(error, Unsupported) else "invalid-view"
        raise
    finally:
        analyzer.views = outside
    owner = QueryOwner(analyzer, query)
    if view.fields:
        _still_fits(analyzer, node, name, view, owner)
    return Relation(owner.columns, owner.render)


def _still_fits(analyzer: Analyzer, node: exp.Table, name: TableName, view: ViewSchema, owner: QueryOwner) -> None:
    """The columns that the view's query gives now must be, or turn into, those it was made with; then they do."""
    made = [field.name.lower() for field in view.fields]
    pairs = list(zip(owner.columns, view.fields, strict=False))
    if made != [column.name for column in owner.columns] or not all(can_coerce(c.type, f.type) for c, f in pairs):
        message = f"View '{name}' is stale or in invalid state: its query no longer gives the columns it was made with"
        raise fail(message, "view-is-stale", node, hint="Create it again: CREATE OR REPLACE VIEW.")
    for column, field in pairs:
        if column.type != field.type:
            column.sql, column.type = analyzer.dialect.coerce(column.typed, field.type).sql, field.type


def _parenthesised(render: Callable[[], str]) -> Callable[[], str]:
    return lambda: f"({render()})"
