"""Tables on a terminal: beside each other where there is room, else a block a row; a pipe gets full width."""

import re

import pytest

from olo_jupyter.cli.output import print_table

HEADER = ["promotion", "branch", "state", "pull request", "last run"]
ROW = ["daily_delays", "olo/ana/daily_delays", "pushed", None, "never"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return monkeypatch


def _plain(capsys: pytest.CaptureFixture[str]) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_a_wide_table_is_a_block_a_row(terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.setenv("COLUMNS", "50")
    print_table(HEADER, [ROW, ROW], caption="2 rows")
    lines = _plain(capsys).splitlines()
    assert [line.strip() for line in lines if "row" in line] == ["row 1", "row 2", "2 rows"]
    assert sum("olo/ana/daily_delays" in line and "branch" in line for line in lines) == 2
    assert sum("pull request" in line and "NULL" in line for line in lines) == 2


def test_one_with_room_is_a_table(terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.setenv("COLUMNS", "120")
    print_table(HEADER, [ROW])
    header, _, row = (line for line in _plain(capsys).splitlines() if line.strip())
    assert [name for name in HEADER if name in header] == HEADER and "olo/ana/daily_delays" in row


def test_a_pipe_gets_whole_values(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    print_table(["a", "b"], [["x" * 60, "[bold]y[/bold]" * 10]])
    assert f"{'x' * 60} │ {'[bold]y[/bold]' * 10}" in capsys.readouterr().out
