"""What ran in the kernel against what the notebook says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from olo_converters.capture import Capture, CellRun
from olo_converters.graph import build_graph
from olo_converters.slice import slice_for
from tests.unit.converters.notebooks import notebook

SOURCES = ("items = []", "items.append(1)", "k = 2", "y = [k, *items]", "z = 5")


def found(*runs: tuple[str, str], sources: tuple[str, ...] = SOURCES, target: str = "y") -> set[str]:
    made = tuple(CellRun(cell, source, number) for number, (cell, source) in enumerate(runs, start=1))
    cut = slice_for(build_graph(notebook(*sources)), target, capture=Capture(runs=made))
    return {one.code for one in cut.findings}


IN_ORDER = [(f"c{number}", source) for number, source in enumerate(SOURCES)]


def test_a_clean_run_has_no_finding() -> None:
    assert found(*IN_ORDER) == set()


def test_cells_that_the_target_does_not_need_may_run_as_they_like() -> None:
    assert found(("c4", "z = 1"), *IN_ORDER, ("c4", "z = 9")) == set()


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([*IN_ORDER[:2], ("c2", "k = 3"), *IN_ORDER[3:]], "edited-after-run"),
        ([*IN_ORDER[:2], IN_ORDER[1], *IN_ORDER[2:]], "ran-twice"),
        ([IN_ORDER[0], IN_ORDER[1], IN_ORDER[2], IN_ORDER[3], IN_ORDER[2]], "out-of-order"),
        ([IN_ORDER[0], IN_ORDER[1], IN_ORDER[3]], "never-ran"),
        ([*IN_ORDER[:3], ("", "k = 7"), IN_ORDER[3]], "deleted-cell"),
    ],
)
def test_hidden_state_is_found(runs: list[tuple[str, str]], code: str) -> None:
    assert code in found(*runs)


def test_running_all_again_is_no_hidden_state() -> None:
    assert found(*IN_ORDER, *IN_ORDER) == set()


def test_execution_counts_of_the_file_tell_too() -> None:
    book = notebook(*SOURCES)
    counts = (1, 2, 9, 4, 5)
    cells = tuple(replace(cell, execution_count=count) for cell, count in zip(book.cells, counts, strict=True))
    cut = slice_for(build_graph(replace(book, cells=cells)), "y")
    assert {one.code for one in cut.findings} == {"out-of-order"}
