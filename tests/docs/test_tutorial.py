"""The first-hour tutorial, followed literally: every command and cell runs, and every output that it shows is seen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.blocks import ROOT, Block, blocks

PAGE = ROOT / "docs" / "tutorial" / "first-hour.md"
NOTEBOOK = "notebooks/revenue.ipynb"
INSTALLATION = "pip install"
"""The one command that isn't run: the wheel's own test does, in an empty environment."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def seen(wanted: str, output: str, place: str) -> None:
    """Every line of ``wanted`` is in ``output``, in that order; blanks don't count, ``…`` stands for anything."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    start = 0
    for line in filter(None, (" ".join(line.split()) for line in wanted.splitlines())):
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        found = next((at for at in range(start, len(lines)) if pattern.fullmatch(lines[at])), None)
        assert found is not None, f"{place}: not seen: {line}\nbut:\n{output}"
        start = found + 1


class Shell:
    """A shell that keeps its folder and its variables from one command to the next, as a terminal does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("OLO_")}
        identity = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.org"}
        identity |= {"GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.org"}
        self.environ = {**clean, **identity, "PATH": path, "HOME": str(folder / "home"), "COLUMNS": "200"}
        (folder / "home").mkdir()
        self.cwd = folder

    def run(self, command: str, place: str) -> str:
        """Run a command to its end; what it printed."""
        after = self._folder / "after"
        script = f"{command}\nstatus=$?\n{{ pwd; env -0; }} > {after}\nexit $status\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.cwd, env=self.environ, capture_output=True, text=True, timeout=300
        )
        output = done.stdout + done.stderr
        assert done.returncode == 0, f"{place}: {command}\n{output}"
        folder, _, variables = after.read_text().partition("\n")
        self.cwd = Path(folder)
        self.environ = dict(one.split("=", 1) for one in variables.split("\0") if "=" in one)
        return output


def follow_console(shell: Shell, block: Block) -> None:
    """Type each command of a block, and look for what stands below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        if not command.startswith(INSTALLATION):
            seen(output, shell.run(command, block.place), block.place)


def follow_notebook(shell: Shell, cells: list[tuple[Block, Block | None]]) -> None:
    """Make the notebook, run its cells in a kernel, and look for what each shows."""
    path = shell.cwd / NOTEBOOK
    path.parent.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.text.rstrip()) for cell, _ in cells])
    nbformat.write(notebook, path)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env={**shell.environ, "OLO_NOTEBOOK": str(path)})
    for (block, shown), cell in zip(cells, notebook.cells, strict=True):
        texts = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs]
        if shown is not None:
            seen(shown.text, "\n".join(texts), block.place)


def test_the_first_hour(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    page = [block for block in blocks(PAGE) if block.language in ("console", "ipython", "text")]
    cells: list[tuple[Block, Block | None]] = []
    for number, block in enumerate(page):
        if block.language == "ipython":
            after = page[number + 1]
            cells.append((block, after if after.language == "text" else None))
        elif block.language == "console":
            if cells:
                follow_notebook(shell, cells)
                cells = []
            follow_console(shell, block)
    assert not cells, "the notebook's cells come before the last commands"
