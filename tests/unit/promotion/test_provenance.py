"""From a line to its cell and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from olo_jupyter.promotion.merge import Record, record_path
from olo_jupyter.promotion.provenance import ProvenanceError, blame, where

MODULE = '''"""A score."""


def compute_clean() -> int:
    """Clean. (Notebook cell c1.)"""
    return 1


def compute_score() -> int:
    """Score. (Notebook cell c2.)"""
    return compute_clean()
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    record = Record("score", "python", "gold", "n.ipynb", cells=("c1", "c2"), files={"src/score.py": MODULE})
    path = tmp_path / record_path("score")
    path.parent.mkdir(parents=True)
    path.write_text(record.dump())
    (tmp_path / "src").mkdir()
    (tmp_path / "src/score.py").write_text(MODULE)
    return tmp_path


def test_a_functions_own_cell(root: Path) -> None:
    origin = blame(root, "src/score.py", 11)
    assert (origin.cells, origin.made, origin.notebook) == (("c2",), "generated", "n.ipynb")


def test_lines_that_moved_are_still_known(root: Path) -> None:
    (root / "src/score.py").write_text("# by hand\nimport os\n" + MODULE)
    assert blame(root, "src/score.py", 8).cells == ("c1",)
    assert blame(root, "src/score.py", 2).made == "edited"


def test_outside_functions_all_cells_count(root: Path) -> None:
    assert blame(root, "src/score.py", 1).cells == ("c1", "c2")


def test_where_a_cell_went(root: Path) -> None:
    assert [place.path for place in where(root, "c1")] == ["src/score.py"]


@pytest.mark.parametrize(
    ("path", "line", "code"),
    [("src/other.py", 1, "file-not-read"), ("src/score.py", 99, "no-such-line"), ("src/score.py", 0, "no-such-line")],
)
def test_what_nobody_knows(root: Path, path: str, line: int, code: str) -> None:
    with pytest.raises(ProvenanceError) as raised:
        blame(root, path, line)
    assert raised.value.code == code


def test_a_shared_file_is_nobodys_own(root: Path) -> None:
    (root / "schema.yml").write_text("version: 2\n")
    with pytest.raises(ProvenanceError, match="No promotion"):
        blame(root, "schema.yml", 1)


def test_an_unknown_cell_names_the_known_ones(root: Path) -> None:
    with pytest.raises(ProvenanceError) as raised:
        where(root, "c9")
    assert "c1, c2" in raised.value.hint


def test_promotions_that_are_not_merged_yet_tell_too(tmp_path: Path) -> None:
    pending = Record("late", "dbt", "gold", "n.ipynb", cells=("c9",), files={"models/gold/late.sql": "select 1\n"})
    assert [place.path for place in where(tmp_path, "c9", [pending])] == ["models/gold/late.sql"]
    with pytest.raises(ProvenanceError, match="No promotion has a cell 'c8'") as error:
        where(tmp_path, "c8", [pending])
    assert "c9" in error.value.hint
