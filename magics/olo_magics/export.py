"""``%olo export``: a result to a file."""

from __future__ import annotations

import time
from pathlib import Path

from olo_converters.magic_line import LineError, read_line
from olo_jupyter.lakehouse.engines.base import Progress
from olo_jupyter.lakehouse.export import FORMATS
from olo_jupyter.lakehouse.export import export as write
from olo_jupyter.lakehouse.preflight import size_text
from olo_magics.chart import named_result
from olo_magics.kernel import Kernel
from olo_magics.progress import shown_progress


def export(kernel: Kernel, line: str, cell: str | None) -> None:
    """``%olo export RESULT FILE [--overwrite]``: write a result to FILE.csv, FILE.csv.gz or FILE.parquet.

    The file is written whole or not at all. A result that ``--limit`` cut off says so.
    """
    words = read_line(line, (), ("--overwrite",))
    if len(words.rest) != 2:
        raise LineError(
            "Name a result and a file.", hint=f"%olo export delays delays.csv (endings: {', '.join(FORMATS)})"
        )
    result, path = named_result(kernel, words.rest[0]), Path(words.rest[1]).expanduser()
    started = time.monotonic()
    with shown_progress() as on_progress:
        size = write(
            result,
            path,
            overwrite="--overwrite" in words.flags,
            on_rows=lambda rows, total: on_progress(
                Progress("writing", rows / total, rows=rows, seconds=time.monotonic() - started)
            ),
        )
    print(f"{len(result):,} rows, {size_text(size)} written to {path}.")
    if result.truncated:
        print("The result was cut off by --limit: the file doesn't hold all rows of the query.")
    if result.masked:
        print(f"The file holds restricted columns in clear: {', '.join(result.masked)}.")
