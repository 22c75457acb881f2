"""Logs by line numbers: grown, cut, binary, without end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from olo_jupyter.jobs import logs
from olo_jupyter.jobs.logs import LogIndex


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "task.log"


def test_a_log_that_is_not_there_yet_then_grows(path: Path) -> None:
    index = LogIndex(path)
    assert (index.lines(0, 10).total, index.search("x").lines) == (0, ())
    path.write_bytes(b"one\ntw")
    assert index.lines(0, 10).lines == ("one", "tw")
    with path.open("ab") as stream:
        stream.write(b"o\r\nthree\n")
    found = index.lines(0, 10)
    assert (found.lines, found.total, found.size) == (("one", "two", "three"), 3, path.stat().st_size)
    path.write_bytes(b"anew\n")
    assert index.lines(0, 10).lines == ("anew",)


def test_any_part_of_many_lines(path: Path) -> None:
    path.write_text("".join(f"line {number}\n" for number in range(123_456)))
    index = LogIndex(path)
    assert index.lines(99_999, 2).lines == ("line 99999", "line 100000")
    tail = index.lines(-2, 10)
    assert (tail.first, tail.lines) == (123_454, ("line 123454", "line 123455"))
    assert index.lines(123_456, 5).lines == ()
    assert len(index.lines(0, 1_000_000).lines) == logs.MOST
    hits = index.search("LINE 12345", 0, 5)
    assert (hits.lines, hits.next) == ((12345, *range(123_450, 123_454)), 123_454)
    assert index.search("line 12345", hits.next or 0).lines == (123_454, 123_455)
    assert index.search("nowhere") == logs.LogHits((), None)


def test_a_line_without_end_goes_on_in_the_next(path: Path) -> None:
    path.write_bytes(b"a" * (2 * logs.LONGEST + 1) + b"\nend\n\xff\x00\xfe")
    found = LogIndex(path).lines(0, 10)
    assert [len(line) for line in found.lines] == [logs.LONGEST, logs.LONGEST, 1, 3, 3]
    assert found.lines[-1] == "\ufffd\x00\ufffd"


@settings(max_examples=200)
@given(parts=st.lists(st.binary(max_size=40), max_size=12), every=st.integers(1, 5), longest=st.integers(1, 7))
def test_counts_as_a_whole_reading_does(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], every: int, longest: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "x.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "EVERY", every)
        patch.setattr(logs, "LONGEST", longest)
        index = LogIndex(path)
        with path.open("wb", buffering=0) as stream:
            for part in parts:
                stream.write(part)
                index.lines(0, 1)
        with path.open("rb") as stream:
            whole = [
                line.rstrip(b"\r\n").decode("utf-8", "replace") for line in iter(lambda: stream.readline(longest), b"")
            ]
        found = index.lines(0, 1000)
        assert (list(found.lines), found.total) == (whole, len(whole))
        for first in range(len(whole)):
            assert index.lines(first, 1).lines == (whole[first],)
