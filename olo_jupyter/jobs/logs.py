"""A task's log by line numbers: any part of a million lines at once, without reading or holding the whole.

A log is bytes that somebody else writes: it grows while it is read, holds colours, binary, or a line without end.
"""

from __future__ import annotations

import re
import threading
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

EVERY = 1000
"""The place of every so many lines is remembered."""
LONGEST = 16_384
"""Bytes of a line; what is longer goes on in a line of its own."""
MOST = 5_000
"""Lines that one answer holds at most."""
_LARGEST = 2_000_000
"""Bytes that one answer holds at most."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class LogLines:
    """Lines ``first`` (counted from 0) and those after it, of ``total`` that there are now, in ``size`` bytes."""

    lines: tuple[str, ...]
    first: int
    total: int
    size: int


@dataclass(frozen=True)
class LogHits:
    """The numbers of lines that hold a text; ``next`` is where to look on, None where the whole was searched."""

    lines: tuple[int, ...]
    next: int | None


class LogIndex:
    """The lines of one file. Safe to use from several threads; a file that isn't there has none.

    Args:
        path: The file. One that became shorter is another: it is read anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._places = array("Q", [0])
        self._total = 0
        self._read = 0
        self._open = 0
        self._seen_end = True

    def lines(self, first: int, count: int) -> LogLines:
        """Some lines; a negative ``first`` counts from the end."""
        with self._lock:
            size = self._refresh()
            total = self._lines_seen
            start = max(0, total + first) if first < 0 else min(first, total)
            found: list[str] = []
            budget = _LARGEST
            for line in self._from(start):
                if len(found) == min(count, MOST) or start + len(found) >= total or budget < 0:
                    break
                found.append(line.decode("utf-8", "replace"))
                budget -= len(line)
            return LogLines(tuple(found), start, total, size)

    def search(self, text: str, first: int = 0, limit: int = 1000) -> LogHits:
        """The lines from ``first`` on that hold a text; letters of ASCII in any case."""
        with self._lock:
            self._refresh()
            if not text:
                return LogHits((), None)
            wanted = re.compile(re.escape(text.encode()), re.IGNORECASE)
            hits: list[int] = []
            for start in self._parts_with(wanted, first // EVERY):
                for number, line in enumerate(islice(self._from(start), EVERY), start):
                    if number >= first and wanted.search(line):
                        hits.append(number)
                        if len(hits) == limit:
                            return LogHits(tuple(hits), number + 1)
            return LogHits(tuple(hits), None)

    def _parts_with(self, wanted: re.Pattern[bytes], part: int) -> Iterator[int]:
        """The first line of each EVERY lines that hold it: most lines need not be looked at one by one."""
        if self._read == 0:
            return
        with self.path.open("rb") as stream:
            for number in range(part, len(self._places)):
                end = self._places[number + 1] if number + 1 < len(self._places) else self._read
                stream.seek(self._places[number])
                if wanted.search(stream.read(end - self._places[number])):
                    yield number * EVERY

    @property
    def _lines_seen(self) -> int:
        """A last line without an end counts."""
        return self._total + (not self._seen_end)

    def _refresh(self) -> int:
        try:
            size = self.path.stat().st_size
        except OSError:
            self._reset()
            return 0
        if size < self._read:
            self._reset()
        if size > self._read:
            with self.path.open("rb") as stream:
                stream.seek(self._read)
                while block := stream.read(_BLOCK):
                    self._take(block)
        return self._read

    def _take(self, block: bytes) -> None:
        """Count the lines of what was added."""
        start = 0
        while True:
            end = block.find(b"\n", start, start + LONGEST - self._open)
            if end < 0 and len(block) - start < LONGEST - self._open:
                break
            stop = end + 1 if end >= 0 else start + LONGEST - self._open
            self._total += 1
            if self._total % EVERY == 0:
                self._places.append(self._read + stop)
            start, self._open = stop, 0
        self._open += len(block) - start
        self._seen_end = self._open == 0
        self._read += len(block)

    def _from(self, first: int) -> Iterator[bytes]:
        """The lines from a number on, without their ends."""
        if not self.path.is_file():
            return
        with self.path.open("rb") as stream:
            stream.seek(self._places[min(first // EVERY, len(self._places) - 1)])
            left = first % EVERY if first // EVERY < len(self._places) else first - EVERY * (len(self._places) - 1)
            while line := stream.readline(LONGEST):
                if left:
                    left -= 1
                else:
                    yield line.rstrip(b"\r\n")
