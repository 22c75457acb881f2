"""Progress of a statement: shown when it takes longer than a moment, gone when it ends.

In a notebook a bar of ipywidgets with a button that cancels, in a terminal a bar of rich; a line of text elsewhere (no
ipywidgets, a kernel without a front end).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

from olo_jupyter.lakehouse.engines.base import Progress

QUIET_SECONDS = 0.5
CANCEL_CLASS = "olo-CancelQuery"
"""How JupyterLab's extension knows the button that cancels."""
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


class Bar(Protocol):
    """Something that shows figures until it is closed."""

    def show(self, progress: Progress, seconds: float) -> None: ...

    def close(self) -> None: ...


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None]]:
    """Gives the callback that draws the engine's figures while the statement runs."""
    started = time.monotonic()
    bar: Bar | None = None

    def show(progress: Progress) -> None:
        nonlocal bar
        seconds = time.monotonic() - started
        if seconds < QUIET_SECONDS:
            return
        bar = bar or _bar()
        bar.show(progress, seconds)

    try:
        yield show
    finally:
        if bar is not None:
            bar.close()


def _bar() -> Bar:
    from IPython.core.getipython import get_ipython

    if getattr(get_ipython(), "kernel", None) is not None:
        return WidgetBar() if find_spec("ipywidgets") else TextBar()
    return TerminalBar() if sys.stdout.isatty() else TextBar()


class WidgetBar:
    """A bar, the figures, and a button that interrupts the cell.

    A busy kernel hears of a click only when the cell has ended, unless the front end gives widgets a channel of their
    own. So JupyterLab with our extension interrupts the kernel itself on a click (it knows the button by its class);
    elsewhere the kernel's own interrupt does the same.
    """

    def __init__(self) -> None:
        import ipywidgets
        from IPython.display import display

        self.bar: Any = ipywidgets.IntProgress(value=0, max=1000, layout={"width": "240px"})
        self.line: Any = ipywidgets.Label()
        self.button: Any = ipywidgets.Button(
            description="Cancel", tooltip="Interrupt this cell: the query is ended on the server", icon="stop"
        )
        self.button.add_class(CANCEL_CLASS)
        self.button.on_click(self.cancel)
        self.box: Any = ipywidgets.HBox([self.bar, self.line, self.button])
        display(self.box)

    def cancel(self, _: Any = None) -> None:
        """Interrupt the cell, as the kernel's own interrupt does."""
        import signal

        self.button.disabled = True
        self.button.description = "Cancelling …"
        signal.raise_signal(signal.SIGINT)

    def show(self, progress: Progress, seconds: float) -> None:
        """Draw the figures."""
        self.bar.value = round(1000 * (progress.fraction or 0))
        self.bar.bar_style = "warning" if progress.queued else "info"
        self.line.value = figures(progress, seconds)

    def close(self) -> None:
        """Take it away, with the button: a click that waits in the kernel's queue is then for nobody."""
        for widget in (self.button, self.bar, self.line, self.box):
            widget.close()


class TerminalBar:
    """A bar of rich, at the end of a terminal."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Live

        self._live = Live(BarColumn(24), TextColumn("{task.description}"), transient=True)
        self._task = self._live.add_task("", total=None)
        self._live.start()

    def show(self, progress: Progress, seconds: float) -> None:
        """Draw the figures."""
        total = None if progress.fraction is None else 1.0
        text = figures(progress, seconds)
        self._live.update(self._task, total=total, completed=progress.fraction or 0.0, description=text)

    def close(self) -> None:
        """Take it away."""
        self._live.stop()


class TextBar:
    """A line of text in the cell's output, drawn anew each time."""

    def __init__(self) -> None:
        self._shown = False

    def show(self, progress: Progress, seconds: float) -> None:
        """Draw the figures."""
        self.close()
        self._shown = True
        print(progress_line(progress, seconds))

    def close(self) -> None:
        """Take it away."""
        from IPython.display import clear_output

        if self._shown:
            clear_output(wait=True)


def progress_line(progress: Progress, seconds: float) -> str:
    """One line with a bar of letters.

    Example:
        >>> progress_line(Progress("running", 0.5, rows=1200), 2.0)
        '██████████░░░░░░░░░░  50 % · running · 1,200 rows · 2.0 s'
    """
    if progress.fraction is None:
        return figures(progress, seconds)
    done = round(20 * progress.fraction)
    return f"{'█' * done}{'░' * (20 - done)} {100 * progress.fraction:3.0f} % · {figures(progress, seconds)}"


def figures(progress: Progress, seconds: float) -> str:
    """What the engine tells, in one line.

    Example:
        >>> figures(Progress("running", rows=10, bytes=2_500_000, splits=8, splits_done=2, cpu_seconds=3.2), 2.0)
        'running · 2 of 8 splits · 10 rows · 2.5 MB · 3.2 s CPU · 2.0 s'
    """
    parts = [progress.state]
    if progress.splits:
        parts.append(f"{progress.splits_done or 0} of {progress.splits} splits")
    if progress.rows:
        parts.append(f"{progress.rows:,} rows")
    if progress.bytes:
        parts.append(_size(progress.bytes))
    if progress.cpu_seconds:
        parts.append(f"{progress.cpu_seconds:.1f} s CPU")
    if progress.peak_memory:
        parts.append(f"{_size(progress.peak_memory)} memory at most")
    parts.append(f"{seconds:.1f} s")
    return " · ".join(parts)


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError("unreachable")
