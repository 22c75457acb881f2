"""INSERT, DELETE, UPDATE, MERGE, TRUNCATE. ``t @ b`` means the branch b of t."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.sql.grammar.queries import Reader
from olo_jupyter.lakehouse.sql.grammar.relations import relation
from olo_jupyter.lakehouse.sql.grammar.syntax import (
    DeleteText,
    InsertText,
    MergeCaseText,
    MergeText,
    TruncateText,
    UpdateText,
)


def insert(reader: Reader) -> InsertText:
    """What follows INSERT."""
    reader.expect("INTO")
    name, branch = reader.table_name(), _branch(reader)
    columns: list[exp.Identifier] = []
    if reader.sees("(") and not reader.query_ahead():
        columns = reader.identifiers()
    return InsertText(name, tuple(columns), reader.query(), branch)


def delete(reader: Reader) -> DeleteText:
    """What follows DELETE."""
    reader.expect("FROM")
    name, branch = reader.table_name(), _branch(reader)
    return DeleteText(name, reader.expression() if reader.take("WHERE") else None, branch)


def update(reader: Reader) -> UpdateText:
    """What follows UPDATE."""
    name, branch = reader.table_name(), _branch(reader)
    reader.expect("SET")
    assignments = reader.listed(lambda: _assignment(reader))
    return UpdateText(name, tuple(assignments), reader.expression() if reader.take("WHERE") else None, branch)


def merge(reader: Reader) -> MergeText:
    """What follows MERGE."""
    reader.expect("INTO")
    name, branch = reader.table_name(), _branch(reader)
    if reader.take("AS") or not reader.sees("USING"):
        start = reader.at
        name.set("alias", reader.put(exp.TableAlias(this=reader.identifier()), start))
    reader.expect("USING")
    source = relation(reader)
    reader.expect("ON")
    on = reader.expression()
    cases = [_case(reader)]
    while reader.sees("WHEN"):
        cases.append(_case(reader))
    return MergeText(name, source, on, tuple(cases), branch)


def truncate(reader: Reader) -> TruncateText:
    """What follows TRUNCATE."""
    reader.expect("TABLE")
    return TruncateText(reader.table_name())


def _branch(reader: Reader) -> exp.Identifier | None:
    return reader.identifier() if reader.take("@") else None


def _assignment(reader: Reader) -> tuple[exp.Identifier, exp.Expr]:
    name = reader.identifier()
    reader.expect("=")
    return name, reader.expression()


def _case(reader: Reader) -> MergeCaseText:
    start = reader.at
    reader.expect("WHEN")
    place = reader.put(exp.Null(), start)
    matched = not reader.take("NOT")
    reader.expect("MATCHED")
    condition = reader.expression() if reader.take("AND") else None
    reader.expect("THEN")
    if not matched:
        reader.expect("INSERT")
        columns = reader.identifiers() if reader.sees("(") else []
        reader.expect("VALUES", "(")
        inserted = reader.listed(reader.expression)
        reader.expect(")")
        return MergeCaseText(place, "insert", condition, tuple(columns), tuple(inserted))
    if reader.take("DELETE"):
        return MergeCaseText(place, "delete", condition)
    if not reader.take("UPDATE"):
        raise reader.mismatch("'DELETE', 'UPDATE'")
    reader.expect("SET")
    names, values = zip(*reader.listed(lambda: _assignment(reader)), strict=True)
    return MergeCaseText(place, "update", condition, names, values)
