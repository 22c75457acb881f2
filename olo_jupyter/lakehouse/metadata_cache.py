"""Metadata files of tables, kept once they are read: Iceberg never changes one, each commit writes a new one.

Reading one anew for each table of each statement took longer than many a query. A local file is looked at all the same,
so that one that was replaced or removed by hand is noticed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyiceberg.io import InputFile
    from pyiceberg.table.metadata import TableMetadata

_REMEMBERED = 256
_known: OrderedDict[tuple[str, tuple[int, ...]], TableMetadata] = OrderedDict()
_lock = threading.Lock()


@cache
def remember_metadata() -> None:
    """Make PyIceberg's catalogs keep the metadata files that they read, the last ones. Safe to call again."""
    from pyiceberg.serializers import FromInputFile

    FromInputFile.table_metadata = staticmethod(_remembering(FromInputFile.table_metadata))  # type: ignore[method-assign]


def _remembering(read: Any) -> Any:
    @wraps(read)
    def table_metadata(input_file: InputFile, *more: Any, **named: Any) -> TableMetadata:
        key = (input_file.location, file_version(input_file.location))
        with _lock:
            if key in _known:
                _known.move_to_end(key)
                return _known[key]
        metadata: TableMetadata = read(input_file, *more, **named)
        with _lock:
            _known[key] = metadata
            while len(_known) > _REMEMBERED:
                _known.popitem(last=False)
        return metadata

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
