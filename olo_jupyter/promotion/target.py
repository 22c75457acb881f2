"""Where the promoted value comes from, before it is converted."""

from __future__ import annotations

from dataclasses import dataclass

from olo_converters.conversion import Request
from olo_converters.convert import target_of
from olo_converters.findings import Finding
from olo_converters.graph import build_graph
from olo_converters.slice import slice_for


@dataclass(frozen=True)
class Target:
    """What is promoted.

    Args:
        source: The variable, or the id of a SQL cell that binds none.
        cell: The cell that gives it its value; '' where nothing does.
    """

    source: str
    cell: str


def find_target(request: Request, catalog: str, namespace: str) -> Target:
    """The target of a promotion: what was named, else what the converters choose."""
    graph = build_graph(request.notebook, catalog=catalog, namespace=namespace)
    source = target_of(request, graph)
    if isinstance(source, Finding):
        return Target("", "")
    found = slice_for(graph, source, at=request.at, capture=request.capture)
    return Target(found.target or source, found.cell)
