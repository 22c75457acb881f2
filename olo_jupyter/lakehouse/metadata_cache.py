"""Metadata files of tables and views, kept once they are read: Iceberg never changes one, each commit writes a new one.

Reading one anew for each table of each statement took longer than many a query. A local file is looked at all the same,
so that one that was replaced or removed by hand is noticed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from pyiceberg.io import InputFile
    from pyiceberg.table.metadata import TableMetadata

_REMEMBERED = 256
_Content = TypeVar("_Content")


class Remembered(Generic[_Content]):
    """What the last files held, by their place. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, tuple[int, ...]], _Content] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, location: str, read: Callable[[], _Content]) -> _Content:
        """What the file at ``location`` holds: as it was read before, else what ``read`` gives now.

        The content is shared: who gets it doesn't change it.
        """
        key = (location, file_version(location))
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        content = read()
        with self._lock:
            self._known[key] = content
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return content


_tables: Remembered[TableMetadata] = Remembered()


@cache
def remember_metadata() -> None:
    """Make PyIceberg's catalogs keep the metadata files that they read, the last ones. Safe to call again."""
    from pyiceberg.serializers import FromInputFile

    FromInputFile.table_metadata = staticmethod(_remembering(FromInputFile.table_metadata))  # type: ignore[method-assign]


def _remembering(read: Any) -> Any:
    @wraps(read)
    def table_metadata(input_file: InputFile, *more: Any, **named: Any) -> TableMetadata:
        return _tables.read(input_file.location, lambda: read(input_file, *more, **named))

    return table_metadata


def file_version(location: str) -> tuple[int, ...]:
    """What tells one local file from another at the same place; nothing for files in object stores."""
    scheme, colon, path = location.partition(":")
    if colon and scheme != "file":
        return ()
    try:
        found = Path("/" + path.lstrip("/") if colon else location).stat()
    except OSError:  # reading it says what is wrong
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns
