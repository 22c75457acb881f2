"""UNNEST: arrays and maps as rows."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.relations import Relation
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Owner, Scope, demand
from olo_jupyter.lakehouse.sql.parse import fail


class UnnestOwner(Owner):
    """Gives all its columns whether they are needed or not."""


def unnest(analyzer: Analyzer, node: exp.Unnest, around: Surroundings, before: list[Column]) -> Relation:
    """``UNNEST(a, b) [WITH ORDINALITY]``: elements side by side, the shorter filled up with NULL.

    An array of rows gives a column a field, a map gives key and value. NULL gives no rows.
    """
    environment = ScopeEnvironment(analyzer, Scope(before, around.outer, same_level=True), around)
    owner, alias = UnnestOwner(), analyzer.name("u")
    with analyzer.record() as used:
        values = [analyzer.lower(each, environment) for each in node.expressions]
    demand(used)
    for value, each in zip(values, node.expressions, strict=True):
        if value.type.base not in ("array", "map"):
            raise fail(f"Cannot unnest type: {value.type}", "invalid-function-argument", each)
    kinds = " and ".join(value.type.base for value in values)
    analyzer.admit(f"UNNEST of {kinds}{' WITH ORDINALITY' if node.args.get('offset') else ''}", node)
    made = analyzer.dialect.unnest(alias, values, ordinality=bool(node.args.get("offset")))
    columns = [Column(name.lower(), type_, sql, owner=owner, written=name) for name, type_, sql in made.columns]
    return Relation(columns, lambda: made.text)
