"""The progress of a statement, as a notebook and a terminal show it."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from olo_jupyter.lakehouse.engines.base import Progress
from olo_magics import progress
from olo_magics.progress import TerminalBar, TextBar, WidgetBar, shown_progress

HALF = Progress("running", 0.5, rows=1200, splits=8, splits_done=4, queued=False, peak_memory=3_000_000)


def test_the_widget_shows_the_figures_and_its_button_interrupts_the_cell() -> None:
    bar = WidgetBar()
    bar.show(HALF, 2.0)
    assert bar.bar.value == 500
    assert bar.line.value == "running · 4 of 8 splits · 1,200 rows · 3.0 MB memory at most · 2.0 s"
    with pytest.raises(KeyboardInterrupt):
        bar.button.click()
    assert bar.button.disabled
    bar.close()
    assert bar.box.comm is None


def test_which_bar_is_shown_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: SimpleNamespace(kernel=object()))
    assert isinstance(progress._bar(), WidgetBar)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    assert isinstance(progress._bar(), TextBar)
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: SimpleNamespace())
    assert isinstance(progress._bar(), TextBar)
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdout", terminal)
    bar = progress._bar()
    assert isinstance(bar, TerminalBar)
    bar.show(HALF, 2.0)
    bar.close()


def test_a_short_statement_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress() as show:
        show(HALF)
    assert capsys.readouterr().out == ""
