"""Choose what is promoted and as what, and have it converted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from olo_converters.conversion import Conversion, Request
from olo_converters.graph.build import build_graph
from olo_converters.graph.model import Graph
from olo_converters.slice import slice_for


@dataclass(frozen=True)
class Target:
    """What is promoted.

    Args:
        source: The variable, or the id of a SQL cell that binds none.
        cell: The cell that gives it its value; '' where nothing does.
        kind: What ``auto`` makes of it: dbt for the result of a SQL cell, Python for all else.
    """

    source: str
    cell: str
    kind: Literal["dbt", "python"]


def find_target(request: Request, catalog: str, namespace: str) -> Target:
    """The target: what was named, else the variable of the promotion's name, else the result above."""
    graph = build_graph(request.notebook, catalog=catalog, namespace=namespace)
    before = graph.position(request.at)
    named = request.source or request.options.source
    source = named or (
        request.name if graph.givers_of(request.name, before) is not None else _result_above(graph, before)
    )
    source = source or request.name
    found = slice_for(graph, source, at=request.at, capture=request.capture)
    is_sql = any(one.sql is not None for one in graph.of_cell(found.cell))
    return Target(source, found.cell, "dbt" if is_sql else "python")


def _result_above(graph: Graph, before: int) -> str:
    """The nearest result of a SQL cell above: its variable, or its cell."""
    for statement in reversed(graph.statements[:before]):
        if statement.sql is not None:
            return statement.sql.result or statement.cell
    return ""


def convert(request: Request, target: Target) -> Conversion:
    """Convert ``target`` to what the options ask for, or to its own kind."""
    kind = target.kind if request.options.kind == "auto" else request.options.kind
    request = replace(request, source=target.source)
    if kind == "dbt":
        from olo_converters.dbt import to_model

        return to_model(request)
    from olo_converters.python import to_module

    return to_module(request)
