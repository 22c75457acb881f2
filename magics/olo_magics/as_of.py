"""The notebook-wide pin."""

from __future__ import annotations

from typing import Any

from olo_jupyter.errors import OloError
from olo_jupyter.lakehouse.time_travel import parse_when
from olo_magics.kernel import Kernel


def as_of(kernel: Kernel, line: str, cell: str | None) -> Any:
    """``%olo as-of WHEN``: from here on every table without a pin of its own is read as it was then.

    WHEN is a date or a time (UTC where it names no zone): ``2026-01-31``, ``2026-01-31 12:00``, or the name of a tag or
    branch. ``%olo as-of`` shows the pin, ``%olo as-of --clear`` takes it back.
    """
    if line == "--clear":
        kernel.as_of = ""
        kernel.session.as_of = None
        print("Reading the present again.")
    elif line.startswith("-"):
        raise OloError(
            f"There is no option {line}.", code="magic-line", hint="Write a time, a tag or a branch, or --clear."
        )
    elif line:
        kernel.session.as_of = parse_when(line.strip("'\""))
        kernel.as_of = line.strip("'\"")
        print(f"Reading everything as of {kernel.as_of}.")
    else:
        print(f"Reading everything as of {kernel.as_of}." if kernel.as_of else "No pin: reading the present.")
