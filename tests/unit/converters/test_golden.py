"""Golden cases: one folder each with notebook, target and expected slice; and what runs must give the same value."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest

from olo_converters.graph import Graph, build_graph
from olo_converters.line_magics import PLACEHOLDER
from olo_converters.notebook import read_notebook
from olo_converters.slice import Slice, slice_for
from tests.unit.converters.programs import run, shown

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir())


def graph_of(case: str) -> Graph:
    return build_graph(read_notebook(GOLDEN / case / "notebook.ipynb"))


def expected_of(case: str) -> dict[str, Any]:
    return tomllib.loads((GOLDEN / case / "expected.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_slice(case: str) -> None:
    expected = expected_of(case)
    cut = slice_for(graph_of(case), expected["target"], at=expected.get("at"))
    assert list(cut.cells) == expected["cells"]
    assert sorted({one.code for one in cut.findings}) == sorted(expected["findings"])


def runs_as_python(graph: Graph) -> bool:
    nodes = [statement.node for statement in graph.statements]
    return all(node is not None and PLACEHOLDER not in ast.dump(node) for node in nodes)


def decidable(graph: Graph) -> dict[str, Slice]:
    cuts = {name: slice_for(graph, name) for name in graph.history}
    return {name: cut for name, cut in cuts.items() if not cut.is_refused and cut.statements}


@pytest.mark.parametrize("case", CASES)
def test_every_slice_gives_the_value_of_the_whole(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    graph = graph_of(case)
    if not runs_as_python(graph) or any(one.blockers for one in graph.statements) or graph.broken:
        return  # there is no whole notebook to compare with; test_slice holds what must come out
    cuts = decidable(graph)
    whole = run([statement.source for statement in graph.statements])
    for name, cut in cuts.items():
        if name not in whole or any(one.code in ("unseeded-random", "clock-dependence") for one in cut.findings):
            continue
        part = run([statement.source for statement in cut.statements])
        assert shown(part[name]) == shown(whole[name]), name
