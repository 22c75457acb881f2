"""Reading notebooks: good ones in every format, bad ones with a clear error."""
# ruff: noqa: E501 - one case a line

from __future__ import annotations

import json
from pathlib import Path

import pytest

from olo_converters.notebook import NotebookError, parse_notebook, read_notebook

V3 = {
    "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "old"},
    "worksheets": [{"cells": [
        {"cell_type": "heading", "level": 1, "source": ["Title"], "metadata": {}},
        {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": [], "collapsed": False, "metadata": {}, "prompt_number": 4},
    ]}],
}  # fmt: skip
PERCENT = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\ny = x\n"
MYST = "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n  language: python\n---\n\n# Title\n\n```{code-cell}\nx = 1\n```\n"


def test_nbformat_3_is_read() -> None:
    notebook = parse_notebook(json.dumps(V3))
    assert [(cell.kind, cell.source) for cell in notebook.cells] == [("markdown", "# Title"), ("code", "x = 1\ny = 2")]
    assert notebook.cells[1].execution_count == 4


def test_text_formats_are_read() -> None:
    assert [cell.source for cell in parse_notebook(PERCENT, suffix=".py").cells] == ["# Title", "x = 1", "y = x"]
    assert [cell.kind for cell in parse_notebook(MYST, suffix=".md").cells] == ["markdown", "code"]


def test_cells_without_ids_get_stable_ones() -> None:
    cell = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None}
    text = json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 2,
            "metadata": {},
            "cells": [cell, cell, {**cell, "id": "own"}, {**cell, "id": "own"}],
        }
    )
    first, second = parse_notebook(text), parse_notebook(text)
    ids = [one.id for one in first.cells]
    assert ids == [one.id for one in second.cells]
    assert len(set(ids)) == 4
    assert ids[2] == "own"


def test_line_ends_are_one_kind() -> None:
    text = json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [{"cell_type": "code", "source": "a = 1\r\nb = 2\rc = 3"}],
        }
    )
    assert parse_notebook(text).cells[0].source == "a = 1\nb = 2\nc = 3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "notebook-not-json"),
        (b"{", "notebook-not-json"),
        (b"[" * 100_000, "notebook-not-json"),
        (b"[]", "notebook-invalid"),
        (b'{"nbformat": 4}', "notebook-invalid"),
        (b'{"nbformat": "four", "cells": []}', "notebook-invalid"),
        (b'{"nbformat": 4, "cells": [1]}', "notebook-invalid"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 5}]}', "notebook-invalid"),
        (b'{"nbformat": 3, "worksheets": 7}', "notebook-invalid"),
        (b'{"cells": []}\0', "notebook-damaged"),
        ('{"cells": ["ä"]}'.encode("latin-1"), "notebook-encoding"),
    ],
)
def test_bad_files_get_a_clear_error(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(NotebookError) as caught:
        read_notebook(path)
    assert caught.value.code == code
    assert str(path) in caught.value.message


def test_missing_and_unknown_files(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="does not exist"):
        read_notebook(tmp_path / "none.ipynb")
    with pytest.raises(NotebookError) as caught:
        read_notebook(tmp_path)
    assert caught.value.code in ("notebook-unreadable", "notebook-missing")
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(NotebookError, match="no notebook format"):
        read_notebook(tmp_path / "x.txt")
