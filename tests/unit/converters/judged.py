"""Notebooks that judge the slices: whole notebook, slice and generated module each run in a process of their own."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import random
import re
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olo_converters.notebook import Cell, Notebook
from tests.unit.converters.programs import shown

FOLDER = Path(__file__).parent / "judged"


@dataclass(frozen=True)
class Judged:
    """A notebook of the collection; ``refused``: the names that no slice may be given for."""

    name: str
    refused: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def notebook(self) -> Notebook:
        """As the converters take it."""
        return Notebook(self.name, tuple(Cell(f"c{at}", at, "code", text) for at, text in enumerate(self.cells)))


def judged() -> list[Judged]:
    """All of them. ``=== name | refused: a b`` begins one, blank lines part its cells."""
    found: list[Judged] = []
    for file in sorted(FOLDER.glob("*.txt")):
        for text in re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, body = text.partition("\n")
            name, _, refused = head.partition("|")
            names = tuple(refused.partition(":")[2].split())
            found.append(Judged(f"{file.stem}-{name.strip()}", names, tuple(body.strip("\n").split("\n\n"))))
    return found


def in_own_process(work: Callable[[], dict[str, str]]) -> dict[str, str]:
    """What ``work`` gives in a forked process, an empty folder and an unknown random state; an error as ``error``."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as null:
                os.chdir(folder)
                os.dup2(null.fileno(), 1)
                os.dup2(null.fileno(), 2)
                sys.path.insert(0, "")
                os.environ["MPLBACKEND"] = "agg"
                random.seed()
                if "numpy" in sys.modules:
                    sys.modules["numpy"].random.seed()
                try:
                    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                        answer = work()
                except BaseException:  # noqa: BLE001 - whatever a notebook raises is its answer
                    answer = {"error": traceback.format_exc(limit=-3)}
                with os.fdopen(writer, "wb") as pipe:
                    pickle.dump(answer, pipe)
                os.chdir("/")
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    return dict(pickle.loads(data)) if data else {"error": "the process died"}


def run_cells(cells: list[str], names: list[str] | None) -> dict[str, str]:
    """The values (as text) that names have after the cells ran; None: of all names."""

    def work() -> dict[str, str]:
        space = _in_ipython(cells) if any(map(_is_ipython, cells)) else _in_python(cells)
        wanted = [name for name in space if not name.startswith("_")] if names is None else names
        return {name: shown(space[name]) for name in wanted if name in space}

    return in_own_process(work)


def _is_ipython(cell: str) -> bool:
    return re.search(r"^\s*[%!]|=\s*[%!]|\?$|^\w+ = await\b|;$|get_ipython", cell, re.MULTILINE) is not None


def _in_python(cells: list[str]) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), space)
    return space


def _in_ipython(cells: list[str]) -> dict[str, Any]:
    """Run in a real IPython, whose ``%sql`` is a small one on DuckDB that knows ``name <<`` and ``{{name}}``."""
    import duckdb
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.history_manager.enabled = False
    shell.run_line_magic("config", "HistoryManager.enabled = False")
    shell.run_line_magic("load_ext", "storemagic")
    connection = duckdb.connect()
    connection.execute("create schema s")
    space = shell.user_ns
    space["con"] = connection

    def sql(line: str, cell: str | None = None) -> Any:
        found = re.match(r"\s*(\w+)\s*<<", line)
        text = (line[found.end() :] if found else line) + "\n" + (cell or "")
        text = re.sub(r"\{\{?\s*(\w+)\s*\}?\}", lambda match: str(space[match.group(1)]), text)
        frame = sys.modules.get("pandas")
        for name, value in list(space.items()):
            if frame is not None and isinstance(value, frame.DataFrame) and not name.startswith("_"):
                connection.register(name, value)
        result = _Result(connection.execute(text).df())
        if found:
            space[found.group(1)] = result
            return None
        return result

    shell.register_magic_function(sql, "line_cell", "sql")
    given = set(space)
    for cell in cells:
        shell.run_cell(cell, silent=False, store_history=True).raise_error()
    return {name: value for name, value in space.items() if name not in given}


class _Result:
    """A result of ``%sql``."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def DataFrame(self) -> Any:  # noqa: N802 - JupySQL's own name
        return self._frame
