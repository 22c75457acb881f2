"""Where a file of a table is: on this machine, or on a storage that Arrow reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem
    from pyiceberg.io import FileIO


@dataclass(frozen=True)
class Place:
    """A file by its path on a file system; ``local`` says that DuckDB itself can open the path."""

    filesystem: FileSystem
    path: str
    local: bool


def place_of(io: FileIO, location: str) -> Place | None:
    """The place of the file at ``location``, None where only ``io`` itself can open it."""
    from pyarrow.fs import LocalFileSystem
    from pyiceberg.io.pyarrow import PyArrowFileIO

    if not isinstance(io, PyArrowFileIO):
        return None
    file = io.new_input(location)
    filesystem: FileSystem = file._filesystem
    return Place(filesystem, file._path, isinstance(filesystem, LocalFileSystem))
