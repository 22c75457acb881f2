"""What really ran in this kernel: each cell's source, in order. Cheap: one small record a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from olo_converters.capture import CellRun

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


class Recorder:
    """Keeps the runs of all cells since the extension was loaded, oldest first.

    A cell is known by the front end's id of it, ``#<number of the run>`` where it gives none (the
    execution count won't do: a client may keep it from counting).
    """

    def __init__(self) -> None:
        self.runs: list[CellRun] = []
        self.current: CellRun | None = None

    def register(self, shell: InteractiveShell) -> None:
        """Listen to the shell's cell events. The cell that loads the extension is recorded when it ends."""
        self._shell = shell
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)

    def unregister(self, shell: InteractiveShell) -> None:
        """Stop listening."""
        shell.events.unregister("pre_run_cell", self._before)
        shell.events.unregister("post_run_cell", self._after)

    def _before(self, info: Any) -> None:
        if info.silent:
            return
        self.current = self._run(info)

    def _after(self, result: Any) -> None:
        if result.info is None or result.info.silent:
            return
        run = self.current or self._run(result.info)
        self.current = None
        count = result.execution_count or run.execution_count
        self.runs.append(replace(run, execution_count=count, failed=not result.success))

    def _run(self, info: Any) -> CellRun:
        number = len(self.runs) + 1
        return CellRun(getattr(info, "cell_id", None) or f"#{number}", info.raw_cell, self._shell.execution_count)
