"""What the magics cost: loading them, and one trivial query."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure, paired, seconds
from benchmarks.options import Options
from olo_jupyter.config import CatalogSettings

LOAD_GOAL = 0.150
CELL_GOAL = 0.005


def figures(_: Options) -> Iterator[Figure]:
    """Loading over bare IPython, in new processes; a cell over the engine's own call, in one."""
    yield _loading()
    yield _cell()


def _loading() -> Figure:
    def start(code: str) -> None:
        command = [
            sys.executable,
            "-m",
            "IPython",
            "--no-banner",
            "--quick",
            "--HistoryManager.enabled=False",
            "-c",
            code,
        ]
        subprocess.run(command, check=True, capture_output=True)

    pair = paired(lambda: start("%load_ext olo_magics"), lambda: start("pass"), 11)
    return Figure(
        "%load_ext olo_magics over bare IPython",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"+{pair.difference * 1000:.0f} ms",
        f"≤ {LOAD_GOAL * 1000:.0f} ms",
        pair.difference <= LOAD_GOAL,
    )


def _cell() -> Figure:
    from IPython.core.interactiveshell import InteractiveShell

    from olo_jupyter.lakehouse.engines.base import Request

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        _project(Path(folder))
        shell = InteractiveShell.instance()
        shell.run_line_magic("load_ext", "olo_magics")
        shell.run_cell("%%olo sql warm <<\nSELECT 1 AS one", silent=True)
        kernel = shell._olo_kernel  # type: ignore[attr-defined]
        engine = kernel.session.engine()
        pair = paired(
            lambda: shell.run_cell_magic("olo", "sql result <<", "SELECT 1 AS one"),
            lambda: engine.execute(Request("SELECT 1 AS one")),
            101,
        )
    return Figure(
        "%%olo sql SELECT 1 over the engine's own call",
        seconds(pair.ours),
        seconds(pair.theirs),
        f"+{pair.difference * 1000:.1f} ms",
        f"≤ {CELL_GOAL * 1000:.0f} ms",
        pair.difference <= CELL_GOAL,
    )


def _project(folder: Path) -> None:
    catalog = CatalogSettings(
        properties={"uri": f"sqlite:///{folder}/catalog.db", "warehouse": f"file://{folder}/warehouse"}
    )
    lines = [f"      {key}: {value}" for key, value in catalog.properties.items()]
    text = "\n".join(["version: 1", "catalogs:", "  dev:", "    properties:", *lines])
    (folder / "olo.yml").write_text(text + "\n", encoding="utf-8")
