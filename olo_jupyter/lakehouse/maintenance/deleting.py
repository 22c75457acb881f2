"""Delete files that no snapshot refers to any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from olo_jupyter.lakehouse.maintenance.reports import Files, OnStep, silent

if TYPE_CHECKING:
    from pyiceberg.io import FileIO


def delete_files(io: FileIO, files: Mapping[str, int | None], on_step: OnStep = silent) -> Files:
    """Delete ``files``; one that is gone already counts for nothing, one that can't be deleted is told.

    A killed run is safe to repeat: what it left is an orphan.
    """
    count = size = 0
    left: list[str] = []
    for number, (path, length) in enumerate(sorted(files.items())):
        on_step("deleting files", number / len(files))
        try:
            io.delete(path)
        except FileNotFoundError:
            continue
        except OSError:
            left.append(path)
            continue
        count += 1
        size += length or 0
    return Files(count, size, tuple(left))
