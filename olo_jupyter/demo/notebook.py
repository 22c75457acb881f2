"""Run the demo's notebook in a real kernel."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from olo_jupyter.errors import OloError

NOTEBOOK_VARIABLE = "OLO_NOTEBOOK"
"""Tells a kernel which file it runs, where no Jupyter Server does."""


def run_notebook(path: Path, out: Path, on_cell: Callable[[str, int, int], None]) -> dict[str, float]:
    """Execute a notebook in a kernel of its own; the file itself stays as it is.

    Args:
        path: The notebook.
        out: Folder for the executed copy.
        on_cell: Called before each cell: its id, cells done, cells in all.

    Returns:
        Seconds that each code cell took, by its id.

    Raises:
        OloError: A cell failed; the message is the cell's.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)

    def starting(cell: Any, cell_index: int) -> None:
        on_cell(str(cell.get("id", cell_index)), cell_index, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=starting,
        extra_arguments=["--IPKernelApp.log_level=40"],  # its word on unencrypted ports is no news of the demo
    )
    out.mkdir(parents=True, exist_ok=True)
    try:
        client.execute(env={**os.environ, NOTEBOOK_VARIABLE: str(path)})
    except CellExecutionError as error:
        raise OloError(f"A cell of {path.name} failed: {error}", code="notebook") from error
    finally:
        nbformat.write(notebook, out / path.name)
    return {cell["id"]: _seconds(cell) for cell in notebook.cells if cell.cell_type == "code"}


def _seconds(cell: Any) -> float:
    times = cell.metadata.get("execution", {})
    started, ended = times.get("iopub.status.busy"), times.get("shell.execute_reply")
    if started is None or ended is None:
        return 0.0
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()
