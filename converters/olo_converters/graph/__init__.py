"""What each statement of a notebook reads and writes, and what depends on what."""

from olo_converters.graph.build import build_graph
from olo_converters.graph.model import Graph, Resource, SqlSource, Statement

__all__ = ["Graph", "Resource", "SqlSource", "Statement", "build_graph"]
