"""Files on a remote storage, for DuckDB's own Parquet reader.

DuckDB's httpfs extension can't be had from a package registry for this version. Its reader takes any file that Python
can seek in: so Arrow opens the file, and DuckDB still reads only the columns and row groups that it needs.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fsspec import AbstractFileSystem

from olo_jupyter.lakehouse.storage import Place

if TYPE_CHECKING:
    import pyarrow as pa

_numbers = itertools.count()


class RemoteFiles(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of one scan, under a protocol of their own and by number: no name on a storage can be a pattern."""

    cachable = False

    def __init__(self) -> None:
        super().__init__()
        self.protocol: str = f"olo{next(_numbers)}"
        self._files: list[tuple[Place, int]] = []

    def add(self, place: Place, size: int) -> str:
        """Take a file of ``size`` bytes in.

        Returns:
            What DuckDB calls it.
        """
        self._files.append((place, size))
        return f"{self.protocol}://{len(self._files) - 1}"

    def open(self, path: str, *_: Any, **__: Any) -> pa.NativeFile:
        """The file, to be read from anywhere."""
        place, _size = self._of(path)
        return place.filesystem.open_input_file(place.path)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Name and size, which the table's metadata tell: nothing is asked of the storage."""
        return {"name": path, "size": self._of(path)[1], "type": "file"}

    def glob(self, path: str, **_: Any) -> list[str]:
        """The file itself."""
        return [path.partition("://")[2] or path]

    def exists(self, *_: Any, **__: Any) -> bool:
        """Always: one that is gone fails when it is opened."""
        return True

    def modified(self, *_: Any) -> datetime:
        """Always the same: data files never change."""
        return datetime(2000, 1, 1, tzinfo=UTC)

    def _of(self, path: str) -> tuple[Place, int]:
        return self._files[int(path.rpartition("/")[2])]
