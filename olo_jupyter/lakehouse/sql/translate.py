"""The door of this room: Trino SQL in, a resolved and typed statement out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from olo_jupyter.lakehouse.errors import QueryError, Unsupported
from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.definitions import translate_definition
from olo_jupyter.lakehouse.sql.dialect import Dialect
from olo_jupyter.lakehouse.sql.expressions.dialect import DUCKDB
from olo_jupyter.lakehouse.sql.grammar.syntax import trees
from olo_jupyter.lakehouse.sql.parameters import Parameters, fill_identifiers
from olo_jupyter.lakehouse.sql.parse import parse
from olo_jupyter.lakehouse.sql.query import as_query, shown_names
from olo_jupyter.lakehouse.sql.statement import Field, Schemas, Statement


@dataclass(frozen=True)
class Context:
    """What a statement may refer to.

    Args:
        schemas: The world of tables.
        catalog, namespace: Where unqualified names count from; '' where there is none.
        sources: Catalog that a table is read from where its name has none and ``catalog`` lacks it; '' for none.
        parameters: Values for ``:name`` and ``{{ name | ident }}``.
        positional: Values for ``?``, in order.
        results: Earlier results by name; each is a relation ``result_<name>`` for the engine.
        now: Start of the statement, aware: current_timestamp and the like.
        dialect: The SQL of the engine that runs it.
    """

    schemas: Schemas
    catalog: str = ""
    namespace: str = ""
    sources: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    positional: Sequence[Any] = ()
    results: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    dialect: Dialect = DUCKDB


@dataclass(frozen=True)
class Translation:
    """A translated statement, and whether its text depends on the moment that it was translated for."""

    statement: Statement
    timed: bool


def translate(text: str, context: Context) -> Statement:
    """Translate one statement.

    Raises:
        QueryError: With line and column in ``text``; ``Unsupported`` for what only Trino can run.
    """
    return translation(text, context).statement


def translation(text: str, context: Context) -> Translation:
    """As :func:`translate`, for those who keep the statement: one that isn't ``timed`` holds for the same text over the
    same schemas at any time."""
    try:
        return _translation(text, context)
    except RecursionError:
        message = "statement is too large (stack overflow during analysis)"
        raise QueryError(message, code="statement-too-large", hint="Nest it less: name parts of it in WITH.") from None
    except Unsupported as error:
        error.message = error.message.replace(DUCKDB.engine, context.dialect.engine)
        error.args = (error.message,)
        raise


def _translation(text: str, context: Context) -> Translation:
    tree = parse(fill_identifiers(text, context.parameters))
    parameters = Parameters(context.parameters, context.positional)
    parameters.number(trees(tree))
    analyzer = Analyzer(context.schemas, parameters, context.now, context.results, context.catalog, context.namespace)
    analyzer.dialect = context.dialect
    around = Surroundings(context.catalog, context.namespace, context.sources)
    statement: Statement
    if isinstance(tree, exp.Expr):
        analyzed = analyzer.query(tree, around)
        statement = as_query(analyzer, analyzed, shown_names(analyzed))
    else:
        statement = translate_definition(analyzer, tree, around)
    return Translation(statement, analyzer.timed)
