"""The judge's notebooks: a slice, run alone, gives what the whole notebook gave; else it is refused."""

from __future__ import annotations

import matplotlib  # noqa: F401 - imported once here, and not in each of the forked processes
import numpy  # noqa: F401
import pandas  # noqa: F401
import polars  # noqa: F401
import pytest

from olo_converters.graph import build_graph
from olo_converters.slice import slice_for
from tests.unit.converters.judged import Judged, judged, run_cells

pytestmark = pytest.mark.full  # some 2,500 processes
CASES = judged()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_slices_give_what_the_notebook_gave(case: Judged) -> None:
    for library in ("sklearn", "scipy", "joblib", "statsmodels", "seaborn", "xarray", "networkx", "sqlalchemy"):
        if any(library in cell for cell in case.cells):
            pytest.importorskip(library)
    graph = build_graph(case.notebook)
    whole = run_cells(list(case.cells), None)
    assert "error" not in whole, whole["error"]
    refused = set()
    for name in graph.history:
        if name not in whole:
            continue
        cut = slice_for(graph, name)
        if cut.is_refused:
            refused.add(name)
            continue
        part = run_cells([statement.source for statement in cut.statements], [name])
        if part.get(name) == whole[name]:
            continue
        again = run_cells(list(case.cells), [name])
        if again == {name: whole[name]}:  # else no two runs of the notebook are alike
            pytest.fail(f"{name} is {whole[name]}, by its slice {part.get(name, part)}\n{cut.source}")
    assert refused == set(case.refused)
