"""Files of events into a backend: those that the runner on this machine writes."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from olo_jupyter.backends.lineage.base import LineageBackend

_PART = 1000
"""Events that go to the backend at once."""
_log = logging.getLogger(__name__)


class Intake:
    """Reads on in a file where it left off. How far it is stands beside the file; reading twice does no harm.

    Args:
        path: An event a line.
        backend: Takes the events.
        name: The backend's name: each has a mark of its own.
    """

    def __init__(self, path: Path, backend: LineageBackend, name: str) -> None:
        self._path, self._backend = path, backend
        self._mark = path.with_name(f"{path.name}.{name}")
        self._lock = threading.Lock()
        self._known: tuple[int, int] | None = None

    def take(self, parts: int | None = None) -> bool:
        """Hand over what is new. A line that is no event is left out, and the log says which.

        Args:
            parts: At most so many times :data:`_PART` events; default: all.

        Returns:
            Whether all is handed over.

        Raises:
            OloError: The backend can't take it now; nothing is lost, the next call tries again.
        """
        with self._lock:
            try:
                status = self._path.stat()
            except FileNotFoundError:
                return True
            if self._known == (status.st_ino, status.st_size):
                return True
            start = self._read_mark(status.st_ino)
            if start > status.st_size:  # it was made anew
                start = 0
            taken = 0
            for events, lines, end in islice(_parts(self._path, start), parts):
                taken += 1
                receipt = self._backend.add(events)
                for refusal in receipt.refused:
                    _log.warning(
                        "%s: the line at byte %d is no event: %s: %s",
                        self._path, lines[refusal.index], refusal.place, refusal.message,
                    )  # fmt: skip
                self._write_mark(status.st_ino, end)
            if taken == parts:  # there may be more
                return False
            self._known = (status.st_ino, status.st_size)
            return True

    def _read_mark(self, inode: int) -> int:
        try:
            before, offset = self._mark.read_text(encoding="ascii").split()
            return int(offset) if int(before) == inode else 0
        except (OSError, ValueError):
            return 0

    def _write_mark(self, inode: int, offset: int) -> None:
        descriptor, draft = tempfile.mkstemp(dir=self._mark.parent, prefix=f".{self._mark.name}-")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{inode} {offset}\n")
        Path(draft).replace(self._mark)


def _parts(path: Path, start: int) -> Iterator[tuple[list[Any], list[int], int]]:
    """Events, where each began, and the end of the last: a line that isn't whole yet is left for later."""
    events: list[Any] = []
    lines: list[int] = []
    offset = start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n"):
                break
            try:
                events.append(json.loads(line))
                lines.append(offset)
            except (ValueError, RecursionError):
                _log.warning("%s: the line at byte %d is no JSON.", path, offset)
            offset += len(line)
            if len(events) >= _PART:
                yield events, lines, offset
                events, lines = [], []
    if offset > start:
        yield events, lines, offset
