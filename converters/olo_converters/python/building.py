"""A module while it is made: what is known of it, and what its functions take."""

from __future__ import annotations

from dataclasses import dataclass, field

from olo_converters.conversion import Request
from olo_converters.findings import Finding
from olo_converters.graph.model import Graph
from olo_converters.python.literals import literal
from olo_converters.python.queries import Edge, Edges
from olo_converters.python.source import FRAMES
from olo_converters.python.steps import Parameter, Parts, Step
from olo_converters.python.types import FRAME_TYPES, annotation, annotation_of
from olo_converters.slice import Slice

Argument = tuple[str, str, str]
"""Name, annotation, default or ''."""


@dataclass
class Building:
    """What a module is made of.

    Args:
        needs: Lines of import that annotations and literals ask for.
        frames: The method that makes a frame of what is read, by its name.
        names: Of the functions, by the number of the step.
    """

    request: Request
    graph: Graph
    cut: Slice
    parts: Parts
    edges: Edges
    needs: set[str] = field(default_factory=set)
    frames: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def parameters(self) -> list[Parameter]:
        """Scalars of the notebook, then ``:name`` values that no statement of the slice sets."""
        known = {one.name for one in self.parts.parameters}
        extra = [
            Parameter(name, value, self.cut.cell) for name, value in self.edges.values.items() if name not in known
        ]
        return [*self.parts.parameters, *extra]


def is_used(building: Building, name: str) -> bool:
    """Whether a step or a query takes a parameter."""
    return any(name in step.takes for step in building.parts.steps) or any(
        name in edge.parameters for edge in building.edges.edges
    )


def entry_arguments(building: Building) -> list[Argument]:
    """What the pure function of the whole takes."""
    wanted = {name for step in building.parts.steps for name in step.takes}
    found = [(edge.name, _edge_annotation(building, edge), "") for edge in building.edges.edges]
    for parameter in building.parameters:
        if parameter.name in wanted:
            found.append(argument_of(building, parameter))
    return found


def argument_of(building: Building, parameter: Parameter) -> Argument:
    """A parameter as an argument; its value is the default."""
    return (parameter.name, annotation_of(parameter.value, building.needs), literal(parameter.value, building.needs))


def _edge_annotation(building: Building, edge: Edge) -> str:
    method = building.frames.get(edge.name)
    if method is None:
        building.needs.add("from olo_jupyter.lakehouse.result import Result")
        return "Result"
    library = FRAMES[method]
    text, line = FRAME_TYPES[f"{library}.DataFrame"]
    building.needs.add(line)
    return text


def step_arguments(building: Building, step: Step) -> list[Argument]:
    """What the function of a step takes: what is read and made before it first, then parameters."""
    edges = {edge.name: edge for edge in building.edges.edges}
    parameters = {one.name: one for one in building.parameters}
    first: list[Argument] = []
    later: list[Argument] = []
    for name in step.takes:
        if name in edges:
            first.append((name, _edge_annotation(building, edges[name]), ""))
        elif name in parameters:
            later.append(argument_of(building, parameters[name]))
        else:
            first.append((name, annotation(name, building.request.capture, building.needs), ""))
    return [*first, *later]
