"""Position delete files as other engines write them, in PyIceberg's scan.

PyIceberg 0.12 asks Arrow for the file paths as a dictionary, which Arrow can't make of the encoding that Trino writes
(DELTA_LENGTH_BYTE_ARRAY): every table that Trino deleted from would be unreadable. Reading them plainly works for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pyiceberg.io import FileIO
    from pyiceberg.manifest import DataFile


def read_positions(io: FileIO, data_file: DataFile) -> dict[str, pa.ChunkedArray]:
    """The deleted positions in a Parquet delete file, by data file."""
    with io.new_input(data_file.file_path).open() as stream:
        table = pq.read_table(stream, columns=["file_path", "pos"])
    paths = table["file_path"]
    return {path.as_py(): table.filter(pc.equal(paths, path))["pos"] for path in paths.unique()}


def teach_pyiceberg() -> None:
    """Let PyIceberg's scan read Parquet delete files by :func:`read_positions`. Safe to call again."""
    from pyiceberg.io import pyarrow as scans
    from pyiceberg.manifest import FileFormat

    original: Any = scans._read_deletes
    if getattr(original, "plain", False):
        return

    def read_deletes(io: FileIO, data_file: DataFile) -> Any:
        plain = data_file.file_format == FileFormat.PARQUET
        return read_positions(io, data_file) if plain else original(io, data_file)

    read_deletes.plain = True  # type: ignore[attr-defined]
    scans._read_deletes = read_deletes
