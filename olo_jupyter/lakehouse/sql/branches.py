"""Statements about branches."""

from __future__ import annotations

from olo_jupyter.lakehouse.errors import QueryError
from olo_jupyter.lakehouse.names import quoted
from olo_jupyter.lakehouse.pins import HeadPin
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.dml import changed_name
from olo_jupyter.lakehouse.sql.expressions.duck import identifier
from olo_jupyter.lakehouse.sql.grammar.syntax import BranchText
from olo_jupyter.lakehouse.sql.parse import fail, parse_query, placed
from olo_jupyter.lakehouse.sql.query import as_query
from olo_jupyter.lakehouse.sql.statement import ChangeBranch, Query, ViewSchema


def translate_branch(analyzer: Analyzer, text: BranchText, around: Surroundings) -> ChangeBranch | Query:
    """The statement for ``text``.

    Raises:
        QueryError: What Trino would say of it.
    """
    table = changed_name(text.name, around)
    try:
        schema = analyzer.schemas.relation(table, HeadPin(), None)
    except QueryError as error:
        raise placed(error, text.name) from error
    if isinstance(schema, ViewSchema):
        raise fail(f"'{table}' is a view: it has no branches", "not-supported", text.name)
    if text.action == "show" or text.branch is None:
        refs = f"{quoted(table.catalog)}.{quoted(table.namespace)}.{identifier(f'{table.table}$refs')}"
        query = parse_query(f"SELECT name AS \"Branch\" FROM {refs} WHERE type = 'BRANCH' ORDER BY 1")
        return as_query(analyzer, analyzer.query(query, around), ["Branch"])
    other = text.other.name if text.other is not None else "main"
    return ChangeBranch(text.action, table, text.branch.name, other, text.exists)
