"""Statements that change rows: INSERT, DELETE, UPDATE, MERGE, TRUNCATE. They see the newest state of their table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import TableName
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.clauses import only_scalar
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.owners import ScanOwner
from olo_jupyter.lakehouse.sql.analyze.predicates import add_predicates
from olo_jupyter.lakehouse.sql.analyze.relations import relation, resolve, table_parts
from olo_jupyter.lakehouse.sql.analyze.scope import Scope, demand, nearest
from olo_jupyter.lakehouse.sql.expressions.coercion import coerce, common_type
from olo_jupyter.lakehouse.sql.expressions.duck import duck_type, identifier
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.grammar import syntax
from olo_jupyter.lakehouse.sql.parse import fail, placed
from olo_jupyter.lakehouse.sql.statement import (
    LOCATION,
    ChangeRows,
    DeleteAll,
    Field,
    Insert,
    Query,
    RowCase,
    Statement,
    ViewSchema,
)
from olo_jupyter.lakehouse.sql.types import TrinoType

ChangeText = syntax.InsertText | syntax.DeleteText | syntax.UpdateText | syntax.MergeText | syntax.TruncateText

CASE = "olo$case"
"""The column of a change that has the number of its case; -1: none takes this row of the table."""

_FILE, _POSITION = map(identifier, LOCATION)
_CASE = identifier(CASE)


def translate_change(analyzer: Analyzer, text: ChangeText, around: Surroundings) -> Statement:
    """The statement for ``text``.

    Raises:
        QueryError: What Trino would say of it.
    """
    match text:
        case syntax.InsertText():
            return _insert(analyzer, text, around)
        case syntax.DeleteText():
            return _delete(analyzer, text, around)
        case syntax.UpdateText():
            return _update(analyzer, text, around)
        case syntax.MergeText():
            return _merge(analyzer, text, around)
        case syntax.TruncateText():
            return DeleteAll(_changed(analyzer, text.name, None, around, "Cannot truncate a view").name, counted=False)


def changed_name(node: exp.Table, around: Surroundings) -> TableName:
    """The full name of a table that a statement changes.

    Raises:
        QueryError: not-supported: a metadata table; a name that lacks parts.
    """
    table, metadata = resolve(node, around)
    if metadata is not None:
        raise fail(f"'{table}${metadata}' can't be changed", "not-supported", node)
    return table


def unique_names(names: Iterable[exp.Identifier]) -> None:
    """Refuse a column that is named twice.

    Raises:
        QueryError: duplicate-column-name.
    """
    seen: set[str] = set()
    for name in names:
        if name.name.lower() in seen:
            raise fail(f"Column name '{name.name}' specified more than once", "duplicate-column-name", name)
        seen.add(name.name.lower())


@dataclass(frozen=True)
class _Changed:
    """The table that a statement changes."""

    name: TableName
    branch: str
    fields: tuple[Field, ...]

    def field(self, name: exp.Identifier, message: str) -> Field:
        """A column by name, any case; ``message`` is Trino's, with ``{}`` for the name."""
        for field in self.fields:
            if field.name.lower() == name.name.lower():
                return field
        hint = nearest(name.name.lower(), [field.name for field in self.fields])
        raise fail(message.format(name.name), "column-not-found", name, hint=hint)

    def positions(self, names: Iterable[str]) -> list[int]:
        """The places of columns in the table, in its order."""
        wanted = {name.lower() for name in names}
        return [at for at, field in enumerate(self.fields) if field.name.lower() in wanted]


def _changed(
    analyzer: Analyzer, node: exp.Table, branch: exp.Identifier | None, around: Surroundings, view: str
) -> _Changed:
    name = changed_name(node, around)
    head = HeadPin(branch.name) if branch is not None else HeadPin()
    try:
        schema = analyzer.schemas.relation(name, head, None)
    except QueryError as error:
        raise placed(error, branch if error.code == "branch-not-found" else node) from error
    if isinstance(schema, ViewSchema):
        raise fail(view, "not-supported", node)
    return _Changed(name, head.branch, schema.fields)


def _insert(analyzer: Analyzer, text: syntax.InsertText, around: Surroundings) -> Insert:
    table = _changed(analyzer, text.name, text.branch, around, "Inserting into views is not supported")
    fields = _insert_columns(text, table)
    analyzed = analyzer.query(text.query, around)
    given = [field.type for field in analyzed.fields]
    wanted = [field.type for field in fields]
    if len(given) != len(wanted) or not all(map(_fits, given, wanted)):
        message = f"Insert query has mismatched column types: Table: [{_types(wanted)}], Query: [{_types(given)}]"
        raise fail(message, "type-mismatch", text.query, hint="CAST the columns of the query to the table's types.")
    inner = analyzed.render(None)
    cells = ", ".join(
        f"{coerce(Typed(f'i.c{at}', source), target).sql} AS c{at}"
        for at, (source, target) in enumerate(zip(given, wanted, strict=True))
    )
    query = _query(analyzer, f"SELECT {cells} FROM ({inner}) AS i", fields)
    return Insert(table.name, tuple(field.name for field in fields), query, table.branch)


def _insert_columns(text: syntax.InsertText, table: _Changed) -> list[Field]:
    if not text.columns:
        return list(table.fields)
    unique_names(text.columns)
    chosen = [table.field(name, "Insert column name does not exist in target table: {}") for name in text.columns]
    missing = [field.name for field in table.fields if not field.nullable and field not in chosen]
    if missing:
        message = f"NULL value not allowed for NOT NULL column: {missing[0]}"
        hint = f"Columns of {table.name} that need a value: {', '.join(missing)}."
        raise fail(message, "constraint-violation", text.name, hint=hint)
    return chosen


def _delete(analyzer: Analyzer, text: syntax.DeleteText, around: Surroundings) -> ChangeRows | DeleteAll:
    table = _changed(analyzer, text.name, text.branch, around, "Deleting from views is not supported")
    if text.where is None:
        return DeleteAll(table.name, branch=table.branch)
    target = _target(analyzer, text.name, table)
    environment = ScopeEnvironment(analyzer, Scope(target.columns, around.outer), around)
    where = _where(analyzer, text.where, environment)
    return _statement(
        analyzer, "DELETE", table, f"{_located(target, '0')} FROM {target.render()}{where}", [RowCase("delete")]
    )


def _update(analyzer: Analyzer, text: syntax.UpdateText, around: Surroundings) -> ChangeRows:
    table = _changed(analyzer, text.name, text.branch, around, "Updating views is not supported")
    fields = [table.field(name, "The UPDATE SET target column {} doesn't exist") for name, _ in text.assignments]
    unique_names(name for name, _ in text.assignments)
    target = _target(analyzer, text.name, table)
    environment = ScopeEnvironment(analyzer, Scope(target.columns, around.outer), around)
    where = _where(analyzer, text.where, environment) if text.where is not None else ""
    values = _values(analyzer, [value for _, value in text.assignments], environment, "UPDATE SET")
    _check_types(fields, values, "UPDATE table column types don't match SET expressions", text.assignments[0][0])
    case = RowCase("update", tuple(field.name for field in fields))
    cells = _cells(table, [case], [dict(zip(case.columns, values, strict=True))], "0")
    return _statement(
        analyzer, "UPDATE", table, f"{_located(target, '0')}{cells} FROM {target.render()}{where}", [case]
    )


def _merge(analyzer: Analyzer, text: syntax.MergeText, around: Surroundings) -> ChangeRows:
    table = _changed(analyzer, text.name, text.branch, around, "Merging into views is not supported")
    target = _target(analyzer, text.name, table)
    source = relation(analyzer, text.source, around, [])
    environment = ScopeEnvironment(analyzer, Scope([*target.columns, *source.columns], around.outer), around)
    only_scalar(text.on, "MERGE predicate")
    with analyzer.record() as needs:
        on = analyzer.condition(text.on, environment, "The MERGE predicate")
    demand(needs)
    add_predicates(analyzer, text.on, environment, only=target)
    matched = f"{target.alias}.{_POSITION} IS NOT NULL"
    cases, values, choice = [], [], []
    for number, case in enumerate(text.cases):
        fields = _case_columns(table, case)
        lowered = _values(analyzer, case.values, environment, "MERGE")
        message = f"MERGE table column types don't match for MERGE case {number}, SET expressions"
        _check_types(fields, lowered, message, case.place)
        cases.append(RowCase(case.action, tuple(field.name for field in fields)))
        values.append(dict(zip(cases[-1].columns, lowered, strict=True)))
        condition = f"NOT ({matched})" if case.action == "insert" else matched
        if case.condition is not None:
            only_scalar(case.condition, "WHEN clause")
            with analyzer.record() as needs:
                also = analyzer.condition(case.condition, environment, "WHERE clause predicate")
            demand(needs)
            condition = f"{condition} AND {also.sql}"
        choice.append(f"WHEN {condition} THEN {number}")
    choose = f"CASE {' '.join(choice)} ELSE -1 END"
    # What joins to nothing and is inserted by no case says nothing; a matched row that no case takes may be a double.
    # DuckDB lets a later column of the list use an earlier one by its name, but not one with a subquery in it.
    again = choose if any(case.condition and case.condition.find(exp.Query) for case in text.cases) else _CASE
    cells = _cells(table, cases, values, again)
    # The table on the left: DuckDB then keeps the source in memory and streams the table past it.
    merged = f"({source.render()})" if text.source.args.get("joins") else source.render()
    joined = f"{target.render()} RIGHT JOIN {merged} ON {on.sql}"
    changes = f"{_located(target, choose)}{cells} FROM {joined}"
    sql = f"SELECT * FROM ({changes}) AS m WHERE m.{_CASE} >= 0 OR m.{_FILE} IS NOT NULL"
    return _statement(analyzer, "MERGE", table, sql, cases)


def _case_columns(table: _Changed, case: syntax.MergeCaseText) -> list[Field]:
    """The columns that a case of MERGE gives values to.

    Raises:
        QueryError: column-not-found, duplicate-column-name, or another number of values than of columns.
    """
    names: Sequence[exp.Identifier] = case.columns
    fields = [table.field(name, "Merge column name does not exist in target table: {}") for name in names]
    if case.action == "insert" and not names:
        fields = list(table.fields)
    if len({field.name for field in fields}) < len(fields):
        double = next(field.name for field in fields if fields.count(field) > 1)
        raise fail(f"Merge column name is specified more than once: {double}", "duplicate-column-name", case.place)
    if len(fields) != len(case.values):
        message = f"Number of merge columns ({len(fields)}) isn't equal to number of expressions ({len(case.values)})"
        raise fail(message, "type-mismatch", case.place)
    if case.action == "insert":
        missing = [field.name for field in table.fields if not field.nullable and field not in fields]
        if missing:
            message = f"NULL value not allowed for NOT NULL column: {missing[0]}"
            raise fail(message, "constraint-violation", case.place)
    return fields


def _target(analyzer: Analyzer, node: exp.Table, table: _Changed) -> ScanOwner:
    """The scan of the table that is changed, by the name or the alias that it has in the statement."""
    scan = ScanOwner(analyzer, table.name, table.fields, HeadPin(table.branch), None, located=True)
    alias = node.args.get("alias")
    for column in scan.columns:
        column.qualifier = (alias.name.lower(),) if alias is not None else tuple(table_parts(node))
    return scan


def _where(analyzer: Analyzer, node: exp.Expr, environment: ScopeEnvironment) -> str:
    only_scalar(node, "WHERE clause")
    with analyzer.record() as needs:
        condition = analyzer.condition(node, environment, "WHERE clause")
    demand(needs)
    add_predicates(analyzer, node, environment)
    return f" WHERE {condition.sql}"


def _values(analyzer: Analyzer, nodes: Iterable[exp.Expr], environment: ScopeEnvironment, clause: str) -> list[Typed]:
    values = []
    for node in nodes:
        only_scalar(node, clause)
        with analyzer.record() as needs:
            values.append(analyzer.lower(node, environment))
        demand(needs)
    return values


def _check_types(fields: Sequence[Field], values: Sequence[Typed], message: str, node: exp.Expr) -> None:
    wanted, given = [field.type for field in fields], [value.type for value in values]
    if not all(map(_fits, given, wanted)):
        message = f"{message}: Table: [{_types(wanted)}], Expressions: [{_types(given)}]"
        raise fail(message, "type-mismatch", node, hint="CAST the values to the types of their columns.")


def _fits(given: TrinoType, wanted: TrinoType) -> bool:
    """Whether a value may be stored in a column: as in Trino, where both types have a common one. It is then CAST."""
    return common_type([given, wanted]) is not None


def _types(types: Iterable[TrinoType]) -> str:
    return ", ".join(map(str, types))


def _located(target: ScanOwner, case: str) -> str:
    return f"SELECT {target.alias}.{_FILE} AS {_FILE}, {target.alias}.{_POSITION} AS {_POSITION}, {case} AS {_CASE}"


def _cells(table: _Changed, cases: Sequence[RowCase], values: Sequence[dict[str, Typed]], case: str) -> str:
    """``, v0 AS c0 …``: for each column that some case gives a value to, the value of the row's own ``case``."""
    cells = []
    for at, position in enumerate(table.positions(_assigned(cases))):
        field = table.fields[position]
        choices = " ".join(
            f"WHEN {number} THEN {coerce(given[field.name], field.type).sql}"
            for number, given in enumerate(values)
            if field.name in given
        )
        cells.append(f", CASE {case} {choices} ELSE CAST(NULL AS {duck_type(field.type)}) END AS c{at}")
    return "".join(cells)


def _assigned(cases: Iterable[RowCase]) -> set[str]:
    return {column for case in cases for column in case.columns}


def _statement(analyzer: Analyzer, kind: str, table: _Changed, sql: str, cases: Sequence[RowCase]) -> ChangeRows:
    chosen = [table.fields[at] for at in table.positions(_assigned(cases))]
    place = [
        Field(LOCATION[0], TrinoType("bigint")),
        Field(LOCATION[1], TrinoType("bigint")),
        Field(CASE, TrinoType("integer")),
    ]
    query = _query(analyzer, sql, [*place, *chosen])
    columns = tuple(field.name for field in chosen)
    return ChangeRows(kind, table.name, query, columns, tuple(cases), table.fields, table.branch)  # type: ignore[arg-type]


def _query(analyzer: Analyzer, sql: str, fields: Sequence[Field]) -> Query:
    return Query(sql, tuple(fields), analyzer.used_scans(sql), tuple(analyzer.results), dict(analyzer.parameters.used))
