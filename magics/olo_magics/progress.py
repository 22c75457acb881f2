"""Progress of a statement in the cell: shown when it takes longer than a moment, gone when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from olo_jupyter.lakehouse.engines.base import Progress

QUIET_SECONDS = 0.5


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None]]:
    """Gives the callback that draws the engine's figures under the cell while the statement runs."""
    from IPython.display import clear_output

    started = time.monotonic()
    shown = False

    def show(progress: Progress) -> None:
        nonlocal shown
        if time.monotonic() - started < QUIET_SECONDS:
            return
        if shown:
            clear_output(wait=True)
        shown = True
        print(progress_line(progress, time.monotonic() - started))

    try:
        yield show
    finally:
        if shown:
            clear_output(wait=True)


def progress_line(progress: Progress, seconds: float) -> str:
    """One line of figures.

    Example:
        >>> progress_line(Progress("running", 0.5, rows=1200), 2.0)
        'running ██████████░░░░░░░░░░  50 % · 1,200 rows · 2.0 s'
    """
    parts = [progress.state]
    if progress.fraction is not None:
        done = round(20 * progress.fraction)
        parts[0] += f" {'█' * done}{'░' * (20 - done)} {progress.fraction:4.0%}".replace("%", " %")
    if progress.rows is not None:
        parts.append(f"{progress.rows:,} rows")
    parts.append(f"{seconds:.1f} s")
    return " · ".join(parts)
