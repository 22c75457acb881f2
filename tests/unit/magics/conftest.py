"""A real IPython shell with the extension, in a project with a small table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import start_ipython

from tests.shop import add_items, forget_environment, lay_out

Run = Callable[[str], Any]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in whose catalog dev.silver.items has two snapshots; tests leave it as it is."""
    root = lay_out(tmp_path_factory.mktemp("magics"))
    add_items(root)
    return root


@pytest.fixture
def shell(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """IPython's shell with the extension, its namespace empty, in the project's folder."""
    forget_environment(monkeypatch)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(project)
    start_ipython()  # type: ignore[no-untyped-call]
    ipython: Any = InteractiveShell.instance()  # Any: IPython's own methods have no types
    ipython.reset(new_session=True)
    ipython.run_cell("%load_ext olo_magics")
    yield ipython
    ipython.run_cell("%unload_ext olo_magics")


@pytest.fixture
def run(shell: Any) -> Run:
    """Run a cell that works; gives its value."""

    def run_cell(source: str) -> Any:
        done = shell.run_cell(source + "\n", store_history=True)
        done.raise_error()
        return done.result

    return run_cell


@pytest.fixture
def refused(shell: Any, capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Run a cell that is refused; gives what the user sees, never a traceback."""
    from olo_magics.failure import CellError

    def run_cell(source: str) -> str:
        capsys.readouterr()
        done = shell.run_cell(source + "\n", store_history=True)
        assert isinstance(done.error_in_exec, CellError), done
        shown = capsys.readouterr().out
        assert "Traceback" not in shown
        assert "\n".join(done.error_in_exec.lines) in shown
        return "\n".join(done.error_in_exec.lines)

    return run_cell
