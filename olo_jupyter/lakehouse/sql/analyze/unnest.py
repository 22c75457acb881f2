"""UNNEST: arrays and maps as rows."""

from __future__ import annotations

from sqlglot import exp

from olo_jupyter.lakehouse.sql.analyze.analyzer import Analyzer, Surroundings
from olo_jupyter.lakehouse.sql.analyze.environment import ScopeEnvironment
from olo_jupyter.lakehouse.sql.analyze.relations import Relation
from olo_jupyter.lakehouse.sql.analyze.scope import Column, Owner, Scope, demand
from olo_jupyter.lakehouse.sql.expressions.typed import Typed
from olo_jupyter.lakehouse.sql.parse import fail
from olo_jupyter.lakehouse.sql.types import TrinoType


class UnnestOwner(Owner):
    """Gives all its columns whether they are needed or not."""


def unnest(analyzer: Analyzer, node: exp.Unnest, around: Surroundings, before: list[Column]) -> Relation:
    """``UNNEST(a, b) [WITH ORDINALITY]``: elements side by side, the shorter filled up with NULL.

    An array of rows gives a column a field, a map gives key and value. NULL gives no rows.
    """
    environment = ScopeEnvironment(analyzer, Scope(before, around.outer, same_level=True), around)
    owner, alias = UnnestOwner(), analyzer.name("u")
    inner: list[str] = []
    outer: list[str] = []
    columns: list[Column] = []
    lengths: list[str] = []

    def add(type_: TrinoType, text: str, name: str = "") -> None:
        columns.append(Column(name, type_, f"{alias}.c{len(outer)}", owner=owner))
        outer.append(f"{text} AS c{len(outer)}")

    with analyzer.record() as used:
        values = [analyzer.lower(each, environment) for each in node.expressions]
    demand(used)
    for at, (value, each) in enumerate(zip(values, node.expressions, strict=True)):
        array = _array(value, each)
        lengths.append(f"len({array.sql})")
        inner.append(f"unnest({array.sql}) AS e{at}")
        element = array.type.elements[0]
        if element.base == "row":
            for index, (name, type_) in enumerate(zip(element.names, element.elements, strict=True)):
                add(type_, f"struct_extract_at(e{at}, {index + 1})", name.lower())
        else:
            add(element, f"e{at}")
    if node.args.get("offset"):
        inner.append(f"unnest(range(1, CAST(coalesce(greatest({', '.join(lengths)}), 0) AS BIGINT) + 1)) AS o")
        add(TrinoType("bigint"), "o")
    text = f"LATERAL (SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)})) AS {alias}"
    return Relation(columns, lambda: text)


def _array(value: Typed, node: exp.Expr) -> Typed:
    if value.type.base == "array":
        return value
    if value.type.base == "map":
        entry = TrinoType("row", (), value.type.elements, ("", ""))
        return Typed(f"map_entries({value.sql})", TrinoType("array", (), (entry,)))
    raise fail(f"Cannot unnest type: {value.type}", "invalid-function-argument", node)
