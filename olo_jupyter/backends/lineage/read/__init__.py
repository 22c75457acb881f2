"""Questions to the store's tables."""

from __future__ import annotations

from olo_jupyter.backends.lineage.read.columns import columns
from olo_jupyter.backends.lineage.read.graph import graph
from olo_jupyter.backends.lineage.read.lists import namespaces, runs, search, tests

__all__ = ["columns", "graph", "namespaces", "runs", "search", "tests"]
