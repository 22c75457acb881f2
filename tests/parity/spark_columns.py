"""The cases of expressions with their literals as columns of a table: Spark then computes them row by row.

A literal is known while a statement is translated, and Spark computes what is constant before anything runs; a user's
columns go the other way through both. Trino's answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from sqlglot import exp

from olo_jupyter.lakehouse.engines.base import Request
from olo_jupyter.lakehouse.engines.spark.engine import SparkEngine
from olo_jupyter.lakehouse.engines.translations import Translations
from olo_jupyter.lakehouse.reading import Reading
from olo_jupyter.lakehouse.session import Session
from olo_jupyter.lakehouse.sql.expressions.typed import Environment, Typed
from olo_jupyter.lakehouse.sql.expressions.walk import NODES, Walk
from olo_jupyter.lakehouse.sql.spark.dialect import SPARK
from olo_jupyter.lakehouse.sql.statement import Query, Statement

_NOT_FOLDED = "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation"


@contextmanager
def in_columns(session: Session) -> Iterator[None]:
    """Every literal of what ``session`` runs on Spark inside comes from a row."""
    engine = session.engine("spark")
    assert isinstance(engine, SparkEngine)
    engine.sessions.translated().conf.set("spark.sql.optimizer.excludedRules", _NOT_FOLDED)
    with mock.patch.object(engine, "translations", _Translations(SPARK)):
        yield


class _Translations(Translations):
    def translated(self, request: Request, reading: Reading) -> tuple[Statement, dict[str, Any]]:
        literals: list[str] = []
        with _taken_out(literals):
            statement, used = Translations(SPARK).translated(request, reading)
        if literals and isinstance(statement, Query):
            names = ", ".join(f"l{at}" for at in range(len(literals)))
            sql = f"{statement.sql} FROM VALUES ({', '.join(literals)}) AS literals({names})"
            statement = replace(statement, sql=sql)
        return statement, used


@contextmanager
def _taken_out(literals: list[str]) -> Iterator[None]:
    """What is lowered inside has columns in place of literals, which are added to ``literals``."""

    inside = False

    def column(build: Callable[[Any, Any, Environment], Typed]) -> Callable[[Any, Any, Environment], Typed]:
        def made(walk: Walk, node: Any, env: Environment) -> Typed:
            nonlocal inside
            if inside or not _is_literal(node):
                return build(walk, node, env)
            inside = True
            try:
                value = build(walk, node, env)
            finally:
                inside = False
            if value.constant is None:
                return value
            literals.append(value.sql)
            return Typed(f"literals.l{len(literals) - 1}", value.type)

        return made

    kinds: Sequence[type[exp.Expr]] = (exp.Literal, exp.HexString, exp.Boolean, exp.Interval, exp.Neg, exp.Cast)
    with mock.patch.dict(NODES, {kind: column(NODES[kind]) for kind in kinds}):
        yield


def _is_literal(node: exp.Expr) -> bool:
    if isinstance(node, exp.Neg):
        return isinstance(node.this, exp.Literal) and not node.this.is_string
    return not isinstance(node, exp.Cast) or bool(node.meta.get("literal"))
