"""Whether the files of a folder changed: of many files some at a look, so that a look costs the same however many."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

Stamp = tuple[int, int] | None
"""Modification time (ns) and size (bytes) of a file, None where there is none: differs when the file was changed."""

PART = 1_000
"""Files whose stamps are read at a look: some milliseconds."""
_SETTLED = 2.0
"""Seconds after which a folder's own time is trusted to tell the next change from the last one."""


def stamp(path: Path | str) -> Stamp:
    """The stamp of a file as it is now."""
    try:
        status = os.stat(path)  # noqa: PTH116 - of thousands: a Path of each takes longer than to ask for it
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Folder:
    """The files of a folder with one ending, looked at again and again.

    A file that comes, goes or is replaced (as editors and Git do it) changes the folder's own time, which is looked at
    each time: then all files are. One that is written in place is found in its turn, within a look per ``PART`` files.

    Args:
        path: The folder; it may be missing.
        ending: Of the files' names: ``.yml``.
    """

    def __init__(self, path: Path, ending: str) -> None:
        self.path, self._ending = path, ending
        self._listed: Stamp = None
        self._stamps: dict[str, Stamp] = {}
        self._turn: list[str] = []
        self._digest = ""

    def look(self) -> str:
        """A digest of the files' names and stamps as far as they are known: another one when something changed."""
        listed, before = stamp(self.path), self._stamps
        if listed != self._listed or _is_fresh(listed):
            self._listed, self._turn = listed, []
            self._stamps = self._read(self._names())
        else:
            self._turn = self._turn or self._names()
            self._stamps = before | self._read(self._turn[:PART])
            self._turn = self._turn[PART:]
        if self._stamps != before or not self._digest:
            self._digest = hashlib.sha256(repr(sorted(self._stamps.items())).encode()).hexdigest()
        return self._digest

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.path) as found:
                return [entry.name for entry in found if entry.name.endswith(self._ending)]
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []

    def _read(self, names: list[str]) -> dict[str, Stamp]:
        folder = str(self.path)  # paths of their own are slow to make by the thousand
        return {name: stamp(f"{folder}/{name}") for name in names}


def _is_fresh(listed: Stamp) -> bool:
    """Whether a folder changed so lately that another change may bear the same time."""
    return listed is not None and 0 <= time.time() - listed[0] / 1e9 < _SETTLED
