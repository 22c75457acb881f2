"""The door of this room: Trino SQL in, a resolved and typed statement out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.parameters import Parameters, fill_identifiers
from olo_jupyter.lakehouse.sql.parse import fail, parse
from olo_jupyter.lakehouse.sql.statement import Field, Query, Schemas, Statement


@dataclass(frozen=True)
class Context:
    """What a statement may refer to.

    Args:
        schemas: The world of tables.
        catalog, namespace: Where unqualified names count from; '' where there is none.
        parameters: Values for ``:name`` and ``{{ name | ident }}``.
        positional: Values for ``?``, in order.
        results: Earlier results by name; each is a relation ``result_<name>`` for the engine.
        now: Start of the statement, aware: current_timestamp and the like.
    """

    schemas: Schemas
    catalog: str = ""
    namespace: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    positional: Sequence[Any] = ()
    results: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def translate(text: str, context: Context) -> Statement:
    """Translate one statement.

    Raises:
        QueryError: With line and column in ``text``; ``Unsupported`` for what only Trino can run.
    """
    tree = parse(fill_identifiers(text, context.parameters))
    parameters = Parameters(context.parameters, context.positional)
    parameters.number(tree)
    analyzer = Analyzer(context.schemas, parameters, context.now, context.results)
    around = Surroundings(context.catalog, context.namespace)
    return translate_query(analyzer, tree, around)


def translate_query(analyzer: Analyzer, node: exp.Expr, around: Surroundings) -> Query:
    """A query as a statement: its columns are c0, c1 … in DuckDB, ``fields`` has the names that Trino gives them."""
    analyzed = analyzer.query(node, around)
    sql = analyzed.render(None)
    fields = tuple(Field(each.name or f"_col{at}", each.type, each.nullable) for at, each in enumerate(analyzed.fields))
    return Query(sql, fields, analyzer.used_scans(sql), tuple(analyzer.results), dict(analyzer.parameters.used))
